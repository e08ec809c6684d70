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
    """Where a table's log keeps the commit of one version, from the root on (Delta's protocol, "Delta Log Entries")."""
    return f"{table.name}/_delta_log/{version:020d}.json"


def fields(table: Table, schema: pa.Schema) -> list[Field]:
    """These columns of a table as Delta has them, each with its comment (Delta's protocol, "Column Metadata")."""
    return [
        Field(one.name, one.type, nullable=one.nullable, metadata={"comment": table.meanings[one.name]})
        for one in Schema.from_arrow(schema).fields
    ]


@dataclass(frozen=True)
class Place:
    """The tables below one root: a bucket's name, which is asked as `access` says, or without that a folder."""

    root: str
    access: S3Access | None = None

    def open(self, table: Table, version: int | None = None) -> DeltaTable:
        """This version of a table that exists, or without one the newest."""
        return self.address(table).open(version)

    def opened(self, table: Table) -> DeltaTable | None:
        """The same, or None when there is no such table."""
        try:
            return self.open(table)
        except TableNotFoundError:
            return None

    def create(self, table: Table, **options: object) -> DeltaTable:
        """The table, made now unless it exists; delta-rs's own options beside its columns and properties.

        Its first version is one conditional PUT, of what delta-rs writes in a folder of its own. delta-rs itself, when somebody
        else was first, commits its own CREATE as the next version, with another table id (measured): neither query would know
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
            # The commit says where it was made.
            body = Path(folder, first).read_bytes().replace(f"{folder}/".encode(), b"")
        with contextlib.suppress(AlreadyExistsError):
            obstore.put(self.store(), first, body, mode="create")
        return self.open(table)

    def store(self) -> ObjectStore:
        """Its objects, named from the root on."""
        return s3.store(self.access, self.root) if self.access else LocalStore(self.root, mkdir=True)

    def address(self, table: Table) -> Address:
        """Where one of them lies."""
        return Address(self.root, table.name, self.access)
