"""`lake`, the operator's command: it only wires the parts' commands together."""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from conf.errors import LakeError
from conf.settings import Settings, load
from conf.tables import MESSAGES
from conf.terminal import say, show
from streaming import again_commands, vacuum_command
from streaming.look import commands as look
from streaming.look.printing import visible
from training import pinning

if TYPE_CHECKING:
    from conf.local.stack import Condition
    from streaming.audit.certificate import Audit

app = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.add_typer(pinning.app, name="pins")
console = Console()

AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]
RunOrModel = Annotated[str, typer.Argument(metavar="RUN", help="A run's id, or a model as NAME@ALIAS or NAME/VERSION.")]
Deep = Annotated[bool, typer.Option("--deep", help="Compute the hash of every row again from what it holds.")]


@app.command()
def setup() -> None:
    """Put the tools into the folder: jars, Java, MinIO."""
    from conf.tools import toolbox

    toolbox.install(console)


@app.command()
def up() -> None:
    """Start the local stack, or bring the running one to the present settings."""
    from conf.local import stack

    since = time.monotonic()
    stack.up(console)
    console.print(f"The stack is up ({time.monotonic() - since:.0f} s). Logins: lake credentials; stop it: lake down")


@app.command()
def down() -> None:
    """Stop all of the local stack."""
    from conf.local import stack

    stack.down(console)
    console.print("Nothing of the stack runs any more.")


@app.command()
def status(as_json: AsJson = False) -> None:
    """How each service is; exit code 1 unless all are ready."""
    from conf.local import stack

    conditions = stack.status()
    if as_json:
        print(json.dumps([condition._asdict() for condition in conditions], indent=2))
    else:
        show(console, ("service", "state", "ready", "page"), *map(_row, conditions))
    raise typer.Exit(0 if conditions and all(one.ready for one in conditions) else 1)


@app.command()
def demo() -> None:
    """From nothing to a registered model: install, start, land and load everything, train, and sum up."""
    from conf.local import stack
    from conf.tools import toolbox
    from training import launch

    seconds: dict[str, float] = {}
    with _timed("install", seconds):
        toolbox.install(console)
    with stack.stopped_on_failure(console):
        with _timed("start", seconds):
            settings = stack.up(console)
        with _timed("land and load", seconds):
            result = _await_arrival(settings)
        with _timed("train", seconds):
            trained = launch.train(settings)
    console.print()
    show(console, *_summary(settings, result, trained, seconds))


@app.command()
def reproduce(run: RunOrModel, as_json: AsJson = False) -> None:
    """Train again as a run in MLflow says, and compare all of it; exit code 1 unless REPRODUCED."""
    from training import launch

    found = launch.reproduce(load(), run, sys.stderr if as_json else sys.stdout)
    if as_json:
        print(json.dumps(found, indent=2))
    raise typer.Exit(0 if found["verdict"] == "REPRODUCED" else 1)


@app.command()
def deliver() -> None:
    """Hand MLflow the trainings that ended while it was away."""
    from training import launch

    launch.deliver(load())


@app.command(name="credentials")
def show_credentials(as_json: AsJson = False) -> None:
    """The logins for the pages of Airflow, MinIO, MLflow and Jupyter."""
    from conf.local.logins import logins

    known = logins(load())
    if as_json:
        print(json.dumps([login._asdict() for login in known], indent=2))
    else:
        show(console, ("service", "page", "user", "password"), *known)


@app.command()
def audit(as_json: AsJson = False, deep: Deep = False) -> None:
    """Count anew whether anything was lost, doubled or changed, and name what was; exit code 1 if so."""
    from streaming.audit.certificate import audit as certify

    result = certify(load(), deep=deep)
    if as_json:
        print(json.dumps(result.as_dict(), indent=2))
    else:
        show(console, ("what", "count"), *((name, str(value)) for name, value in result.counts().items()))
        for finding in result.findings:
            say(console, visible(f"{finding.what}: {finding.who}: {finding.detail}"))
    raise typer.Exit(0 if result.clean else 1)


@app.command()
def reconcile() -> None:
    """Ask the query to compare the whole landing bucket with what has an outcome, now and not in turns."""
    from streaming.events import control

    control.send(load(), [control.Reconcile(requested_at=datetime.now(UTC))])
    console.print("Asked. The query's log says what it finds, `lake audit` counts it as reconciled.")


def _trained_on(settings: Settings, model: str) -> look.Trained:
    """What MLflow knows about a model's training."""
    from training.lineage import lineage

    found = lineage(settings.tracking(), model)
    about = found._asdict()
    return look.Trained(found.table, found.table_version, about)


def _runs(settings: Settings) -> dict[int, list[str]]:
    """The runs that need a version of `messages`."""
    from training import dependents

    return dependents.runs(settings.tracking(), MESSAGES.location(settings.minio.delta_bucket))


app.add_typer(look.commands(_trained_on))
app.add_typer(vacuum_command.commands(_runs))
app.add_typer(again_commands.app)


def _await_arrival(settings: Settings) -> "Audit":
    """The audit once everything has arrived. Prints a line for each step on the way."""
    from streaming.audit.arrival import arrivals, describe
    from streaming.audit.certificate import audit as certify

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
    settings: Settings, result: "Audit", trained: dict[str, Any], seconds: dict[str, float]
) -> list[tuple[str, str]]:
    """What a demo ends with."""
    from conf.local import stack

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


def _row(one: "Condition") -> tuple[str, str, str, str]:
    return one.service, one.state, "yes" if one.ready else "no", one.url or ""


def main() -> None:
    """The console script. An error that an operator can act on is shown without a stack trace; exit code 1."""
    try:
        app()
    except LakeError as error:
        sys.exit(f"lake: {error}")


if __name__ == "__main__":
    main()
