"""Where the three tables lie: a bucket, or a folder."""

from dataclasses import dataclass

from deltalake import DeltaTable
from deltalake.exceptions import TableNotFoundError
from obstore.store import LocalStore, ObjectStore

from conf import s3
from conf.settings import S3Access
from conf.tables import Table


@dataclass(frozen=True)
class Place:
    """The tables below one root: a bucket's name, which is asked as `access` says, or without that a folder."""

    root: str
    access: S3Access | None = None

    def open(self, table: Table) -> DeltaTable:
        """The newest version of a table that exists."""
        return DeltaTable(self._location(table), storage_options=self._options())

    def opened(self, table: Table) -> DeltaTable | None:
        """The same, or None when there is no such table."""
        try:
            return self.open(table)
        except TableNotFoundError:
            return None

    def create(self, table: Table, **options: object) -> DeltaTable:
        """The table, made now unless it exists; delta-rs's own options beside its columns and properties."""
        return DeltaTable.create(
            self._location(table),
            schema=table.schema,
            mode="ignore",
            configuration=table.properties,
            storage_options=self._options(),
            **options,  # type: ignore[arg-type]  # handed on as they are
        )

    def store(self) -> ObjectStore:
        """Its objects, named from the root on."""
        return s3.store(self.access, self.root) if self.access else LocalStore(self.root, mkdir=True)

    def _location(self, table: Table) -> str:
        return f"s3://{self.root}/{table.name}" if self.access else f"{self.root}/{table.name}"

    def _options(self) -> dict[str, str]:
        return s3.delta_options(self.access) if self.access else {}
