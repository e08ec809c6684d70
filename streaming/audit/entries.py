"""The ledger by itself: the number of each outcome, and whether anything was decided twice."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from streaming.audit.findings import Findings
from streaming.audit.outcomes import who
from streaming.audit.snapshot import Snapshot

# Entries that one query sorts: these bound its memory, the ledger's size does not. 10^6 entries: 400 MB (measured).
SLICE_ENTRIES = 250_000
_SLICES = 256

_IDENTITY = "kind, place, name, version, bytes"
# A replayed object has entries of a higher revision. The newest gives its state, all of them together give its rows: a replay of a
# loaded object is about records that were in quarantine and no longer are.
_NEWEST = f"""
SELECT kind, state, count(*) AS entries, sum(rows) AS rows, sum(recovered) AS recovered, sum(rows_quarantined) AS rows_quarantined,
  sum(reconciled) AS reconciled
FROM (
  SELECT kind, state, row_number() OVER (PARTITION BY {_IDENTITY} ORDER BY revision DESC, decision DESC) AS age,
    sum(rows_loaded - rows_recovered) OVER (PARTITION BY {_IDENTITY}) AS rows,
    sum(rows_recovered) OVER (PARTITION BY {_IDENTITY}) AS recovered,
    sum(rows_quarantined - CASE WHEN before = 'loaded' THEN records ELSE 0 END) OVER (PARTITION BY {_IDENTITY}) AS rows_quarantined,
    max(CASE WHEN found_by = 'reconcile' THEN 1 ELSE 0 END) OVER (PARTITION BY {_IDENTITY}) AS reconciled
  FROM (
    SELECT *, CASE WHEN revision > 1 THEN lag(state) OVER (PARTITION BY {_IDENTITY} ORDER BY revision, decision) END AS before
    FROM (
      SELECT *, row_number() OVER (PARTITION BY {_IDENTITY}, revision ORDER BY decision DESC) AS nth FROM entered WHERE {{within}}
    ) WHERE nth = 1
  )
) WHERE age = 1 GROUP BY kind, state
"""
_TWICE = f"""
SELECT {_IDENTITY}, revision, count(*) AS times, min(decision) AS first, max(decision) AS last
FROM entered WHERE {{within}} GROUP BY {_IDENTITY}, revision HAVING count(*) > 1
"""


@dataclass
class Standing:
    """How many object versions have which outcome, and the records that make up their rows."""

    states: Counter[str] = field(default_factory=Counter)
    rows: int = 0
    recovered: int = 0
    rows_quarantined: int = 0
    reconciled: int = 0
    dead_letters: int = 0


def standing(snapshot: Snapshot) -> Standing:
    """The newest outcome of everything in the ledger."""
    found = Standing()
    for within in _slices(snapshot):
        for row in snapshot.rows(_NEWEST.format(within=within)):
            if row["kind"] == "record":
                found.dead_letters += row["entries"]
                continue
            found.states[row["state"]] += row["entries"]
            found.reconciled += row["reconciled"] or 0
            found.rows += row["rows"] or 0
            found.recovered += row["recovered"] or 0
            found.rows_quarantined += row["rows_quarantined"] or 0
    return found


def name_twice_decided(snapshot: Snapshot, findings: Findings) -> None:
    """No object version and no record has two entries of one revision."""
    for within in _slices(snapshot):
        for row in snapshot.rows(_TWICE.format(within=within)):
            times, revision = row["times"], row["revision"]
            detail = f"{times} entries of revision {revision}, in decisions {row['first']} and {row['last']}"
            findings.add("decided_twice", who(row), detail)


def _slices(snapshot: Snapshot) -> Iterator[str]:
    """Conditions: each entry meets one, and all entries of one name meet the same."""
    [counted] = snapshot.rows("SELECT count(*) AS entries FROM entered")
    parts = min(counted["entries"] // SLICE_ENTRIES + 1, _SLICES)
    if parts == 1:
        yield "true"
        return
    bounds = [_SLICES * part // parts for part in range(parts + 1)]
    for low, beyond in pairwise(bounds):
        yield f"left(md5(name), 2) BETWEEN '{low:02x}' AND '{beyond - 1:02x}'"
