"""Each ledger entry compared with its rows: their numbers, and their content by the sums of the row hashes."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

from streaming.audit.findings import Findings
from streaming.audit.snapshot import Row, Snapshot
from streaming.audit.unreadable import named

# Rows that one query groups: these bound its memory, the tables' size does not. 10^6 rows of 10^4 objects: 300 MB (measured).
SLICE_ROWS = 100_000


class Check(NamedTuple):
    """A number on which an entry and its rows must agree: two columns of `_COMPARED`, and what they count."""

    what: str
    found: str
    expected: str | None
    counts: str


# Only the first difference in each of these three groups is named: a missing row changes their sum as well.
LEDGER_CHECKS = (Check("records", "decided", "records", "records with an outcome"),)
MESSAGES_CHECKS = (
    Check("row_twice", "held_again", None, "rows in messages that are there already"),
    Check("rows", "held", "rows_loaded", "rows in messages"),
    Check("recovered", "held_parts", "rows_recovered", "recovered rows in messages"),
    Check("content", "held_sum", "hash_sum", "as the sum of the row hashes in messages"),
)
QUARANTINE_CHECKS = (
    Check("rejected", "refused_rows", "rows_quarantined", "rejected rows in quarantine"),
    Check("refused", "refused_whole", "quarantined", "objects or records in quarantine"),
    Check("rejected_content", "refused_sum", "quarantine_hash_sum", "as the sum of the row hashes in quarantine"),
)
GROUPS = (LEDGER_CHECKS, MESSAGES_CHECKS, QUARANTINE_CHECKS)
# Version 0.1 did not write this column: where it is null, nothing is compared with it.
_MAY_BE_NULL = "quarantine_hash_sum"

_ABOUT = "kind, place, name, version, of_decision"
_SUM = "sum(cast(row_hash AS decimal(38, 0)))"
_ENTRIES = f"""
SELECT {_ABOUT}, 1 AS entries, rows_loaded - rows_recovered + rows_quarantined AS decided, records, rows_loaded, rows_recovered,
  hash_sum, rows_quarantined, CASE WHEN state = 'quarantined' THEN 1 ELSE 0 END AS quarantined, quarantine_hash_sum
FROM entered WHERE {{within}}
"""
_HELD = f"""
SELECT {_ABOUT}, times AS held, CASE WHEN source_part > 0 THEN times ELSE 0 END AS held_parts, times - 1 AS held_again, held_sum
FROM (
  SELECT {_ABOUT}, source_row, source_part, count(*) AS times, {_SUM} AS held_sum
  FROM held WHERE {{within}} GROUP BY {_ABOUT}, source_row, source_part
)
"""
_REFUSED = f"""
SELECT {_ABOUT}, 1 AS refused, CASE WHEN of_kind = 'row' THEN 1 ELSE 0 END AS refused_rows,
  CASE WHEN of_kind IN ('object', 'record', 'notification') THEN 1 ELSE 0 END AS refused_whole,
  cast(row_hash AS decimal(38, 0)) AS refused_sum
FROM refused WHERE {{within}}
"""


def _sums() -> str:
    columns = ["entries", "refused"]
    for check in chain(*GROUPS):
        columns += [name for name in (check.found, check.expected) if name]
    return ", ".join(f"sum({name}) AS {name}" for name in columns)


def _differs(check: Check) -> str:
    expected = check.expected or "0"
    expected = expected if expected == _MAY_BE_NULL else f"coalesce({expected}, 0)"
    return f"coalesce({check.found}, 0) <> {expected}"


_COMPARED = f"""
SELECT * FROM (
  SELECT {_ABOUT}, {_sums()}
  FROM ({_ENTRIES} UNION ALL BY NAME {_HELD} UNION ALL BY NAME {_REFUSED}) GROUP BY {_ABOUT}
) WHERE entries IS NULL OR {" OR ".join(map(_differs, chain(*GROUPS)))}
"""
_SIZES = """
SELECT of_decision, count(*) + coalesce(sum(rows_loaded), 0) + coalesce(sum(rows_quarantined), 0) AS size
FROM entered GROUP BY of_decision ORDER BY of_decision
"""


@dataclass
class Compared:
    """How many entries are contradicted by their rows, and how many rows belong to no entry."""

    contradicted: int = 0
    unknown_rows: int = 0


def compare(snapshot: Snapshot, findings: Findings) -> Compared:
    """Each entry is compared with the rows of its decision, up to the newest one; each difference is a finding."""
    compared = Compared()
    for within in _slices(snapshot):
        with named(findings):
            for found in snapshot.rows(_COMPARED.format(within=within)):
                _count(found, compared, findings)
    return compared


def who(row: Row) -> str:
    """An object version or a record, as people look it up."""
    if row["kind"] == "record":
        return f"{row['place']}-{row['name']} offset {row['version']}"
    return f"{row['name']} version {row['version']}"


def _count(found: Row, compared: Compared, findings: Findings) -> None:
    if found["entries"]:
        compared.contradicted += 1
        _name(found, findings)
        return
    held, refused = found["held"] or 0, found["refused"] or 0
    compared.unknown_rows += held + refused
    detail = f"{held} rows in messages, {refused} in quarantine, no entry in the ledger"
    findings.add("unknown_rows", who(found), f"decision {found['of_decision']}: {detail}")


def _name(found: Row, findings: Findings) -> None:
    for group in GROUPS:
        if check := next((one for one in group if _is_wrong(one, found)), None):
            expected = found[check.expected] if check.expected else 0
            detail = f"{found[check.found] or 0} {check.counts}, expected {expected or 0}"
            findings.add(check.what, who(found), f"decision {found['of_decision']}: {detail}")


def _is_wrong(check: Check, found: Row) -> bool:
    expected = found[check.expected] if check.expected else 0
    if expected is None and check.expected == _MAY_BE_NULL:
        return False
    return bool((found[check.found] or 0) != (expected or 0))


def _slices(snapshot: Snapshot) -> Iterator[str]:
    """Conditions on `decision`, each for some of the rows; together they cover every row up to the newest decision.

    Rows of version 0.1 have no decision; all of them are in the first slice.
    """
    start, size = None, 0
    for row in snapshot.rows(_SIZES):
        if size and size + row["size"] > SLICE_ROWS:
            yield _within(start, row["of_decision"] - 1)
            start, size = row["of_decision"], 0
        size += row["size"]
    yield _within(start, max(snapshot.newest, 1))


def _within(start: int | None, end: int) -> str:
    return f"decision <= {end} OR decision IS NULL" if start is None else f"decision BETWEEN {start} AND {end}"
