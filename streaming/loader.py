"""One micro-batch: take in, skip what is decided, decide on executors, commit the decision, roll it forward."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from conf.tables import LEDGER, MESSAGES, QUARANTINE, TABLES
from streaming.decide import spark_tasks
from streaming.decide.isolation import Isolation
from streaming.decide.put_off import PutOff
from streaming.decide.slices import Item, cut
from streaming.decide.worker import Job, Written
from streaming.events.intake import Announced, DeadLetter, Intake, Sources, take_in
from streaming.events.records import VacuumAsked
from streaming.ledger.books import Books
from streaming.ledger.decisions import Decision, Mark
from streaming.ledger.log import RefusedError
from streaming.offsets import ranges, records
from streaming.page.parser import CLEANER_VERSION
from streaming.rows import counts
from streaming.rows.stamp import Stamp

log = logging.getLogger(__name__)

# Object keys that a commit's metadata names, beside the number of all entries; the ledger has all keys by decision.
KEYS_NAMED = 20


@dataclass(frozen=True)
class Caps:
    """What one micro-batch may hold at a time."""

    slice_items: int
    slice_bytes: int


@dataclass(frozen=True)
class Loader:
    """Gives each object version and each unreadable record of a micro-batch its outcome, exactly once."""

    spark: SparkSession
    books: Books
    sources: Sources
    caps: Caps
    job: Callable[[Stamp], Job]
    on_full_pass: Callable[[], None]
    on_vacuum: Callable[[VacuumAsked], None]
    put_off: PutOff = field(default_factory=PutOff)

    def __call__(self, frame: DataFrame, batch_id: int) -> None:
        """Made for `foreachBatch`. What is already decided adds nothing, whichever query decided it."""
        found = records(frame)
        if not found:
            return
        intake, offsets = take_in(found, self.sources), ranges(found)
        if intake.full_pass_requested:
            self.on_full_pass()
        log.info(
            "batch %d: %d records, %d objects, %d repeated, %d ignored, %d dead letters",
            *(batch_id, len(found), len(intake.objects), intake.repeated, intake.ignored, len(intake.dead_letters)),
        )
        # Thousands of large records are held no longer than it takes to read them.
        del found
        while fresh := self._undecided(intake):
            try:
                self._decide(fresh, batch_id, offsets)
            except RefusedError as refusal:
                log.warning("another query was first: %s. What it has not decided is decided again", refusal)
                self.books.catch_up()
            else:
                break
        # If the query is killed before the end of the batch, it reads the request again.
        for asked in intake.vacuums:
            self.on_vacuum(asked)

    def _undecided(self, intake: Intake) -> list[Item]:
        asked: list[Announced | DeadLetter] = [*intake.objects, *intake.dead_letters]
        fresh = self.put_off.due(self.books.index.undecided([one.decision_identity for one in asked]))
        return [item for one in asked if one.decision_identity in fresh for item in self._items(one)]

    def _items(self, asked: Announced | DeadLetter) -> list[Item]:
        """The item that decides this; none for a replay with nothing to decide."""
        if isinstance(asked, DeadLetter) or asked.revision == 1:
            return [Item(asked)]
        replay = self.books.unresolved(asked.identity, asked.revision)
        if replay is None:
            log.info("nothing is to be replayed of %s as revision %d", asked.key, asked.revision)
        return [Item(asked, replay=replay)] if replay else []

    def _decide(self, items: list[Item], batch_id: int, offsets: dict[str, list[int]]) -> None:
        mark = self.books.ledger.next_mark()
        job = self.job(Stamp(*mark, batch_id, datetime.now(UTC), CLEANER_VERSION))
        context = self.spark.sparkContext
        context.setJobDescription(f"batch {batch_id}: decide {len(items)} objects (decision {mark.number})")
        slices = cut(items, self.caps.slice_items, self.caps.slice_bytes, context.defaultParallelism)
        name = f"{mark.number:012d}-{mark.id}"
        isolation = Isolation(lambda named: spark_tasks.run(context, job, named), name, self.books.patience)
        isolation.decide(slices)
        for item in isolation.put_off:
            seconds = self.put_off.note(item.what.decision_identity)
            log.error(
                "%s is put off. It is tried again after %d s, when it is announced or asked for again",
                item.what,
                seconds,
            )
        if not any(LEDGER.name in one.files for one in isolation.written):
            return
        about = {"batch": batch_id, "offsets": offsets} | _about(items, isolation.written)
        left = {item.what.decision_identity for item in isolation.put_off}
        left |= {one for written in isolation.written for one in written.unchanged}
        made = [item.what.decision_identity for item in items if item.what.decision_identity not in left]
        self.books.enter(self._decision(mark, isolation.written, about), made)
        self.put_off.forget(made)

    def _decision(self, mark: Mark, written: Sequence[Written], about: dict[str, Any]) -> Decision:
        files = {table.name: [file for one in written for file in one.files.get(table.name, ())] for table in TABLES}
        return Decision(*mark, files=files, previous=self.books.ledger.previous(), about=about)


def _about(items: Sequence[Item], written: Sequence[Written]) -> dict[str, Any]:
    """What each commit of the decision says of it, for people."""
    rows = {table.name: sum(one.rows.get(table.name, 0) for one in written) for table in TABLES}
    keys = [item.what.key for item in items[:KEYS_NAMED] if isinstance(item.what, Announced)]
    return {
        "objects": rows[LEDGER.name],
        "keys": keys,
        "rows": rows[MESSAGES.name],
        "rows_quarantined": rows[QUARANTINE.name],
        "cleaner": CLEANER_VERSION,
        "hash_sum": str(sum(one.hash_sum for one in written)),
        **counts.total(one.counts for one in written),
    }
