"""Counts of a decision's repaired, rescued, warned-of and rejected rows, by rule, for the metadata of its commits."""

from collections import Counter
from collections.abc import Iterable, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from conf.tables import MESSAGES, QUARANTINE
from streaming.feeds.feed import WARNINGS

Counts = Mapping[str, Mapping[str, int]]
"""By what happened to rows (`repairs`, `warnings`, `rejected`, `rescued`) and by rule; what did not happen is left out."""

_COUNTED = (
    ("repairs", MESSAGES.name, "repair"),
    ("warnings", MESSAGES.name, WARNINGS.name),
    ("rejected", QUARANTINE.name, "rule"),
)


def of(table: str, rows: pa.Table) -> Counts:
    """The counts of these rows of a table. A row with several rules counts for each."""
    found = {
        what: _by_rule(rows[column]) for what, name, column in _COUNTED if name == table and column in rows.schema.names
    }
    if table == MESSAGES.name:
        found["rescued"] = Counter(rows=rows.num_rows - rows["rescued"].null_count)
    return _without_nothing(found)


def total(counts: Iterable[Counts]) -> Counts:
    """Their sums."""
    sums: dict[str, Counter[str]] = {}
    for one in counts:
        for what, by_rule in one.items():
            sums.setdefault(what, Counter()).update(by_rule)
    # Plain dicts: from a Counter, `dataclasses.asdict` makes a Counter of pairs, not of counts.
    return {what: dict(by_rule) for what, by_rule in sums.items()}


def _by_rule(rules: pa.ChunkedArray) -> Counter[str]:
    found: Counter[str] = Counter()
    for one in pc.value_counts(rules).to_pylist():
        for rule in (one["values"] or "").split("+"):
            found[rule] += one["counts"]
    del found[""]
    return found


def _without_nothing(found: Mapping[str, Mapping[str, int]]) -> Counts:
    filled = {what: {rule: count for rule, count in by_rule.items() if count} for what, by_rule in found.items()}
    return {what: by_rule for what, by_rule in filled.items() if by_rule}
