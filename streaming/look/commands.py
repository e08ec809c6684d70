"""The commands with which people look at their data; `lake` takes them over."""

import signal
import sys
from collections.abc import Callable
from typing import Annotated, Any, NamedTuple

import typer

from conf.settings import Settings, load
from conf.tables import MESSAGES
from streaming.errors import LookError
from streaming.ledger.place import Place
from streaming.look import explanation, printing, quarantine, report
from streaming.look.question import Tables
from streaming.look.reach import reach
from streaming.look.versions import moment

AsJson = Annotated[bool, typer.Option("--json", help="For programs: one JSON document.")]
Limit = Annotated[int, typer.Option("--limit", min=0, help="At most so many are shown; counts are of all.")]

_VERSION = (
    "Of messages. ledger and quarantine then have the rows of the decisions that this version holds; without it, all three "
    "are as they are now."
)


class Trained(NamedTuple):
    """What a model was trained on, as the model's own books say: the table by its address, and its version."""

    table: str
    version: int
    about: dict[str, Any]
    """For people: model, run, digest."""


def commands(trained_on: Callable[[Settings, str], Trained]) -> typer.Typer:
    """The commands. `trained_on` answers for a model's name; it belongs to another part."""
    app = typer.Typer()
    for command in (sql, explain):
        app.command()(command)
    app.command(name="quarantine")(show_quarantine)
    app.command(name="trace")(_tracing(trained_on))
    return app


def sql(
    query: Annotated[str, typer.Argument(metavar="QUERY", help="One SELECT; columns: conf/tables.py.")],
    version: Annotated[int | None, typer.Option("--version", help=_VERSION)] = None,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", metavar="TIMESTAMP", help="The version at that moment: ISO 8601, UTC unless it says."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="A JSON array, a row in each line.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="CSV with a header line.")] = False,
    limit: Annotated[int | None, typer.Option("--limit", min=0, help="At most so many rows.")] = None,
) -> None:
    """Ask the tables messages, quarantine and ledger in SQL (DataFusion's); nothing can be changed.

    Rows are printed as they come: a large answer takes no more memory than a small one. Aligned columns cut values at 64 characters,
    --json and --csv do not. A shell reads $ and ` in double quotes: put the query into single ones.
    """
    _at_most_one(version=version, as_of=as_of)
    _at_most_one(json=as_json or None, csv=as_csv or None)
    # A query stops at Ctrl-C at once: while it computes, no Python runs that could see the signal.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    tables = opened(version, as_of)
    answer = tables.answer(query)
    rows = printing.limited(answer.rows, limit)
    if as_json:
        printing.as_json(rows)
    elif as_csv:
        printing.as_csv(answer.columns, rows)
    else:
        count = printing.aligned(answer.columns, rows)
        sys.stdout.write(f"({count} rows)\n" if count != 1 else "(1 row)\n")


def show_quarantine(
    rule: Annotated[str | None, typer.Option("--rule", help="Only what breaks this rule.")] = None,
    as_json: AsJson = False,
    limit: Limit = 20,
) -> None:
    """What could not be loaded: counts by rule, then the newest entries with where they came from and their bytes."""
    found = quarantine.look(opened(), rule, limit)
    _print(found._asdict() | {"entries": list(found.entries)}, report.quarantined, as_json)


def explain(
    version: Annotated[
        int | None, typer.Argument(metavar="[N]", help="A version of messages; without it the newest.")
    ] = None,
    whole: Annotated[
        bool, typer.Option("--whole", help="List all objects with rows in it, not only those new in it.")
    ] = False,
    as_json: AsJson = False,
    limit: Limit = 20,
) -> None:
    """What made a version of messages: its commit, the decision, the objects and pages, and what changed from the version before."""
    _print(explanation.explain(opened(version), whole=whole, most=limit), report.explained, as_json)


def _tracing(trained_on: Callable[[Settings, str], Trained]) -> Callable[..., None]:
    def command(
        text: Annotated[
            str | None, typer.Option("--text", help="Rows whose text holds this; also what quarantine holds of it.")
        ] = None,
        row: Annotated[
            str | None, typer.Option("--row", metavar="KEY:ROW[:PART]", help="The row of this record of an object.")
        ] = None,
        page: Annotated[int | None, typer.Option("--page", help="What became of the page of this number.")] = None,
        key: Annotated[str | None, typer.Option("--object", metavar="KEY", help="What became of this object.")] = None,
        model: Annotated[
            str | None,
            typer.Option("--model", metavar="NAME@ALIAS|NAME/VERSION", help="What this model was trained on."),
        ] = None,
        as_json: AsJson = False,
        limit: Limit = 20,
    ) -> None:
        """Where it comes from: a row down to its bytes in landing, a page or object up to its rows, a model down to its pages."""
        asked = _at_most_one(text=text, row=row, page=page, object=key, model=model)
        if asked is None:
            raise typer.BadParameter("Name one of --text, --row, --page, --object, --model.")
        if model is not None:
            found, show = _model(trained_on(load(), model), limit), report.modelled
        elif page is not None or key is not None:
            from streaming.look import trace

            tables = opened()
            found = trace.key(tables, key, limit) if key is not None else trace.page(tables, page or 0, limit)
            show = report.became
        else:
            found = _origins(text, row, limit)
            show = report.traced
        _print(found, show, as_json)

    return command


def _origins(text: str | None, row: str | None, limit: int) -> dict[str, Any]:
    from streaming.look import trace
    from streaming.look.landed import of_minio

    tables, landed = opened(), of_minio(load())
    return trace.row(tables, landed, row, limit) if row is not None else trace.text(tables, landed, text or "", limit)


def _model(trained: Trained, limit: int) -> dict[str, Any]:
    ours = MESSAGES.location(load().minio.delta_bucket)
    if trained.table != ours:
        raise LookError(
            f"The model was trained on {trained.table} version {trained.version}; this lake's table is {ours}."
        )
    return {"model": trained.about} | explanation.explain(opened(trained.version), whole=True, most=limit)


def opened(version: int | None = None, as_of: str | None = None) -> Tables:
    """The tables in MinIO, queried as the trainer, which cannot change them."""
    at = None if as_of is None else moment(as_of)
    settings = load()
    access = settings.s3("trainer")
    reach(access, settings.minio.delta_bucket)
    return Tables(Place(settings.minio.delta_bucket, access), version, at)


def _at_most_one(**options: Any) -> str | None:
    """The name of the one that was given."""
    given = [name for name, value in options.items() if value is not None]
    if len(given) > 1:
        raise typer.BadParameter(
            f"--{given[0].replace('_', '-')} and --{given[1].replace('_', '-')} exclude each other."
        )
    return given[0] if given else None


def _print(found: dict[str, Any], for_people: Callable[[dict[str, Any]], str], as_json: bool) -> None:
    sys.stdout.write((printing.document(found, indent=2) if as_json else for_people(found)) + "\n")
