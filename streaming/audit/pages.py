"""Served = landed: every page of the feed that the source calls confirmed lies in landing, and with the bytes that the source sent."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from conf.places import page_key
from streaming.audit import sheets
from streaming.audit.findings import Findings
from streaming.audit.sheets import Sheet
from streaming.audit.snapshot import Row, Snapshot

CONFIRMED = pa.schema([("number", pa.int64()), ("sha256", pa.string()), ("dataset", pa.string()), ("key", pa.string())])

# An entry refers to a page by its key or by its metadata. Without a digest (version 0.1, or bytes that were never read) the key
# is all there is.
_NOT_LANDED = """
WITH entry AS (
  SELECT name, source_dataset, source_page, coalesce(content_sha256, source_sha256) AS sha256,
    state IN ('loaded', 'quarantined') AS is_there
  FROM entered WHERE kind = 'object'
), found AS (
  SELECT number, entry.sha256, is_there FROM {pages} AS page JOIN entry ON page.key = entry.name
  UNION ALL
  SELECT number, entry.sha256, is_there FROM {pages} AS page JOIN entry
  ON page.number = entry.source_page AND page.dataset = entry.source_dataset AND page.key <> entry.name
  {waiting}
)
SELECT page.number, page.key, page.sha256, bool_or(is_there) AS is_there, min(found.sha256) AS other
FROM {pages} AS page LEFT JOIN found ON page.number = found.number
GROUP BY page.number, page.key, page.sha256
HAVING NOT coalesce(bool_or(is_there AND coalesce(found.sha256, page.sha256) = page.sha256), false)
"""
_WAITING = "UNION ALL SELECT number, NULL, true FROM {pages} AS page JOIN {undecided} AS waits ON page.key = waits.key"


class Confirmed(NamedTuple):
    """The source's confirmed pages: those of the feed, in files, and how many others there are."""

    of_feed: Sheet
    others: int


def confirmed(pages: Iterable[dict[str, Any]], dataset: str, prefix: str, folder: Path) -> Confirmed:
    """The source's confirmed pages. Those of the feed have keys that begin with `prefix`; the query reads no others."""
    others = 0

    def of_feed() -> Iterator[tuple[int, str, str, str]]:
        nonlocal others
        for one in pages:
            key = page_key(dataset, one["number"])
            if key.startswith(prefix):
                yield one["number"], one["sha256"], dataset, key
            else:
                others += 1

    sheet = sheets.write(of_feed(), CONFIRMED, folder, "confirmed")
    return Confirmed(sheet, others)


def name_unlanded(snapshot: Snapshot, pages: Sheet, undecided: Sheet, findings: Findings) -> None:
    """Every page has landed with its bytes; each that has not is a finding. `undecided` has the keys without an outcome."""
    waiting = list(snapshot.add(undecided))
    for table in snapshot.add(pages):
        joins = " ".join(_WAITING.format(pages=table, undecided=one) for one in waiting)
        for row in snapshot.rows(_NOT_LANDED.format(pages=table, waiting=joins)):
            findings.add(*_finding(row))


def _finding(row: Row) -> tuple[str, str, str]:
    who = f"page {row['number']} ({row['key']})"
    if row["is_there"]:
        return "other_bytes", who, f"landed with sha256 {row['other']}, the source sent {row['sha256']}"
    if row["is_there"] is None:
        return "unlanded", who, f"confirmed with sha256 {row['sha256']}, and nothing in landing is this page"
    return "unlanded", who, "its object was gone before it could be read"
