"""What the newest vacuum of a table is about to delete, or has deleted: one JSON object beside the table.

It is written before the vacuum looks at the pins for the last time. A process that pins a version reads it after the pin is
there. So when a vacuum and a pin happen at the same moment, one always sees the other.
"""

import obstore
from pydantic import BaseModel, ConfigDict

from conf.versions.address import Address


class Vacuumed(BaseModel):
    """One vacuum of one table."""

    model_config = ConfigDict(frozen=True)

    request: str
    """The id of the request for this vacuum."""
    doomed: tuple[int, ...] = ()
    """The versions that lose files to it, while it is under way."""
    done: bool = False
    files: int = 0
    size: int = 0
    error: str | None = None
    """Why nothing, or not all, was deleted."""


def say(address: Address, said: Vacuumed) -> None:
    """Everybody can read this from now on, in place of what was said before."""
    obstore.put(address.store(), _key(address), said.model_dump_json().encode())


def told(address: Address) -> Vacuumed | None:
    """What was said last; None when the table never had a vacuum."""
    try:
        return Vacuumed.model_validate_json(bytes(obstore.get(address.store(), _key(address)).bytes()))
    except FileNotFoundError:
        return None


def _key(address: Address) -> str:
    return f"_vacuum/{address.name}.json"
