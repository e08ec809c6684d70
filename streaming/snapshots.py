"""Reads the Delta tables without a JVM, through delta-rs. Reading is free for anyone; writing is the query's alone."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
from deltalake import DeltaTable
from deltalake.exceptions import TableNotFoundError

from conf.settings import S3Access
from conf.tables import Table


@dataclass(frozen=True)
class Snapshots:
    """The tables below one root: a bucket, or a folder."""

    root: str
    options: dict[str, str] = field(default_factory=dict)

    def exists(self, table: Table) -> bool:
        """Whether there is a Delta table; costs a request or two."""
        return DeltaTable.is_deltatable(self._location(table), self.options)

    def newest(self, table: Table, columns: Sequence[str], kind: str | None = None) -> tuple[int, pa.Table]:
        """The newest version's number and these of its columns, of all rows or of those of this `kind`.

        Version -1 and no rows before the table exists.
        """
        delta = self._open(table)
        if delta is None:
            return -1, pa.table({name: [] for name in columns})
        chosen = [("kind", "=", kind)] if kind else None
        return delta.version(), delta.to_pyarrow_table(columns=list(columns), filters=chosen)

    def batches(self, table: Table, commits: int) -> list[dict[str, Any]]:
        """What the newest commits, this many at most, say of their micro-batch: the newest first.

        Empty for a commit that says nothing; the one that made the table is left out.
        """
        delta = self._open(table)
        log = delta.history(commits) if delta else []
        return [json.loads(commit.get("userMetadata") or "{}") for commit in log if commit["version"] > 0]

    def _open(self, table: Table) -> DeltaTable | None:
        try:
            return DeltaTable(self._location(table), storage_options=self.options)
        except TableNotFoundError:
            return None

    def _location(self, table: Table) -> str:
        return f"{self.root}/{table.name}"


def in_bucket(bucket: str, access: S3Access) -> Snapshots:
    """The tables in MinIO, read as `access` says."""
    return Snapshots(f"s3://{bucket}", access.delta_options())
