"""Deletes the files that no pinned version, no recent version and no decision needs any more.

delta-rs's vacuum is not used, though it takes `keep_versions`: it would delete the files of a decision that is not rolled forward
yet, which no commit of the table names; it looks at the pins once, long before it deletes; and it makes two versions of its own.
With the same pins and age it names the same files (tests/unit/test_vacuum.py compares the two).
"""

import logging
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import obstore
from obstore.exceptions import BaseError

from conf.versions import history, pins, vacuumed
from conf.versions.address import Address
from conf.versions.history import File, History
from conf.versions.pins import Pin
from conf.versions.vacuumed import Vacuumed
from streaming.ledger.decisions import PROJECTED
from streaming.ledger.log import Ledger
from streaming.ledger.place import Place
from streaming.ledger.projection import Projection
from streaming.patience import Patience

log = logging.getLogger(__name__)

# For files of no commit, as a killed batch leaves them. Longer than any query may stand still between writing and committing a file.
LEFT_OVER = timedelta(days=7)


@dataclass(frozen=True)
class Look:
    """A table as it is: the files in its folder, then its history, then what the ledger has decided beyond that."""

    address: Address
    present: dict[str, tuple[int, datetime]]
    """Size and time by path."""
    history: History
    outstanding: frozenset[str]
    """The files of decisions that the table does not have yet."""


@dataclass(frozen=True)
class Plan:
    """What a vacuum deletes of one table, and what that means."""

    address: Address
    superseded: dict[str, int]
    """Files of old versions that nobody needs: size by path."""
    left_over: dict[str, int]
    """The same for files of no commit."""
    lost: tuple[int, ...]
    """The versions that can be read now, but not afterwards."""
    spared: dict[int, int]
    """The bytes of old files that each pinned version needs, by version. A file that two versions need counts for both."""

    @property
    def files(self) -> dict[str, int]:
        """All that is deleted."""
        return self.superseded | self.left_over

    @property
    def size(self) -> int:
        """In bytes."""
        return sum(self.files.values())


def look(place: Place) -> list[Look]:
    """Look at the tables that are vacuumed. Raises `LedgerError`, and what delta-rs raises."""
    # The log is read afterwards, so it knows a file that is written and committed meanwhile.
    present = [
        {path: (size, time) for path, size, time in history.data_files(place.address(table))} for table in PROJECTED
    ]
    ledger = Ledger(place, Patience())
    outstanding = Projection(place, ledger.id, Patience()).outstanding(ledger)
    addresses = [place.address(table) for table in PROJECTED]
    return [
        Look(address, files, history.read(address), frozenset(outstanding[address.name]))
        for address, files in zip(addresses, present, strict=True)
    ]


def plan(found: Look, pinned: Iterable[Pin], before: datetime, now: datetime) -> Plan:
    """What can go: files whose last version was superseded before that moment, unless a version that is pinned `now` needs them."""
    known, present = found.history, found.present
    old = [file for file in known.files if file.died is not None and known.commits[file.died].latest < before]
    held = pins.holding(pinned, now)
    needed = {file.path for file in known.needed_by(held)} | {file.path for file in set(known.files).difference(old)}
    there = [file for file in old if file.path in present and file.path not in found.outstanding]
    going = [file for file in there if file.path not in needed]
    named = {file.path for file in known.files} | found.outstanding
    left_over = {path: size for path, (size, time) in present.items() if path not in named and time < now - LEFT_OVER}
    return Plan(
        found.address,
        {file.path: file.size for file in going},
        left_over,
        _lost(found, going),
        {version: sum(file.size for file in there if _needs(version, file)) for version in sorted(held)},
    )


def carry_out(place: Place, request: str, before: datetime) -> None:
    """Nobody needs the files that are gone now, and anyone can read what was done.

    A failure is logged and told, but ends nothing; another vacuum does the rest. Can be repeated after a kill at any point.
    """
    try:
        for found in look(place):
            _vacuum(found, request, before)
    except Exception as error:  # noqa: BLE001  # the query would read the request again at each start
        log.warning("the vacuum %s is given up: %s", request, error)
        for table in PROJECTED:
            _say_failed(place.address(table), request, error)


def _vacuum(found: Look, request: str, before: datetime) -> None:
    address, now = found.address, datetime.now(UTC)
    first = pins.every(address)
    vacuumed.say(address, Vacuumed(request=request, doomed=plan(found, first, before, now).lost))
    # Directly before deleting, and after the announcement: a pin put now is seen here, or its maker sees that it is too late.
    last = plan(found, [*first, *pins.every(address)], before, now)
    if last.files:
        obstore.delete(address.store(), [f"{address.name}/{path}" for path in last.files])
    vacuumed.say(address, Vacuumed(request=request, done=True, files=len(last.files), size=last.size))
    log.info("vacuum of %s: %d files, %d bytes", address.name, len(last.files), last.size)


def _say_failed(address: Address, request: str, error: Exception) -> None:
    try:
        vacuumed.say(address, Vacuumed(request=request, done=True, error=str(error)))
    except (BaseError, OSError) as away:
        log.warning("nor can that be told: %s", away)


def _lost(found: Look, going: Collection[File]) -> tuple[int, ...]:
    before = found.history.readable({path: size for path, (size, _) in found.present.items()})
    return tuple(sorted(set(before).difference(found.history.without(going))))


def _needs(version: int, file: File) -> bool:
    return file.born <= version and (file.died is None or version < file.died)
