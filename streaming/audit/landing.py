"""What lies in the landing bucket, and what of it has no ledger entry: it waits, or nothing has announced it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from conf.settings import S3Access, Settings
from conf.tables import UTC_TIME, object_identity
from streaming.audit import sheets
from streaming.audit.findings import Findings
from streaming.audit.sheets import Sheet
from streaming.audit.snapshot import Row, Snapshot
from streaming.audit.views import quoted
from streaming.events import backlog
from streaming.events.course import ANNOUNCED_WITHIN
from streaming.events.listing import Listing
from streaming.events.objects import ObjectVersion
from streaming.feeds import declaration

# At most so many waiting records are searched for what they announce; with more, the query is behind and knows of them without us.
WAITING_AT_MOST = 100_000

LISTED = pa.schema([("key", pa.string()), ("version", pa.string()), ("landed_at", UTC_TIME)])
UNDECIDED = pa.schema([("key", pa.string())])
_MISSING = """
SELECT listed.* FROM {listed} AS listed LEFT ANTI JOIN (
  SELECT name, version FROM entered WHERE kind = 'object' AND place = {bucket}
) AS entry ON listed.key = entry.name AND listed.version = entry.version
"""


@dataclass(frozen=True)
class Landing:
    """The bucket as it was listed, when the listing began, and the identities that waiting records announce."""

    bucket: str
    listed: Sheet
    began: datetime
    waits: set[str] | None
    """None when there are too many to search."""


@dataclass
class Undecided:
    """Object versions without an entry in the ledger."""

    pending: int = 0
    unaccounted: int = 0

    @property
    def total(self) -> int:
        return self.pending + self.unaccounted


def look(settings: Settings, access: S3Access, folder: Path) -> Landing:
    """The feed's objects in the bucket now, and what waits. Raises `ServiceError` when MinIO or Kafka does not answer, and `DeclarationError`.

    Waiting records are read after the listing and before the ledger: an object on its way to its outcome is in one of the two.
    """
    # What lands from here on is not part of this audit, and the time it takes makes no object older.
    began = datetime.now(UTC)
    there = Listing(access, settings.minio.landing_bucket, declaration.of(settings).prefix)
    listed = listing(there.versions(), folder)
    return Landing(settings.minio.landing_bucket, listed, began, backlog.waiting(settings, WAITING_AT_MOST))


def listing(versions: Iterable[ObjectVersion], folder: Path) -> Sheet:
    """These object versions, in files."""
    rows = ((one.key, one.version or one.etag, one.landed_at) for one in versions)
    return sheets.write(rows, LISTED, folder, "listed")


def undecided(snapshot: Snapshot, landing: Landing, findings: Findings) -> tuple[Undecided, Sheet]:
    """How many object versions wait and how many nothing has announced (each a finding), and the keys of all of them."""
    found = Undecided()
    missing = _counted(snapshot, landing, found, findings)
    keys = sheets.write(((row["key"],) for row in missing), UNDECIDED, snapshot.folder, "undecided")
    return found, keys


def _counted(snapshot: Snapshot, landing: Landing, found: Undecided, findings: Findings) -> Iterator[Row]:
    for listed in snapshot.add(landing.listed):
        for row in snapshot.rows(_MISSING.format(listed=listed, bucket=quoted(landing.bucket))):
            if _is_forgotten(row, landing):
                found.unaccounted += 1
                detail = f"landed {row['landed_at']:%Y-%m-%d %H:%M:%S} UTC, has no outcome, and no record that waits tells of it"
                findings.add("unaccounted", f"{row['key']} version {row['version']}", detail)
            else:
                found.pending += 1
            yield row


def _is_forgotten(row: Row, landing: Landing) -> bool:
    if landing.waits is None or row["landed_at"] > landing.began - ANNOUNCED_WITHIN:
        return False
    return object_identity(landing.bucket, row["key"], row["version"]) not in landing.waits
