"""`spark-submit training/score.py --model sms-spam@champion`: a table version or a file becomes predictions."""

from pathlib import PurePath
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from conf import jvm, session, settings
from conf.places import PREDICTIONS
from conf.settings import Settings
from conf.tables import MESSAGES
from conf.terminal import show
from conf.versions.address import Address
from training import model_name, program, services, snapshot

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

Model = Annotated[str, typer.Option(metavar="NAME@ALIAS|NAME/VERSION", help="Which registered model.")]
Version = Annotated[int | None, typer.Option(min=0, help="The version of the table; without it, the newest.")]
Table = Annotated[str | None, typer.Option(help="Where the Delta table lies; without it, messages in MinIO.")]
File = Annotated[str | None, typer.Option(help="A CSV file with a header, or Parquet, in the place of a table.")]
Column = Annotated[str, typer.Option("--text", help="The column that holds the texts.")]
Output = Annotated[
    str | None,
    typer.Option(help="Where the Delta table of predictions is put; without it, in the bucket of the tables."),
]
Check = Annotated[
    bool, typer.Option("--check/--no-check", help="First compare with the predictions logged at the training.")
]


def score(
    model: Model,
    version: Version = None,
    table: Table = None,
    file: File = None,
    column: Column = "text",
    output: Output = None,
    check: Check = True,
) -> None:
    """Say of each text whether it is spam, and keep what was said with the model's name and version."""
    if file is not None and (version is not None or table is not None):
        raise typer.BadParameter("--file is read in the place of a table: give no --version and no --table with it.")
    model_name.parse(model)
    chosen = settings.load()
    access, server = chosen.s3("trainer"), chosen.tracking()
    source = file or table or MESSAGES.location(chosen.minio.delta_bucket)
    if output is not None:
        # A mistyped scheme is refused here, and not when everything is scored.
        Address.of(output, access)
    services.check_mlflow(server)
    for place in (source, output or default_output(chosen, "", "")):
        services.check_minio(access, place, chosen.minio.delta_bucket)
    number = None if file else snapshot.resolve(Address.of(source, access), version)
    java = session.launching(jvm.launch())
    # Loaded while Java starts.
    from training import kept_model, kept_predictions, scoring, texts, tracking  # noqa: PLC0415

    with tracking.connected(server):
        found = kept_model.find(model)
        spark = session.start("lakehouse scoring", access, chosen.spark.ui_port + 2, chosen.events, java)
        loaded = kept_model.load(found)
        scored = scoring.score(loaded, found, _rows(spark, source, number), column)
        checked = kept_predictions.check(spark, access, loaded, found) if check else "not asked for"
    name = f"{found.name}/{found.version}"
    told = source if number is None else f"{source}, version {number}"
    target = output or default_output(chosen, f"{found.name}-{found.version}", _slug(source, number))
    texts.keep(scored, target, {"model": name, "source": told})
    counted = texts.counts(spark, target)
    show(
        Console(),
        ("model", f"{name}, trained by the run {found.run_id}"),
        ("check", checked),
        ("scored", told),
        ("rows", f"{sum(counted.values())}: {', '.join(f'{rows} {what}' for what, rows in counted.items())}"),
        ("predictions", target),
    )


def default_output(chosen: Settings, model: str, source: str) -> str:
    """`predictions/MODEL-VERSION/SOURCE` in the bucket of the tables: another model, or another version, has a table of its own."""
    return f"s3a://{chosen.minio.delta_bucket}/{PREDICTIONS}/{model}/{source}"


def _slug(source: str, number: int | None) -> str:
    place = PurePath(source)
    return place.stem if number is None else f"{place.name}-{number}"


def _rows(spark: "SparkSession", source: str, number: int | None) -> "DataFrame":
    from training import texts  # noqa: PLC0415  # loaded by now

    return texts.of_file(spark, source) if number is None else texts.of_version(spark, source, number)


if __name__ == "__main__":
    program.run(score, "scoring")
