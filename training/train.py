"""`spark-submit training/train.py [--version N | --as-of TIME]`: one table version becomes a registered model."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from conf import jvm, session, settings
from conf.tables import MESSAGES
from conf.versions.address import Address
from training import dataset, head_start, keeping, parcel, program, services, snapshot
from training.algorithms import Algorithm
from training.request import Request
from training.split import Scheme
from training.stopwatch import Stopwatch

Version = Annotated[int | None, typer.Option(min=0, help="The version of the table; without it, the newest.")]
Moment = Annotated[datetime | None, typer.Option("--as-of", help="The newest version at this moment, in UTC.")]
Table = Annotated[str | None, typer.Option(help="Where the Delta table lies; without it, messages in MinIO.")]
Kind = Annotated[Algorithm, typer.Option("--algorithm", help="What learns.")]
Folds = Annotated[int, typer.Option(min=2, help="Into how many folds the messages are dealt.")]
Repeats = Annotated[
    int, typer.Option(min=1, help="How often they are dealt anew; more make the test surer, and take longer.")
]
Characters = Annotated[bool, typer.Option("--characters", help="Look for parts of words as well.")]
Report = Annotated[
    Path | None, typer.Option("--summary", callback=program.writable, help="A file to write the summary to, as JSON.")
]


def train(
    version: Version = None,
    as_of: Moment = None,
    algorithm: Kind = Algorithm.NAIVE_BAYES,
    table: Table = None,
    folds: Folds = 5,
    repeats: Repeats = 1,
    characters: Characters = False,
    report: Report = None,
) -> None:
    """Train on one version of the messages, and keep the model in MLflow."""
    if version is not None and as_of is not None:
        raise typer.BadParameter("--version and --as-of both name a version: give one of them.")
    chosen = settings.load()
    access, server = chosen.s3("trainer"), chosen.tracking()
    location = table or MESSAGES.location(chosen.minio.delta_bucket)
    services.check_mlflow(server)
    services.check_minio(access, location, chosen.minio.delta_bucket)
    if waiting := parcel.waiting(chosen.trainings):
        typer.echo(f"training: MLflow does not have {len(waiting)} earlier ones yet; `lake deliver` hands them over.")
    for why in parcel.unreadable(chosen.trainings).values():
        typer.echo(f"training: an earlier one will never reach MLflow as it is: {why}")
    address = Address.of(location, access)
    number = snapshot.resolve(address, version, as_of and as_of.replace(tzinfo=UTC))
    request = Request(location, number, algorithm, Scheme(folds, repeats), characters)
    # Before anything is read: a crash leaves at most a pin that nobody needs.
    keeping.for_training(address, request, chosen.keep.trained_days)
    watch = Stopwatch()
    java = session.launching(jvm.launch())
    head_start.load_case_mappings(java)
    with head_start.libraries_loading():
        with watch.stage("start"):
            # The port after the streaming query's, which keeps its own whichever of the two starts first.
            spark = session.start("lakehouse training", access, chosen.spark.ui_port + 1, chosen.events, java)
        with watch.stage("read"):
            data = dataset.read(spark, address, request.version, request.scheme)
    from training import experiment, summary  # noqa: PLC0415  # loaded while Spark started

    done = experiment.run(data, request, server, chosen.mlflow.model_name, watch, chosen.trainings)
    summary.show(done, Console())
    if report:
        summary.write(done, report)


if __name__ == "__main__":
    program.run(train, "training")
