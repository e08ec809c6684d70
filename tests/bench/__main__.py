"""`make bench P=P1`: what docs/performance.md says of each goal, measured by one command."""

import typer

from tests.bench import (
    audit,
    drain,
    endurance,
    growth,
    growth_query,
    hop,
    large,
    latency,
    learning,
    plot,
    start,
    trainer,
)
from tests.bench.results import Json

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, help=__doc__)
app.command("P1")(drain.main)
app.command("P2")(large.main)
app.command("P3")(latency.main)
app.command("P4")(hop.main)
app.command("P9")(learning.main)
app.command("P10")(start.main)
app.command("P13")(audit.main)
app.command("P14")(trainer.main)
app.command("slopes")(growth.main)
app.command("endurance")(endurance.main)
app.command("plot")(plot.main)


@app.command("P5")
def entries(json: Json = None) -> None:
    """A ledger of ten million entries, and 100,000 objects in landing, beside nothing."""
    growth_query.entries(10_000_000, 100_000, json=json)


@app.command("P6")
def commits(json: Json = None) -> None:
    """Ten thousand commits beside a hundred."""
    growth_query.commits(10_000, json=json)


if __name__ == "__main__":
    app()
