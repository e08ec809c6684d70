"""The landing bucket as it is, past every proxy."""

from collections.abc import Sequence
from dataclasses import dataclass

from minio import Minio
from minio.datatypes import Object

from tests.faults.landing import Landed


@dataclass(frozen=True)
class Bucket:
    """Its object versions and their bytes."""

    minio: Minio
    name: str

    def body(self, landed: Landed) -> bytes:
        """What that version holds, or held before it was deleted."""
        if landed.deleted is not None:
            return landed.deleted
        with self.minio.get_object(self.name, landed.key, version_id=landed.version) as response:
            return bytes(response.read())

    def differences(self, landed: Sequence[Landed]) -> list[str]:
        """It holds what was landed and not deleted: otherwise the load, and not the query, is wrong."""
        listed = self.minio.list_objects(self.name, recursive=True, include_version=True)
        there = {(item.object_name, _version(item)) for item in listed if not item.is_delete_marker}
        right = {one.identity for one in landed if one.deleted is None}
        return [f"the bucket and the load differ in {identity!r}" for identity in there ^ right]


def _version(item: Object) -> str | None:
    return item.etag if item.version_id in (None, "null") else item.version_id
