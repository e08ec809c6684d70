"""`lake vacuum`: shows what nobody needs any more, and has the query delete it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from rich.console import Console

from conf.errors import LakeError
from conf.settings import Settings, load
from conf.tables import MESSAGES
from conf.terminal import show
from conf.versions import pins, readable
from conf.versions.address import Address

console = Console()

# Of days more would be no timedelta.
LONGEST_NUMBER = 9


def duration(text: str) -> timedelta:
    """`30d`, `12h`, `45m`, `10s`."""
    number, unit = text[:-1], {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}.get(text[-1:])
    if unit is None or not (number.isascii() and number.isdecimal() and len(number) <= LONGEST_NUMBER):
        raise typer.BadParameter(f"{text!r} is no duration such as 30d, 12h, 45m or 10s")
    return timedelta(**{unit: int(number)})


Keep = Annotated[
    timedelta | None,
    typer.Option(
        parser=duration,
        metavar="DURATION",
        help="Keep what was the newest version within this time (30d, 12h); without it, KEEP_VERSIONS_DAYS.",
    ),
]
Confirmed = Annotated[bool, typer.Option("--yes", help="Delete; without it, only show what would be deleted.")]
Runs = Callable[[Settings], dict[int, list[str]]]


def commands(runs: Runs) -> typer.Typer:
    """The command. `runs` answers which runs need which version of `messages`; it belongs to another part."""
    app = typer.Typer()

    @app.command()
    def vacuum(keep: Keep = None, yes: Confirmed = False) -> None:
        """Show which files no pinned and no recent version needs, and with --yes have the query delete them."""
        _vacuum(load(), keep, yes, runs)

    return app


def _vacuum(settings: Settings, keep: timedelta | None, yes: bool, runs: Runs) -> None:
    # Kafka's client and the ledger are loaded for this command alone.
    from streaming import vacuuming  # noqa: PLC0415

    before = vacuuming.moment(datetime.now(UTC), keep, settings.keep.versions_days)
    plans = vacuuming.preview(settings, before)
    needing = {MESSAGES.name: _asked(runs, settings)}
    for plan in plans:
        show(console, *vacuuming.describe(plan, pins.every(plan.address), needing.get(plan.address.name, {})))
    if not yes:
        console.print("Nothing is deleted. `lake vacuum --yes` does it.")
        return
    for name, done in vacuuming.carry_out(settings, before).items():
        show(console, (f"{name}: {done.files} files deleted, {done.size} bytes",))
    damage = [line for plan in plans for line in _read_through(plan.address)]
    raise typer.Exit(1 if any(damage) else 0)


def _asked(runs: Runs, settings: Settings) -> dict[int, list[str]]:
    """The runs that need each version; when MLflow does not tell, that is printed."""
    try:
        return runs(settings)
    except LakeError as error:
        show(console, (f"Which runs would stop being repeatable cannot be said: {error}",))
        return {}


def _read_through(address: Address) -> list[str]:
    """Read each file of a table's pinned versions; print and return what is wrong with them."""
    pinned = pins.holding(pins.every(address), datetime.now(UTC))
    damage = [f"version {one}: {why}" for one, why in readable.damaged(address, pinned).items()]
    told = damage or ([f"every file of the pinned versions was read: {readable.ranges(pinned)}"] if pinned else [])
    for line in told:
        show(console, (f"{address.name}: {line}",))
    return damage
