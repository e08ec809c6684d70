"""The judge: each landed object version has exactly one outcome, and the tables hold its rows by content and no others.

It reads the bucket, the tables and what the load remembers, and nothing that the query says of itself.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from tests.faults import expected, tables
from tests.faults.bucket import Bucket
from tests.faults.expected import REJECTED, TEXT, Outcome
from tests.faults.landing import Identity, Landed, Load
from tests.faults.ministack import MiniStack
from tests.faults.records import Letter
from tests.faults.tables import SOURCE, Row

COUNTS = ("rows_loaded", "rows_recovered", "rows_quarantined")
KAFKA = ("kafka_topic", "kafka_partition", "kafka_offset")
SHOWN = 20


@dataclass
class Verdict:
    """What was counted, and every way in which it is not as it must be."""

    objects: int = 0
    rows: int = 0
    rejected: int = 0
    letters: int = 0
    digest: str = ""
    """Of all messages by content, wherever they lie and whatever MinIO calls their versions."""
    findings: list[str] = field(default_factory=list)

    def require_clean(self) -> None:
        """Raises `AssertionError` with the findings."""
        more = f"\n… and {len(self.findings) - SHOWN} more" if len(self.findings) > SHOWN else ""
        assert not self.findings, "\n".join(self.findings[:SHOWN]) + more


def examine(stack: MiniStack, load: Load) -> Verdict:
    """Compare everything with everything."""
    settings = stack.settings
    ledger = tables.rows(settings, "ledger", "kind", "state", "decision", *KAFKA, *SOURCE, *COUNTS)
    entries = [entry for entry in ledger if entry["kind"] == "object"]
    entered = [entry for entry in ledger if entry["kind"] == "record"]
    messages = tables.rows(settings, "messages", *SOURCE, *TEXT)
    refused = tables.rows(settings, "quarantine", "kind", *KAFKA, *SOURCE, *REJECTED)
    of_records = [row for row in refused if row["kind"] == "record"]
    of_objects = [row for row in refused if row["kind"] in ("object", "row")]
    outcomes = _Found(*map(tables.by_identity, (entries, messages, of_objects)))

    verdict = Verdict(len(entries), len(messages), len(of_objects), len(of_records), _digest(messages))
    bucket = Bucket(stack.client("stream"), settings.minio.landing_bucket)
    verdict.findings += bucket.differences(load.landed)
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(lambda landed: list(outcomes.wrong(landed, bucket)), load.landed):
            verdict.findings += found
    verdict.findings += outcomes.unknown({landed.identity for landed in load.landed})
    verdict.findings += _letters("quarantine", of_records, load.letters)
    verdict.findings += _letters("the ledger", entered, load.letters)
    verdict.findings += _gaps({entry["decision"] for entry in ledger})
    return verdict


@dataclass
class _Found:
    """The rows of each table by object version."""

    entries: dict[Identity, list[Row]]
    messages: dict[Identity, list[Row]]
    refused: dict[Identity, list[Row]]

    def wrong(self, landed: Landed, bucket: Bucket) -> Iterator[str]:
        """What is not as it must be with this object version."""
        entries = self.entries.get(landed.identity, [])
        if len(entries) != 1:
            yield f"{_name(landed)}: {len(entries)} entries in the ledger"
            return
        [entry] = entries
        possible = _possible(landed, bucket)
        if landed.deleted is not None and not landed.is_decided:
            possible.append(expected.VANISHED)
        found = self._outcome(landed.identity, entry["state"])
        if found in possible or (landed.expected != "as parsed" and _is_refused(found)):
            yield from _miscounted(landed, entry, found)
        else:
            yield f"{_name(landed)}: {_difference(found, possible)}"

    def unknown(self, known: set[Identity]) -> list[str]:
        """Rows of object versions that never landed."""
        everything = {"ledger": self.entries, "messages": self.messages, "quarantine": self.refused}
        return [
            f"{table} holds {len(rows)} rows of {identity!r}, which never landed"
            for table, grouped in everything.items()
            for identity, rows in grouped.items()
            if identity not in known
        ]

    def _outcome(self, identity: Identity, state: str) -> Outcome:
        messages = Counter(tuple(row[name] for name in TEXT) for row in self.messages.get(identity, []))
        rejected = Counter(tuple(row[name] for name in REJECTED) for row in self.refused.get(identity, []))
        return Outcome(state, messages, rejected)


def _possible(landed: Landed, bucket: Bucket) -> list[Outcome]:
    if landed.expected == "refused":
        return []
    try:
        return [expected.of(bucket.body(landed))]
    except Exception:
        if landed.expected == "as parsed":
            raise
        return []


def _is_refused(found: Outcome) -> bool:
    rows = [row for _, _, row in found.rejected.elements()]
    return found.state == "quarantined" and not found.messages and rows == [None]


def _miscounted(landed: Landed, entry: Row, found: Outcome) -> Iterator[str]:
    parts = [row[TEXT.index("source_part")] for row in found.messages.elements()]
    rejected = [row for _, _, row in found.rejected.elements() if row is not None]
    counted = (len(parts), sum(part > 0 for part in parts), len(rejected))
    told = tuple(entry[name] for name in COUNTS)
    if told != counted:
        yield f"{_name(landed)}: the ledger says {dict(zip(COUNTS, told, strict=True))}, there are {counted}"


def _difference(found: Outcome, possible: Sequence[Outcome]) -> str:
    if not possible:
        return f"{found.state} with {found.messages.total()} messages, not refused"
    [right, *_] = possible
    sides = {
        "lost": right.messages - found.messages,
        "too many": found.messages - right.messages,
        "lost in quarantine": right.rejected - found.rejected,
        "too many in quarantine": found.rejected - right.rejected,
    }
    told = [
        f"{len(list(rows.elements()))} {side}, as {next(iter(rows))!r:.200}" for side, rows in sides.items() if rows
    ]
    return f"state {found.state}, right is {right.state}; {'; '.join(told)}"


def _letters(table: str, found: list[Row], right: list[Letter]) -> list[str]:
    """Each record that cannot be read is in the table once, by its topic, partition and offset."""
    there = Counter(tuple(row[name] for name in KAFKA) for row in found)
    wanted = {(letter.topic, letter.partition, letter.offset): letter.name for letter in right}
    return [
        f"the record at {place} ({wanted.get(place, 'no dead letter')}) is {there[place]} times in {table}"
        for place in {*there, *wanted}
        if there[place] != int(place in wanted)
    ]


def _gaps(decisions: set[int]) -> list[str]:
    """Decisions are numbered without gaps."""
    missing = {*range(1, max(decisions, default=0) + 1)} - decisions
    return [f"the ledger has no decision {sorted(missing)}"] if missing else []


def _digest(messages: list[Row]) -> str:
    total = 0
    for row in messages:
        content = repr((row["source_key"], *(row[name] for name in TEXT)))
        total += int.from_bytes(
            hashlib.blake2b(content.encode("utf-8", "surrogatepass"), digest_size=16).digest(), "big"
        )
    return f"{len(messages)}-{total % (1 << 128):032x}"


def _name(landed: Landed) -> str:
    gone = ", deleted" if landed.deleted is not None else ""
    return f"{landed.key!r} ({landed.name}{gone}) {landed.version}"
