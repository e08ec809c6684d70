"""`lake`, the operator's command: it only wires the parts' commands together."""

import json
import sys
import time
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from conf import credentials, stack, toolbox
from conf.errors import LakeError
from conf.settings import load
from streaming import audit as certificate

app = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
console = Console()

AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]


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
        console.print(_table(("service", "state", "ready", "page"), [_row(one) for one in conditions]))
    raise typer.Exit(0 if conditions and all(one.ready for one in conditions) else 1)


@app.command(name="credentials")
def show_credentials(as_json: AsJson = False) -> None:
    """The logins for the pages of Airflow, MinIO and Jupyter."""
    logins = credentials.logins(load())
    if as_json:
        print(json.dumps([login._asdict() for login in logins], indent=2))
    else:
        console.print(_table(("service", "page", "user", "password"), logins))


@app.command()
def audit(as_json: AsJson = False) -> None:
    """Count anew whether anything was lost or doubled; exit code 1 if so."""
    result = certificate.audit(load())
    if as_json:
        print(json.dumps(result.as_dict(), indent=2))
    else:
        console.print(_table(("what", "count"), [(name, str(value)) for name, value in result.as_dict().items()]))
    raise typer.Exit(0 if result.clean else 1)


def _row(one: stack.Condition) -> tuple[str, str, str, str]:
    return one.service, one.state, "yes" if one.ready else "no", one.url or ""


def _table(columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Table:
    table = Table(*columns, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*row)
    return table


def main() -> None:
    """The console script. An error that an operator can act on is shown without a stack trace; exit code 1."""
    try:
        app()
    except LakeError as error:
        sys.exit(f"lake: {error}")


if __name__ == "__main__":
    main()
