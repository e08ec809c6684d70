"""Entries in quarantine that no replay has resolved: how many by rule, and the newest with their bytes and where they came from."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from streaming.audit.views import quoted
from streaming.errors import LookError
from streaming.ledger import unresolved
from streaming.look.question import Row, Tables

# Records, which version 0.1 called notifications, are not replayed.
_UNRESOLVED = f"e.kind = 'record' OR e.kind = 'notification' OR ({unresolved.ENTRIES})"
_RULES = f"""
SELECT e.rule, e.kind, count(*) AS entries, max(e.seen_at) AS newest FROM quarantine e WHERE {_UNRESOLVED}
GROUP BY e.rule, e.kind ORDER BY 3 DESC, 1, 2
"""
# Newest first. Entries of one moment keep the order of their page.
ENTRIES = """
SELECT kind, rule, detail, source_bucket, source_key, source_version, source_etag, content_sha256, source_row, kafka_topic,
  kafka_partition, kafka_offset, decision, seen_at, batch_id, cleaner_version, raw_size, raw
FROM quarantine e WHERE {condition}
ORDER BY seen_at DESC, decision DESC, source_key, source_version, source_row, kafka_partition, kafka_offset LIMIT {most}
"""


class Quarantined(NamedTuple):
    """The number of entries by rule, and some of the entries."""

    rules: list[Row]
    entries: Iterator[Row]


def look(tables: Tables, rule: str | None, most: int) -> Quarantined:
    """The rules with their counts, and at most `most` entries, of one rule or of all. Raises `LookError` for a rule without entries."""
    rules = list(tables.rows(_RULES))
    if rule is not None and rule not in (known := {one["rule"] for one in rules}):
        raise LookError(
            f"Nothing in quarantine breaks the rule {rule!r}. There are: {', '.join(sorted(known)) or 'none'}."
        )
    condition = f"({_UNRESOLVED})" if rule is None else f"({_UNRESOLVED}) AND rule = {quoted(rule)}"
    return Quarantined(
        [one for one in rules if rule in (None, one["rule"])],
        tables.rows(ENTRIES.format(condition=condition, most=most)),
    )


def origin(entry: dict[str, Any]) -> str:
    """Where an entry or a row came from, in words."""
    if entry["source_key"] is None:
        topic = entry["kafka_topic"] or "a record"
        return f"{topic} partition {entry['kafka_partition']} offset {entry['kafka_offset']}"
    row = "" if entry.get("source_row") is None else f" row {entry['source_row']}"
    part = f" part {entry['source_part']}" if entry.get("source_part") else ""
    return f"{entry['source_key']} version {entry['source_version'] or entry['source_etag']}{row}{part}"
