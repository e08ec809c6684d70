"""A decision: one commit of the ledger, which names the data files of all three tables that belong to it.

It is the commit record of a transaction over three tables. Before it nothing has happened, after it everything has; the
files it names are committed to `messages` and `quarantine` afterwards, by whichever writer comes next.
"""

import json
import os
import socket
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

from deltalake.transaction import CommitProperties, PostCommitHookProperties, Transaction

from conf.errors import LakeError
from conf.tables import MESSAGES, QUARANTINE
from streaming.rows.files import DataFile

# The hooks list the whole log after each commit: 0.2 s at 4,000 commits (measured). Housekeeping does both on a schedule.
NO_HOOKS = PostCommitHookProperties(create_checkpoint=False, cleanup_expired_logs=False)

PROJECTED = (MESSAGES, QUARANTINE)


class LedgerError(LakeError):
    """The three tables do not fit together; the message says which, how, and what to do."""


class Mark(NamedTuple):
    """A decision by number and id. Numbers have no gaps; a restored table may give one out again, with another id."""

    number: int
    id: str


def writer() -> str:
    """Names this process, for the log of a writer that comes too late."""
    return f"{socket.gethostname()}, pid {os.getpid()}"


@dataclass(frozen=True)
class Decision:
    """What the ledger's commit says: the files by table, and for each other table the newest earlier decision with files."""

    number: int
    id: str
    files: Mapping[str, Sequence[DataFile]]
    previous: Mapping[str, Mark | None]
    about: Mapping[str, Any] = field(default_factory=dict)
    """For people: batch, offsets, keys, counts, digest."""
    writer: str = field(default_factory=writer)

    @property
    def mark(self) -> Mark:
        return Mark(self.number, self.id)

    def newest_for(self, table: str) -> Mark | None:
        """The newest decision, up to this one, that has files for the table."""
        return self.mark if self.files.get(table) else self.previous[table]

    def to_json(self) -> str:
        """As it stands in the ledger's commit."""
        return json.dumps(asdict(self), ensure_ascii=False)

    def projected(self) -> str:
        """As it stands in the commits of the other tables: without the files, which those commits name themselves."""
        return json.dumps(
            {"number": self.number, "id": self.id, "writer": self.writer, **self.about}, ensure_ascii=False
        )


def decision_in(said: Mapping[str, Any]) -> Decision | None:
    """The decision that a commit describes; None when it describes something else."""
    if "files" not in said:
        return None
    files = {table: [DataFile(**one) for one in files] for table, files in said["files"].items()}
    previous = {table: Mark(*mark) if mark else None for table, mark in said["previous"].items()}
    return Decision(**{**said, "files": files, "previous": previous})


def said_by(metadata: str | None) -> dict[str, Any]:
    """The JSON object in a commit's user metadata; empty where there is none."""
    try:
        said = json.loads(metadata or "{}")
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def commit_properties(app_id: str, number: int, metadata: str) -> CommitProperties:
    """A transaction of the application `app_id`, for the few commits that delta-rs makes."""
    return CommitProperties(custom_metadata={"userMetadata": metadata}, app_transactions=[Transaction(app_id, number)])


def application(ledger_id: object) -> str:
    """The application id of a ledger's transactions in all three tables, made from the ledger's table id."""
    return f"ledger:{ledger_id}"
