"""Rows of one table, collected column by column: Python keeps one list a column, not one dictionary a row."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from conf.tables import Table


class Columns:
    """The columns of a table under construction."""

    def __init__(self, table: Table) -> None:
        self._schema = table.schema
        self._values: dict[str, list[Any]] = {name: [] for name in table.schema.names}

    def add(self, rows: int, each: dict[str, Sequence[Any]], all_alike: dict[str, Any]) -> None:
        """Add this many rows: `each` has a value for each of them, `all_alike` one for all. What is not named is null."""
        for name, values in self._values.items():
            values.extend(each[name] if name in each else [all_alike.get(name)] * rows)

    def arrow(self) -> pa.Table:
        """The rows so far, in the table's schema."""
        arrays = [pa.array(self._values[field.name], field.type) for field in self._schema]
        return pa.Table.from_arrays(arrays, schema=self._schema)
