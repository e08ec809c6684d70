"""A lake for the audit's tests: what lands is decided as the query decides it; rows can be damaged before they are written."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import md5, sha256
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Self

import obstore
import pyarrow as pa

from conf.places import page_key
from conf.tables import LEDGER, MESSAGES, QUARANTINE, TABLES, Table
from streaming.audit import landing, pages
from streaming.audit.certificate import Audit, Evidence, certify
from streaming.audit.landing import Landing
from streaming.events.intake import Announced, DeadLetter
from streaming.events.records import kafka_record
from streaming.feeds.feed import Feed
from streaming.feeds.table import messages_of
from streaming.ledger.decisions import Decision, Mark
from streaming.ledger.ensure import ensure
from streaming.ledger.log import Ledger
from streaming.ledger.place import Place
from streaming.ledger.projection import Projection
from streaming.page import parser
from streaming.patience import Patience
from streaming.rows import outcomes
from streaming.rows.files import DataFile, parquet, statistics
from streaming.rows.outcomes import Outcome, Outcomes, Told
from streaming.rows.stamp import Stamp
from tests.sms import SMS

Row = dict[str, Any]

BUCKET, TOPIC, DATASET = "landing", "landing-events", "sms"
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
LONG_AGO = NOW - timedelta(hours=1)
QUICK = Patience(first_seconds=0.001)
STATUS = {
    "origin": "generated",
    "pages_served": 0,
    "served_elsewhere": 0,
    "remaining": 0,
    "pages_unconfirmed": 0,
    "records_served": 0,
}


def page(*texts: str, rejected: int = 0) -> bytes:
    """A page with these texts, and so many records that are no messages behind them."""
    lines = [f"ham,{text}" for text in texts] + [f"eggs,not a label {number}" for number in range(rejected)]
    return "\n".join(["v1,v2", *lines, ""]).encode()


class Lake:
    """Tables in a folder, and what the source and the bucket say beside them."""

    def __init__(self, folder: Path, feed: Feed = SMS) -> None:
        self.folder, self.feed = folder, feed
        self.place = Place(str(folder / "tables"))
        ensure(self.place, feed)
        self.listed: list[Announced] = []
        self.confirmed: list[Row] = []
        self.waits: set[str] | None = set()
        self.number = 0
        self._begin()

    def land(self, content: bytes, key: str, version: str | None = "v1", found_by: Any = "notification") -> Announced:
        """An object version that is listed, and not decided."""
        etag = md5(content, usedforsecurity=False).hexdigest()
        place = (found_by, TOPIC, 0, len(self.listed))
        announced = Announced(BUCKET, key, version, etag, len(content), LONG_AGO, *place)
        self.listed.append(announced)
        return announced

    def load(self, content: bytes, key: str, told: Told | None = None, **named: Any) -> Announced:
        """The same, decided: its rows are in `entries`, `messages` and `rejected`."""
        return self.decide(self.land(content, key, **named), _outcome(content, self.feed, told or Told()))

    def decide(self, version: Announced, outcome: Outcome, replaces: int | None = None) -> Announced:
        """The rows of this outcome are in `entries`, `messages` and `rejected`."""
        self._add(lambda found: found.add(version, outcome, 1, replaces))
        return version

    def load_page(self, number: int, content: bytes) -> Announced:
        """A page that the source sent, with its description, and decided."""
        return self.load(content, page_key(DATASET, number), self.told(number, content))

    def told(self, number: int, content: bytes) -> Told:
        """The description of a page that the source sent."""
        digest = self.confirm(number, content)
        return Told(source_page=number, source_sha256=digest, source_dataset=DATASET)

    def confirm(self, number: int, content: bytes) -> str:
        """The source says that its client has this page; its digest."""
        digest = sha256(content).hexdigest()
        self.confirmed.append({"number": number, "sha256": digest})
        return digest

    def load_letter(self, value: bytes, offset: int = 7) -> None:
        """A record that cannot be read, decided."""
        letter = DeadLetter(kafka_record(TOPIC, 0, offset, value), "not_a_notification", "no JSON")
        self._add(lambda found: found.add_letter(letter, attempts=1))

    def enter(self) -> Decision:
        """The rows so far are the next decision: it stands, and is not rolled forward."""
        ledger = Ledger(self.place, QUICK)
        files = {table.name: self._written(table) for table in TABLES}
        decision = Decision(*self._mark, files=files, previous=ledger.previous())
        ledger.commit(decision)
        self._begin()
        return decision

    def roll_forward(self, decision: Decision) -> None:
        """Its rows are in both tables."""
        Projection(self.place, Ledger(self.place, QUICK).id, QUICK).roll_forward(decision)

    def commit(self) -> Self:
        """Both."""
        self.roll_forward(self.enter())
        return self

    def audit(self, *, deep: bool = False) -> Audit:
        """The audit of what was committed."""
        folder = Path(mkdtemp(dir=self.folder))
        confirmed = pages.confirmed(self.confirmed, DATASET, self.feed.prefix, folder)
        listed = landing.listing(self.listed, folder)
        seen = Landing(BUCKET, listed, NOW, self.waits)
        return certify(Evidence(STATUS, confirmed, seen, running=True), self.place, folder, deep=deep)

    def findings(self, *, deep: bool = False) -> list[tuple[str, str]]:
        """What is wrong, and with what."""
        return [(finding.what, finding.who) for finding in self.audit(deep=deep).findings]

    def _begin(self) -> None:
        self.number += 1
        self._mark = Mark(self.number, f"decision-{self.number}")
        self.entries: list[Row] = []
        self.messages: list[Row] = []
        self.rejected: list[Row] = []

    def _add(self, decided: Callable[[Outcomes], None]) -> None:
        found = Outcomes(Stamp(*self._mark, batch_id=self.number, decided_at=NOW, cleaner_version="2"), self.feed)
        decided(found)
        for table in TABLES:
            for rows in found.parts(table.name):
                self._rows(table.name).extend(rows.to_pylist())

    def _rows(self, table: str) -> list[Row]:
        return {LEDGER.name: self.entries, MESSAGES.name: self.messages, QUARANTINE.name: self.rejected}[table]

    def _written(self, table: Table) -> list[DataFile]:
        schema = messages_of(self.feed).schema if table is MESSAGES else table.schema
        rows = pa.Table.from_pylist(self._rows(table.name), schema=schema)
        if not rows.num_rows:
            return []
        content, name = parquet(rows), f"{self.number}.parquet"
        obstore.put(self.place.store(), f"{table.name}/{name}", content.to_pybytes())
        return [DataFile(name, content.size, statistics(rows))]


def _outcome(content: bytes, feed: Feed, told: Told) -> Outcome:
    try:
        return outcomes.loaded(content, parser.parse(content, feed), told)
    except parser.PageError as error:
        return outcomes.refused(content, error.rule, error.detail, told)
