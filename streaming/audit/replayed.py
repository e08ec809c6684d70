"""Objects that were decided again: each of their rows is there once, and each resolution resolves an entry of quarantine."""

from streaming.audit.findings import Findings
from streaming.audit.outcomes import who
from streaming.audit.snapshot import Snapshot
from streaming.audit.unreadable import named

_ABOUT = "kind, place, name, version, source_row"
# All but a few objects have one decision; only those few are looked at.
_REPLAYED = "name IN (SELECT name FROM entered WHERE revision > 1) AND of_decision <= {newest}"
_TWICE = f"""
SELECT {_ABOUT}, source_part, count(*) AS times, min(of_decision) AS first, max(of_decision) AS last
FROM held WHERE {_REPLAYED} GROUP BY {_ABOUT}, source_part HAVING min(of_decision) < max(of_decision)
"""
_RESOLVED = f"""
SELECT * FROM (
  SELECT {_ABOUT}, sum(CASE WHEN of_kind = 'resolution' THEN 1 ELSE 0 END) AS resolutions,
    sum(CASE WHEN of_kind IN ('object', 'row') THEN 1 ELSE 0 END) AS entries
  FROM refused WHERE {_REPLAYED} GROUP BY {_ABOUT}
) WHERE resolutions > entries
"""


def check(snapshot: Snapshot, findings: Findings) -> None:
    """Each row that two decisions about one object have, and each resolution of nothing, is a finding."""
    with named(findings):
        _name_rows(snapshot, findings)
    with named(findings):
        _name_resolutions(snapshot, findings)


def _name_rows(snapshot: Snapshot, findings: Findings) -> None:
    for row in snapshot.rows(_TWICE.format(newest=snapshot.newest)):
        detail = (
            f"record {row['source_row']} is there {row['times']} times, in decisions {row['first']} to {row['last']}"
        )
        findings.add("row_twice", who(row), detail)


def _name_resolutions(snapshot: Snapshot, findings: Findings) -> None:
    for row in snapshot.rows(_RESOLVED.format(newest=snapshot.newest)):
        what = "the object" if row["source_row"] is None else f"record {row['source_row']}"
        detail = f"{row['resolutions']} resolutions of {what}, {row['entries']} entries in quarantine"
        findings.add("resolved_twice", who(row), detail)
