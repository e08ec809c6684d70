"""`--deep`: the hash of every row, computed again from its other columns in the same way as when the row was written."""

from collections.abc import Iterator
from typing import Any

from conf.tables import RAW_BYTES_KEPT
from streaming.audit.findings import Findings
from streaming.audit.outcomes import who
from streaming.audit.snapshot import Snapshot
from streaming.audit.unreadable import named
from streaming.audit.views import listed
from streaming.rows.digest import row_hash

# Rows read at a time: one of quarantine may hold 64 KB.
_ROWS_AT_ONCE = 1_000

_MESSAGES = """
SELECT source_key, coalesce(source_version, source_etag), row_hash, label, text, text_raw, repair, rescued,
  coalesce(content_sha256, source_version), source_row, source_part{own}
FROM messages WHERE decision <= {newest} OR decision IS NULL
"""
_QUARANTINE = """
SELECT source_key, coalesce(source_version, source_etag), coalesce(kafka_topic, split_part(detail, ':', 1)), kafka_partition,
  kafka_offset, row_hash, kind, rule, detail, raw, raw_size, coalesce(content_sha256, source_version), source_row
FROM quarantine WHERE decision <= {newest} OR decision IS NULL
"""


def compute_again(snapshot: Snapshot, findings: Findings) -> None:
    """Every row has the hash of what it holds, and what was rejected has its bytes; every exception is a finding."""
    snapshot.answer_in(_ROWS_AT_ONCE)
    with named(findings):
        _messages(snapshot, findings)
    with named(findings):
        _quarantine(snapshot, findings)


def _messages(snapshot: Snapshot, findings: Findings) -> None:
    names = snapshot.own_columns
    sql = _MESSAGES.replace("{own}", listed(names))
    for key, version, told, *said in _values(snapshot, sql):
        values, (content, row, part), own = said[:5], said[5:8], said[8:]
        if row_hash(*values, key, content, row, part, columns=dict(zip(names, own, strict=True))) != told:
            detail = f"row {row}, part {part} in messages: its row_hash is not that of what it holds"
            findings.add("row_hash", f"{key} version {version}", detail)


def _quarantine(snapshot: Snapshot, findings: Findings) -> None:
    rows = _values(snapshot, _QUARANTINE)
    for key, version, topic, partition, offset, told, kind, rule, detail, raw, size, content, row in rows:
        what = {"kind": "object", "name": key, "version": version}
        if key is None:
            what = {"kind": "record", "place": topic, "name": partition, "version": offset}
        place = f"{kind}{'' if row is None else f' {row}'} in quarantine, rule {rule}"
        hexed = None if raw is None else raw.hex()
        # Version 0.1 wrote no hash.
        if told is not None and row_hash(kind, rule, detail, hexed, key, content, row) != told:
            findings.add("row_hash", who(what), f"{place}: its row_hash is not that of what it holds")
        # An object's own bytes are in landing, and some are never read.
        if kind != "object" and len(raw or b"") < min(size or 0, RAW_BYTES_KEPT):
            findings.add("bytes_missing", who(what), f"{place}: {len(raw or b'')} bytes kept of {size}")


def _values(snapshot: Snapshot, sql: str) -> Iterator[tuple[Any, ...]]:
    for batch in snapshot.batches(sql.format(newest=max(snapshot.newest, 1))):
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)
