"""`spark-submit training/deliver.py`: MLflow gets the trainings that it does not have yet."""

from functools import partial

import typer
from pyspark.sql import DataFrame

from conf import jvm, session, settings
from conf.settings import Settings
from training import dataset, delivery, parcel, program, services
from training.parcel import About
from training.stopwatch import Stopwatch


def deliver() -> None:
    """Hand over what earlier trainings could not: each is registered once, and compared with the champion."""
    chosen = settings.load()
    server = chosen.tracking()
    waiting = parcel.waiting(chosen.trainings)
    if not waiting:
        typer.echo(parcel.NONE_WAITS)
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
    """The messages that the training read. Spark is started only when a rival must be asked about them."""
    access = chosen.s3("trainer")
    services.check_minio(access, about.table)
    java = session.launching(jvm.launch())
    spark = session.start("lakehouse delivery", access, chosen.spark.ui_port + 1, chosen.events, java)
    return dataset.distinct(spark, about.table, about.version)


if __name__ == "__main__":
    program.run(deliver, "deliver")
