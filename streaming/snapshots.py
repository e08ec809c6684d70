"""Reads the Delta tables without a JVM, through delta-rs. Reading is free for anyone; writing is the query's alone."""

from collections.abc import Sequence

import pyarrow as pa
from deltalake import DeltaTable
from deltalake.exceptions import TableNotFoundError

from conf.settings import S3Access
from conf.tables import Table


def snapshot(table: Table, bucket: str, access: S3Access, columns: Sequence[str]) -> tuple[int, pa.Table]:
    """The newest version's number and these of its columns; version -1 and no rows before the table exists."""
    try:
        delta = DeltaTable(table.location(bucket, "s3"), storage_options=_options(access))
    except TableNotFoundError:
        return -1, pa.table({name: [] for name in columns})
    return delta.version(), delta.to_pyarrow_table(columns=list(columns))


def _options(access: S3Access) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": access.endpoint,
        "AWS_ACCESS_KEY_ID": access.access_key,
        "AWS_SECRET_ACCESS_KEY": access.secret_key.get_secret_value(),
        "AWS_REGION": "us-east-1",
        "AWS_ALLOW_HTTP": "true",
    }
