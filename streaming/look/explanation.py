"""What made a version of `messages`, and what changed from the version before."""

from collections.abc import Iterator
from itertools import chain, groupby
from typing import Any

import pyarrow as pa
from deltalake import DeltaTable

from streaming.look.printing import in_words
from streaming.look.question import Row, Tables
from streaming.look.versions import Version

ENTRY = """l.decision, l.decision_id, l.decided_at, l.batch_id, l.cleaner_version, l.state, l.source_bucket, l.source_key, l.source_version,
  l.source_etag, l.content_sha256, l.size, l.landed_at, l.source_page, l.source_records, l.source_sha256, l.source_dataset,
  l.source_origin, l.found_by, l.records, l.rows_loaded, l.rows_recovered, l.rows_quarantined, l.kafka_topic, l.kafka_partition,
  l.kafka_offset"""
"""What the ledger, as `l`, says of an object version."""

_ORDER = "ORDER BY l.decision, l.source_dataset, l.source_page, l.source_key, l.source_version"
_DECIDED = f"SELECT {ENTRY} FROM ledger l WHERE l.kind = 'object' AND l.decision = {{decision}} {_ORDER} LIMIT {{most}}"
_DECIDED_TOTAL = "SELECT count(*) AS objects FROM ledger WHERE kind = 'object' AND decision = {decision}"
# From the rows themselves: the ledger is asked about the objects that have some. Rows of version 0.1 were taken over as decision 1.
_HELD = """WITH held AS (
  SELECT source_key, coalesce(source_version, source_etag) AS version, coalesce(decision, 1) AS of_decision, count(*) AS rows_held
  FROM messages GROUP BY 1, 2, 3
), l AS (SELECT * FROM ledger WHERE kind = 'object'), found AS (
  SELECT held.source_key AS held_key, held.version AS held_version, rows_held, of_decision, l.*
  FROM held LEFT JOIN l ON held.source_key = l.source_key AND held.version = coalesce(l.source_version, l.source_etag)
    AND held.of_decision = coalesce(l.decision, 1)
)
"""
_WHOLE = f"{_HELD} SELECT {ENTRY}, held_key, held_version, rows_held FROM found l {_ORDER} LIMIT {{most}}"
_TOTALS = f"""{_HELD} SELECT count(*) AS objects, count(DISTINCT of_decision) AS decisions, min(of_decision) AS first_decision,
  max(of_decision) AS last_decision, coalesce(sum(rows_held), 0) AS rows, coalesce(sum(rows_recovered), 0) AS rows_recovered,
  count(*) FILTER (WHERE source_page IS NULL) AS objects_without_page FROM found"""
_PAGES = f"""{_HELD} SELECT source_dataset, source_page, count(*) OVER (PARTITION BY source_dataset) AS pages
FROM (SELECT DISTINCT source_dataset, source_page FROM found WHERE source_page IS NOT NULL)
ORDER BY source_dataset, source_page"""


def explain(tables: Tables, *, whole: bool, most: int) -> dict[str, Any]:
    """The commit of the version that the tables are open at, and all that the version is made of.

    Lists at most `most` objects: those of the commit's decision, or with `whole` all that have rows in the version. Counts
    are of all.
    """
    commit = tables.versions.commit(tables.version)
    decision = tables.versions.decision(commit)
    objects: list[Row] = []
    total = 0
    made_of = tables.only(_TOTALS) | {"pages": list(_pages(tables)), "rows_in_files": rows_in(tables.messages)}
    if whole:
        objects, total = list(tables.rows(_WHOLE.format(most=most))), made_of["objects"]
    elif decision is not None:
        objects = list(tables.rows(_DECIDED.format(decision=decision, most=most)))
        total = tables.only(_DECIDED_TOTAL.format(decision=decision))["objects"]
    changed = _changed(commit, decision)
    return changed | {"made_of": made_of, "whole": whole, "objects_total": total, "objects": objects}


def rows_in(table: DeltaTable) -> int:
    """The number of rows in a version, as its files say."""
    files = pa.table(table.get_add_actions(flatten=True))
    return sum(count or 0 for count in files["num_records"].to_pylist())


def _changed(commit: Version, decision: int | None) -> dict[str, Any]:
    return {
        "version": commit.number,
        "committed_at": commit.committed_at,
        "what": _what(commit, decision),
        "operation": commit.operation,
        "engine": commit.engine,
        "decision": decision,
        "decision_id": commit.said.get("id") if decision else None,
        "batch": commit.said.get("batch") if decision else None,
        "writer": commit.said.get("writer") if decision else None,
        "changes_rows": commit.changes_rows,
        "rows_added": commit.rows_added,
        "files_added": len(commit.added),
        "files_removed": len(commit.removed),
    }


def _what(commit: Version, decision: int | None) -> str:
    """Decided by what the commit does, not by its operation's name: each engine has names of its own."""
    if commit.changes_rows:
        return "decision" if decision else "change"
    if commit.added or commit.removed:
        return "compaction"
    return "creation" if commit.operation.startswith("CREATE") else "properties"


def _pages(tables: Tables) -> Iterator[dict[str, Any]]:
    """The page numbers of each data set. Objects that are not pages have neither."""
    for dataset, rows in groupby(tables.rows(_PAGES), lambda row: row["source_dataset"]):
        first = next(rows)
        numbers = in_words(row["source_page"] for row in chain([first], rows))
        yield {"dataset": dataset, "pages": first["pages"], "numbers": numbers}
