"""The bucket's listing and the source's books, which have no table of their own, as Parquet files for the time of an audit.

They are compared with the tables in SQL, so memory does not depend on their size.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

# Rows in one file. A query holds one such file in memory and streams the tables past it.
ROWS = 100_000
# Rows that are Python objects at a time.
_AT_ONCE = 5_000


class Sheet(NamedTuple):
    """Rows in files of up to `ROWS` each, and how many there are."""

    files: list[Path]
    rows: int


def write(rows: Iterable[tuple[Any, ...]], schema: pa.Schema, folder: Path, name: str) -> Sheet:
    """All of these rows, taken one after the other."""
    left = iter(rows)
    files: list[Path] = []
    written = 0
    while first := list(islice(left, min(_AT_ONCE, ROWS))):
        file = folder / f"{name}_{len(files)}.parquet"
        written += _fill(file, first, left, schema)
        files.append(file)
    return Sheet(files, written)


def _fill(file: Path, first: list[tuple[Any, ...]], left: Iterator[tuple[Any, ...]], schema: pa.Schema) -> int:
    written = 0
    with pq.ParquetWriter(file, schema) as writer:
        some = first
        while some:
            writer.write_table(_columns(some, schema))
            written += len(some)
            some = list(islice(left, min(_AT_ONCE, ROWS - written)))
    return written


def _columns(rows: list[tuple[Any, ...]], schema: pa.Schema) -> pa.Table:
    columns = zip(*rows, strict=True)
    arrays = [pa.array(values, field.type) for values, field in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)
