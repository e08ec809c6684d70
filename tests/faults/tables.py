"""What the three tables hold, read with delta-rs past every proxy."""

from collections import defaultdict
from typing import Any

from deltalake import DeltaTable
from deltalake.exceptions import TableNotFoundError

from conf import s3
from conf.settings import Settings
from tests.faults.landing import Identity

Row = dict[str, Any]

SOURCE = ("source_key", "source_version", "source_etag")


def opened(settings: Settings, name: str) -> DeltaTable | None:
    """The newest version of a table, or None before there is one."""
    options = s3.delta_options(settings.s3("stream"))
    try:
        return DeltaTable(f"s3://{settings.minio.delta_bucket}/{name}", storage_options=options)
    except TableNotFoundError:
        return None
    except OSError as error:
        # The query makes the bucket as well.
        if "NoSuchBucket" in str(error):
            return None
        raise


def rows(settings: Settings, name: str, *columns: str) -> list[Row]:
    """These columns of all rows; one that the table lacks is left out."""
    table = opened(settings, name)
    if table is None:
        return []
    there = {field.name for field in table.schema().fields}
    found: list[Row] = table.to_pyarrow_table(columns=[name for name in columns if name in there]).to_pylist()
    return found


def count(settings: Settings, name: str) -> int:
    """Its number of rows, from the log alone."""
    table = opened(settings, name)
    return sum(table.get_add_actions(flatten=True)["num_records"].to_pylist()) if table else 0


def identity(row: Row) -> Identity:
    """The object version that a row is about."""
    return row["source_key"], row["source_version"] or row["source_etag"]


def by_identity(found: list[Row]) -> dict[Identity, list[Row]]:
    """The rows of each object version."""
    grouped: dict[Identity, list[Row]] = defaultdict(list)
    for row in found:
        grouped[identity(row)].append(row)
    return grouped
