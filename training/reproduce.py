"""`spark-submit training/reproduce.py RUN`: a training is repeated from its run alone, and compared with it."""

import json
from pathlib import Path
from typing import Annotated

import typer
from pyspark.sql import SparkSession
from rich.console import Console

from conf import jvm, session, settings
from training import head_start, program, services
from training.stopwatch import Stopwatch

Name = Annotated[str, typer.Argument(metavar="RUN", help="A run's id, or a model as NAME@ALIAS or NAME/VERSION.")]
Report = Annotated[
    Path | None, typer.Option(callback=program.writable, help="A file to write the verdict to, as JSON.")
]


def reproduce(run: Name, report: Report = None) -> None:
    """Train again as a run in MLflow says, and compare data, metrics, predictions and model; exit code 1 unless REPRODUCED."""
    chosen = settings.load()
    access, server = chosen.s3("trainer"), chosen.tracking()
    services.check_mlflow(server)
    java = session.launching(jvm.launch())
    head_start.load_case_mappings(java)
    from training import record, reproduction, tracking, verdict  # noqa: PLC0415  # loaded while Java starts

    def start() -> SparkSession:
        return session.start("lakehouse reproduction", access, chosen.spark.ui_port + 1, chosen.events, java)

    with tracking.connected(server):
        original = record.read(run)
        services.check_minio(access, original.recipe.parameters["table"], chosen.minio.delta_bucket)
        found = reproduction.run(original, access, start, Stopwatch())
    verdict.show(original.run_id, found, Console())
    if report:
        told = {"run_id": original.run_id, **found.as_dict()}
        report.write_text(json.dumps(told, indent=2) + "\n")
    raise typer.Exit(0 if found.verdict is verdict.Verdict.REPRODUCED else 1)


if __name__ == "__main__":
    program.run(reproduce, "reproduce")
