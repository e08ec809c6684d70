"""Where one Delta table lies: in a bucket, or in a folder."""

from dataclasses import dataclass
from pathlib import Path

from deltalake import DeltaTable
from obstore.store import LocalStore, ObjectStore

from conf import s3
from conf.errors import LakeError
from conf.settings import S3Access

_IN_MINIO = "s3a://"


class LocationError(LakeError):
    """A table's location is neither in MinIO nor a folder."""


@dataclass(frozen=True)
class Address:
    """The table `name` below `root`: a bucket, which is asked as `access` says, or a folder without it."""

    root: str
    name: str
    access: S3Access | None = None

    @classmethod
    def of(cls, location: str, access: S3Access) -> "Address":
        """A table by its location as Spark takes it: `s3a://bucket/name`, or a folder. Raises `LocationError`."""
        if not location.startswith(_IN_MINIO):
            if "://" in location:
                raise LocationError(
                    f"{location} is no table's location: it is {_IN_MINIO}BUCKET/NAME in MinIO, or the path of a folder."
                )
            folder = Path(location).absolute()
            return cls(str(folder.parent), folder.name)
        root, _, name = location.removeprefix(_IN_MINIO).rstrip("/").partition("/")
        return cls(root, name, access)

    def __str__(self) -> str:
        return f"{_IN_MINIO}{self.root}/{self.name}" if self.access else f"{self.root}/{self.name}"

    def open(self, version: int | None = None) -> DeltaTable:
        """The table at this version, or at its newest. Raises delta-rs's errors."""
        location = f"s3://{self.root}/{self.name}" if self.access else f"{self.root}/{self.name}"
        return DeltaTable(location, version, storage_options=s3.delta_options(self.access) if self.access else {})

    def store(self) -> ObjectStore:
        """What lies below the root: this table, and what is kept beside it."""
        return s3.store(self.access, self.root) if self.access else LocalStore(self.root)
