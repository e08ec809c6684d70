"""`lake`, the operator's command: it only wires the parts' commands together."""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer
from rich.console import Console

from conf.errors import LakeError
from conf.local import stack
from conf.local.logins import logins
from conf.settings import Settings, load
from conf.tables import MESSAGES
from conf.terminal import show
from conf.tools import toolbox
from conf.versions import pins, readable
from conf.versions.address import Address
from streaming import vacuuming
from streaming.audit.arrival import arrivals, describe
from streaming.audit.certificate import Audit
from streaming.audit.certificate import audit as certify
from streaming.events import control
from training import dependents, launch, pinning

app = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.add_typer(pinning.app, name="pins")
console = Console()

AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]
Deep = Annotated[bool, typer.Option("--deep", help="Compute the hash of every row again from what it holds.")]


def duration(text: str) -> timedelta:
    """`30d`, `12h`, `45m`, `10s`."""
    number, unit = text[:-1], {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}.get(text[-1:])
    if unit is None or not number.isdecimal():
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


@app.command()
def setup() -> None:
    """Put the tools into the folder: jars, Java, MinIO."""
    toolbox.install(console)


@app.command()
def up() -> None:
    """Start the local stack, or bring the running one to the present settings."""
    since = time.monotonic()
    stack.up(console)
    console.print(f"The stack is up ({time.monotonic() - since:.0f} s). Logins: lake credentials; stop it: lake down")


@app.command()
def down() -> None:
    """Stop all of the local stack."""
    stack.down(console)
    console.print("Nothing of the stack runs any more.")


@app.command()
def status(as_json: AsJson = False) -> None:
    """How each service is; exit code 1 unless all are ready."""
    conditions = stack.status()
    if as_json:
        print(json.dumps([condition._asdict() for condition in conditions], indent=2))
    else:
        show(console, ("service", "state", "ready", "page"), *map(_row, conditions))
    raise typer.Exit(0 if conditions and all(one.ready for one in conditions) else 1)


@app.command()
def demo() -> None:
    """From nothing to a registered model: install, start, land and load everything, train, and sum up."""
    seconds: dict[str, float] = {}
    with _timed("install", seconds):
        toolbox.install(console)
    with stack.stopped_on_failure(console):
        with _timed("start", seconds):
            settings = stack.up(console)
        with _timed("land and load", seconds):
            result = _await_arrival(settings)
        with _timed("train", seconds):
            trained = launch.train(settings, result.origin)
    console.print()
    show(console, *_summary(settings, result, trained, seconds))


@app.command(name="credentials")
def show_credentials(as_json: AsJson = False) -> None:
    """The logins for the pages of Airflow, MinIO, MLflow and Jupyter."""
    known = logins(load())
    if as_json:
        print(json.dumps([login._asdict() for login in known], indent=2))
    else:
        show(console, ("service", "page", "user", "password"), *known)


@app.command()
def audit(as_json: AsJson = False, deep: Deep = False) -> None:
    """Count anew whether anything was lost, doubled or changed, and name what was; exit code 1 if so."""
    result = certify(load(), deep=deep)
    if as_json:
        print(json.dumps(result.as_dict(), indent=2))
    else:
        show(console, ("what", "count"), *((name, str(value)) for name, value in result.counts().items()))
        for finding in result.findings:
            console.print(f"{finding.what}: {finding.who}: {finding.detail}", highlight=False, markup=False)
    raise typer.Exit(0 if result.clean else 1)


@app.command()
def reconcile() -> None:
    """Ask the query to compare the whole landing bucket with what has an outcome, now and not in turns."""
    control.send(load(), [control.Reconcile(requested_at=datetime.now(UTC))])
    console.print("Asked. The query's log says what it finds, `lake audit` counts it as reconciled.")


@app.command()
def vacuum(keep: Keep = None, yes: Confirmed = False) -> None:
    """Show which files no pinned and no recent version needs, and with --yes have the query delete them."""
    settings = load()
    before = vacuuming.moment(datetime.now(UTC), keep, settings.keep.versions_days)
    plans = vacuuming.preview(settings, before)
    runs = _runs(settings)
    for plan in plans:
        show(
            console,
            *vacuuming.describe(plan, pins.every(plan.address), runs if plan.address.name == MESSAGES.name else {}),
        )
    if not yes:
        console.print("Nothing is deleted. `lake vacuum --yes` does it.")
        return
    for name, done in vacuuming.carry_out(settings, before).items():
        show(console, (f"{name}: {done.files} files deleted, {done.size} bytes",))
    damage = [line for plan in plans for line in _read_through(plan.address)]
    raise typer.Exit(1 if any(damage) else 0)


def _runs(settings: Settings) -> dict[int, list[str]]:
    """The runs that need a version; where MLflow does not tell, that is said."""
    try:
        return dependents.runs(settings.tracking(), MESSAGES.location(settings.minio.delta_bucket))
    except LakeError as error:
        show(console, (f"Which runs would stop being repeatable cannot be said: {error}",))
        return {}


def _read_through(address: Address) -> list[str]:
    """What is wrong with the pinned versions of a table, each file of which is read; said as well."""
    pinned = pins.holding(pins.every(address), datetime.now(UTC))
    damage = [f"version {one}: {why}" for one, why in readable.damaged(address, pinned).items()]
    told = damage or ([f"every file of the pinned versions was read: {readable.ranges(pinned)}"] if pinned else [])
    for line in told:
        show(console, (f"{address.name}: {line}",))
    return damage


def _await_arrival(settings: Settings) -> Audit:
    """The audit once all has arrived; a line for each step on the way."""
    said = ""
    with console.status("waiting for the first page") as status:
        for now in arrivals(settings):
            line = describe(now)
            status.update(line)
            if line != said:
                console.print(line, highlight=False)
            said = line
    return certify(settings)


def _summary(
    settings: Settings, result: Audit, trained: dict[str, Any], seconds: dict[str, float]
) -> list[tuple[str, str]]:
    """What a demo ends with."""
    origin = "the real collection" if result.origin == "real" else "GENERATED: the real collection could not be had"
    verdict = "clean" if result.clean else "NOT CLEAN, see `lake audit`"
    model = f"{trained['model_name']} version {trained['model_version']}, champion: {trained['champion']}"
    return [
        ("data", origin),
        ("pages", f"{result.served} served, {result.landed} objects landed, {result.unaccounted} unaccounted for"),
        (
            "records",
            f"{result.source_records} in the source: {result.rows} rows, {result.rows_quarantined} quarantined",
        ),
        ("recovered", f"{result.recovered} more, from inside other records"),
        ("audit", verdict),
        ("table version", str(trained["version"])),
        ("model", model),
        ("AUC, F1", f"{trained['auc']:.4f}, {trained['f1']:.4f}"),
        ("seconds", ", ".join(f"{stage} {took:.0f}" for stage, took in seconds.items())),
        ("logins", f"`lake credentials`, kept in {settings.home / 'secrets'}"),
        *[(one.service, one.url) for one in stack.status() if one.url],
        ("this run", trained["run_url"]),
    ]


@contextmanager
def _timed(stage: str, seconds: dict[str, float]) -> Iterator[None]:
    since = time.monotonic()
    yield
    seconds[stage] = time.monotonic() - since


def _row(one: stack.Condition) -> tuple[str, str, str, str]:
    return one.service, one.state, "yes" if one.ready else "no", one.url or ""


def main() -> None:
    """The console script. An error that an operator can act on is shown without a stack trace; exit code 1."""
    try:
        app()
    except LakeError as error:
        sys.exit(f"lake: {error}")


if __name__ == "__main__":
    main()
