"""`spark-submit training/deliver.py`: MLflow gets the trainings that it does not have yet."""

import signal
import sys
from functools import partial

import typer
from pyspark.sql import DataFrame

from conf import jvm, session, settings
from conf.errors import LakeError
from conf.settings import Settings
from training import delivery, parcel, services, snapshot
from training.parcel import About
from training.split import distinct_messages
from training.stopwatch import Stopwatch


def deliver() -> None:
    """Hand over what earlier trainings could not: each is registered once, and compared with the champion."""
    chosen = settings.load()
    server = chosen.tracking()
    waiting = parcel.waiting(chosen.trainings)
    if not waiting:
        typer.echo("MLflow has all trainings.")
        return
    services.check_mlflow(server)
    for one in waiting:
        with parcel.held(one) as ours:
            if not ours:
                typer.echo(f"training {one.about.training}: another process is delivering it.")
                continue
            done = delivery.deliver(one, server, partial(_messages, chosen, one.about), Stopwatch())
        typer.echo(
            f"training {one.about.training}: {done.entry.name}, version {done.entry.version}; "
            f"champion: {'yes' if done.decision.champion else 'no'}, {done.decision.reason}\n"
            f"{server.page}/#/experiments/{done.experiment_id}/runs/{done.run_id}"
        )


def _messages(chosen: Settings, about: About) -> DataFrame:
    """What the training read: Spark is started only when a rival must be asked about it."""
    access = chosen.s3("trainer")
    services.check_minio(access, about.table)
    java = session.launching(jvm.launch())
    spark = session.start("lakehouse delivery", access, chosen.spark.ui_port + 1, chosen.events, java)
    return distinct_messages(snapshot.read(spark, about.table, about.version).messages)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        typer.run(deliver)
    except LakeError as error:
        sys.exit(f"deliver: {error}")
