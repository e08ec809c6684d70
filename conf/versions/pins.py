"""Pins: which version of a table somebody needs, who, why, and until when.

A pin is one small JSON object beside the table, `_pins/TABLE/VERSION/ID.json`, so that all readers of the tables see the
same without another service. It is made create-only and never changed. Delta does not know about it; `lake vacuum` does.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import uuid4

import obstore
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from conf.versions.address import Address

_KEY = re.compile(r"/(\d+)/([\w.-]+)\.json$")


class Pin(BaseModel):
    """Version `version` is needed."""

    model_config = ConfigDict(frozen=True)

    version: int = Field(ge=0)
    id: str = Field(default_factory=lambda: uuid4().hex[:12], pattern=r"^[\w.-]{1,100}$")
    who: str = Field(min_length=1)
    """A person, or a training by its id."""
    why: str = Field(min_length=1)
    made_at: AwareDatetime | None = Field(default_factory=lambda: datetime.now(UTC))
    until: AwareDatetime | None = None
    """None means for ever."""

    def holds(self, now: datetime) -> bool:
        """Whether it protects its version at this moment."""
        return self.until is None or now < self.until


def put(address: Address, pin: Pin) -> None:
    """The pin is there. Raises `AlreadyExistsError` when one with this id exists, which stays as it is."""
    obstore.put(address.store(), _key(address, pin.version, pin.id), pin.model_dump_json().encode(), mode="create")


def remove(address: Address, pin: Pin) -> None:
    """The pin is gone, and does not protect its version any more."""
    obstore.delete(address.store(), _key(address, pin.version, pin.id))


def every(address: Address) -> list[Pin]:
    """All pins of a table, by version. One that cannot be understood holds the version in its name for ever."""
    store = address.store()
    keys = [one["path"] for page in obstore.list(store, prefix=f"_pins/{address.name}/") for one in page]
    found = [_read(address, key, match) for key in keys if (match := _KEY.search(key))]
    return sorted((pin for pin in found if pin), key=lambda pin: (pin.version, pin.id))


def holding(pins: Iterable[Pin], now: datetime) -> set[int]:
    """The versions that these pins protect now."""
    return {pin.version for pin in pins if pin.holds(now)}


def _read(address: Address, key: str, named: re.Match[str]) -> Pin | None:
    try:
        body = bytes(obstore.get(address.store(), key).bytes())
    except FileNotFoundError:
        return None  # removed since it was listed
    try:
        # The version and the id are taken from its key, by which it is looked for.
        return Pin.model_validate_json(body).model_copy(update={"version": int(named[1]), "id": named[2]})
    except ValidationError:
        why = f"{key} is no pin that can be understood"
        # Unchecked: its name may be longer than that of a pin made here.
        return Pin.model_construct(version=int(named[1]), id=named[2], who="unknown", why=why, made_at=None)


def _key(address: Address, version: int, pin_id: str) -> str:
    return f"_pins/{address.name}/{version}/{pin_id}.json"
