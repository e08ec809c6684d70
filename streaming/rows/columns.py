"""Rows of one table, collected column by column: Python keeps a list for what differs, and one value for what a page's rows share."""

from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np
import pyarrow as pa

from conf.tables import Table


class Columns:
    """The columns of a table under construction."""

    def __init__(self, table: Table) -> None:
        self._schema = table.schema
        self._counts: list[int] = []
        self._each: list[dict[str, Sequence[Any]]] = []
        self._all_alike: list[dict[str, Any]] = []

    def add(self, rows: int, each: dict[str, Sequence[Any]], all_alike: dict[str, Any]) -> None:
        """Add this many rows: `each` has a value for each of them, `all_alike` one for all. What is not named is null.

        `each` names the same columns at every call.
        """
        if rows:
            self._counts.append(rows)
            self._each.append(each)
            self._all_alike.append(all_alike)

    def arrow(self) -> pa.Table:
        """The rows so far, in the table's schema."""
        pages = pa.array(np.repeat(np.arange(len(self._counts)), self._counts))
        return pa.Table.from_arrays([self._column(field, pages) for field in self._schema], schema=self._schema)

    def _column(self, field: pa.Field, pages: pa.Array) -> pa.Array:
        if self._each and field.name in self._each[0]:
            return pa.array(list(chain.from_iterable(each[field.name] for each in self._each)), field.type)
        # One value a page becomes one a row in Arrow: in Python the conversion of each would take most of the time.
        return pa.array([alike.get(field.name) for alike in self._all_alike], field.type).take(pages)
