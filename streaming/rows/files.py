"""Data files of a Delta table: Parquet bytes, and what a commit says of each."""

import json
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq


@dataclass(frozen=True)
class DataFile:
    """A written file as a commit names it: its path below the table, size in bytes, and Delta's statistics as JSON."""

    path: str
    size: int
    stats: str


def parquet(rows: pa.Table) -> pa.Buffer:
    """The rows as one Parquet file."""
    out = pa.BufferOutputStream()
    pq.write_table(rows, out, compression="zstd")
    return out.getvalue()


def statistics(rows: pa.Table) -> str:
    """Row count, null counts, and the least and greatest whole numbers: readers skip files by them.

    Texts have no such bounds: they would have to be cut, and a cut greatest value is no longer the greatest.
    """
    numbers = [field.name for field in rows.schema if pa.types.is_integer(field.type)]
    bounds = {name: pc.min_max(rows[name]).as_py() for name in numbers}
    known = {name: found for name, found in bounds.items() if found["min"] is not None}
    return json.dumps(
        {
            "numRecords": rows.num_rows,
            "minValues": {name: found["min"] for name, found in known.items()},
            "maxValues": {name: found["max"] for name, found in known.items()},
            "nullCount": {name: rows[name].null_count for name in rows.schema.names},
        }
    )
