"""`lake pins`: which versions of `messages` somebody needs, and for how long."""

import getpass
import json
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console

from conf.settings import load
from conf.tables import MESSAGES
from conf.terminal import show
from conf.versions import history, pins, readable
from conf.versions.address import Address
from conf.versions.pins import Pin

AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]
PinnedVersion = Annotated[int, typer.Argument(min=0, help="The version of the table.")]
PinId = Annotated[str, typer.Argument(help="The pin's id, as `lake pins` shows it.")]
Why = Annotated[str, typer.Option(help="What it is needed for.")]
Who = Annotated[str | None, typer.Option(help="Who needs it; without it, you.")]
Until = Annotated[datetime | None, typer.Option(help="Until when, in UTC; without it, for ever.")]

app = typer.Typer(help="The versions of `messages` that somebody needs.")
console = Console()


@app.callback(invoke_without_command=True)
def show_pins(context: typer.Context, as_json: AsJson = False) -> None:
    """The versions of `messages` that somebody needs, and whether they can be read."""
    if context.invoked_subcommand:
        return
    address = _messages()
    with readable.asked(address):
        can = set(history.read(address).readable(history.listed(address)))
        found = [(pin, pin.version in can) for pin in pins.every(address)]
    if as_json:
        told = [pin.model_dump(mode="json") | {"readable": ok} for pin, ok in found]
        console.print_json(json.dumps(told))
        return
    rows = [
        (str(one.version), one.id, one.who, one.why, _ends(one, datetime.now(UTC)), "yes" if ok else "NO")
        for one, ok in found
    ]
    show(console, ("version", "id", "who", "why", "until", "readable"), *rows)


@app.command(name="add")
def add_pin(version: PinnedVersion, why: Why, until: Until = None, who: Who = None) -> None:
    """Keep this version of `messages` readable."""
    if not why.strip():
        raise typer.BadParameter("--why is empty: say what the version is needed for.")
    ends = until and until.replace(tzinfo=UTC)
    if ends and ends <= (now := datetime.now(UTC)):
        raise typer.BadParameter(
            f"--until {ends:%Y-%m-%d %H:%M} is past, it is {now:%Y-%m-%d %H:%M} in UTC: such a pin holds nothing."
        )
    address = _messages()
    wanted = Pin(version=version, who=who or getpass.getuser(), why=why, until=ends)
    with readable.asked(address):
        readable.pin(address, wanted)
    console.print(f"Version {version} is pinned as {wanted.id}.", highlight=False)


@app.command(name="remove")
def remove_pin(version: PinnedVersion, pin_id: PinId) -> None:
    """Take one pin away; the next vacuum may delete what only it needs."""
    address = _messages()
    with readable.asked(address):
        known = {(one.version, one.id): one for one in pins.every(address)}
        if (version, pin_id) not in known:
            raise readable.VersionError(
                f"Version {version} has no pin {pin_id}. `lake pins` lists those that there are."
            )
        pins.remove(address, known[version, pin_id])
    console.print(f"The pin {pin_id} is gone.", highlight=False)


def _ends(pin: Pin, now: datetime) -> str:
    if pin.until is None:
        return "for ever"
    return f"{pin.until:%Y-%m-%d %H:%M}" if pin.holds(now) else f"lapsed {pin.until:%Y-%m-%d}"


def _messages() -> Address:
    """`messages` for the query's user, which may also remove pins."""
    settings = load()
    return Address(settings.minio.delta_bucket, MESSAGES.name, settings.s3("stream"))
