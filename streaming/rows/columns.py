"""Rows of one table, collected column by column: Python keeps a list for what differs, and one value for what a page's rows share."""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import Any, NamedTuple, TypeVar

import numpy as np
import pyarrow as pa

from conf.tables import Table

Row = TypeVar("Row")

PART_BYTES = 28 << 20
"""About what the rows of one data file take in memory: 500 pages of a hundred messages become two files (measured)."""


class Run(NamedTuple):
    """Rows of one page: columns with a value for each row, values that all rows share, and about what they take in memory."""

    rows: int
    each: dict[str, Sequence[Any]]
    all_alike: dict[str, Any]
    size: int


class Columns:
    """The columns of a table under construction."""

    def __init__(self, table: Table) -> None:
        self._schema = table.schema
        self._runs: list[Run] = []

    def add(self, run: Run) -> None:
        """Add these rows. Columns that they do not name are null; `each` names the same columns at every call."""
        self._runs.append(run)

    def parts(self) -> Iterator[pa.Table]:
        """The rows so far, in the table's schema, as many runs at a time as one data file is to have."""
        for runs, _ in portions(self._runs, lambda run: run.size):
            yield self._arrow(runs)

    def _arrow(self, runs: Sequence[Run]) -> pa.Table:
        pages = pa.array(np.repeat(np.arange(len(runs)), [run.rows for run in runs]))
        return pa.Table.from_arrays([_column(field, runs, pages) for field in self._schema], schema=self._schema)


def portions(
    rows: Sequence[Row], size: Callable[[Row], int], whole: int | None = None
) -> Iterator[tuple[Sequence[Row], int]]:
    """Yield the rows in portions of at most `PART_BYTES`, and the size of each; a larger row gets a portion of its own.

    `whole` is the size of all rows, where that is known: when they fit, no row is looked at.
    """
    if not rows:
        return
    if whole is not None and whole <= PART_BYTES:
        yield rows, whole
        return
    start = held = 0
    for index, row in enumerate(rows):
        one = size(row)
        if index > start and held + one > PART_BYTES:
            yield rows[start:index], held
            start, held = index, 0
        held += one
    yield rows[start:], held


def _column(field: pa.Field, runs: Sequence[Run], pages: pa.Array) -> pa.Array:
    if field.name in runs[0].each:
        return pa.array(list(chain.from_iterable(run.each[field.name] for run in runs)), field.type)
    # Arrow repeats a page's value for each row: converting each in Python would take most of the time.
    return pa.array([run.all_alike.get(field.name) for run in runs], field.type).take(pages)
