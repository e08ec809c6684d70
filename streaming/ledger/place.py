"""Where the three tables lie: a bucket, or a folder."""

import contextlib
import tempfile
from dataclasses import dataclass
from pathlib import Path

import obstore
import pyarrow as pa
from deltalake import DeltaTable, Field, Schema
from deltalake.exceptions import TableNotFoundError
from obstore.exceptions import AlreadyExistsError
from obstore.store import LocalStore, ObjectStore

from conf import s3
from conf.settings import S3Access
from conf.tables import Table
from conf.versions.address import Address


def log_file(table: Table, version: int) -> str:
    """The path from the root to one version's commit in a table's log (Delta's protocol, "Delta Log Entries")."""
    return f"{table.name}/_delta_log/{version:020d}.json"


def fields(table: Table, schema: pa.Schema) -> list[Field]:
    """These columns of a table as Delta has them, each with its comment (Delta's protocol, "Column Metadata")."""
    return [
        Field(one.name, one.type, nullable=one.nullable, metadata={"comment": table.meanings[one.name]})
        for one in Schema.from_arrow(schema).fields
    ]


@dataclass(frozen=True)
class Place:
    """The tables below one root: a bucket, which is read and written by `access`, or without it a folder."""

    root: str
    access: S3Access | None = None

    def open(self, table: Table, version: int | None = None) -> DeltaTable:
        """Open this version of an existing table, or without a version the newest."""
        return self.address(table).open(version)

    def opened(self, table: Table) -> DeltaTable | None:
        """The same, or None when there is no such table."""
        try:
            return self.open(table)
        except TableNotFoundError:
            return None

    def create(self, table: Table, **options: object) -> DeltaTable:
        """Return the table, made now unless it exists; `options` are delta-rs's own, beside columns and properties.

        Its first version is one conditional PUT of what delta-rs writes in a temporary folder. When another writer was first,
        delta-rs itself fails, or commits its own CREATE as the next version, with another table id (measured): neither query would know
        the other's decisions.
        """
        first = log_file(table, 0)
        with tempfile.TemporaryDirectory() as folder:
            DeltaTable.create(
                f"{folder}/{table.name}",
                schema=Schema(fields(table, table.schema)),
                description=table.description,
                configuration=table.properties,
                **options,  # type: ignore[arg-type]  # handed on as they are
            )
            # The commit contains the folder in which it was made.
            body = Path(folder, first).read_bytes().replace(f"{folder}/".encode(), b"")
        with contextlib.suppress(AlreadyExistsError):
            obstore.put(self.store(), first, body, mode="create")
        return self.open(table)

    def store(self) -> ObjectStore:
        """The store of its objects, with paths from the root."""
        return s3.store(self.access, self.root) if self.access else LocalStore(self.root, mkdir=True)

    def address(self, table: Table) -> Address:
        """Where one of the tables lies."""
        return Address(self.root, table.name, self.access)
