"""`lake replay` and `lake rebuild`: what has been decided is read again, by the present cleaner and declaration of the feed."""

from typing import Annotated

import typer
from rich.console import Console

from conf.settings import load
from conf.terminal import say, show

app = typer.Typer()
console = Console()

Rule = Annotated[str | None, typer.Option(help="Only what breaks this rule (`lake quarantine` names them).")]
Key = Annotated[str | None, typer.Option("--object", metavar="KEY", help="Only what is of this object.")]
Into = Annotated[str, typer.Option(metavar="NAME", help="The table to make, in the bucket of the tables.")]


@app.command()
def replay(rule: Rule = None, key: Key = None) -> None:
    """Have the query decide again what is in quarantine, by the present cleaner and declaration of the feed."""
    # Kafka's client and the ledger are loaded for this command alone.
    from streaming import replaying  # noqa: PLC0415

    done = replaying.carry_out(load(), rule, key)
    show(
        console,
        ("decided again", f"{done.entries} entries of {done.objects} objects"),
        ("resolved", str(done.resolved)),
        ("left in quarantine", str(done.entries - done.resolved)),
    )


@app.command()
def rebuild(into: Into) -> None:
    """Make a second table of messages from landing, by the present cleaner and declaration, and compare it with the first."""
    from streaming import rebuilding  # noqa: PLC0415  # the same

    told, examples = rebuilding.carry_out(load(), into)
    show(console, *told)
    for line in examples:
        say(console, line)
