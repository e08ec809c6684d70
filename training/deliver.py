"""`spark-submit training/deliver.py`: MLflow gets the trainings that it does not have yet."""

from collections.abc import Callable
from functools import cache, partial

import typer
from pyspark.sql import DataFrame, SparkSession

from conf import jvm, session, settings
from conf.errors import LakeError
from conf.settings import MlflowAccess, Settings
from training import dataset, delivery, parcel, program, services
from training.errors import TrainingError
from training.parcel import About, Parcel
from training.stopwatch import Stopwatch


def deliver() -> None:
    """Hand over what earlier trainings could not: each is registered once, and compared with the champion.

    One that is refused keeps none back that comes after it; at the end all that were not delivered are named.
    """
    chosen = settings.load()
    server = chosen.tracking()
    waiting, damaged = parcel.waiting(chosen.trainings), parcel.unreadable(chosen.trainings)
    if not waiting and not damaged:
        typer.echo(parcel.NONE_WAITS)
        return
    missed = dict(damaged)
    spark = cache(partial(_start, chosen))
    for one in waiting:
        try:
            services.check_mlflow(server)
            _hand_over(one, server, partial(_messages, chosen, spark, one.about))
        except (LakeError, OSError) as error:
            missed[one.about.training] = str(error)
    if missed:
        reasons = "\n".join(f"training {name}: {why}" for name, why in missed.items())
        raise TrainingError(f"{len(missed)} of {len(waiting) + len(damaged)} trainings were not delivered.\n{reasons}")


def _hand_over(one: Parcel, server: MlflowAccess, messages: Callable[[], DataFrame]) -> None:
    with parcel.held(one) as ours:
        if not ours:
            typer.echo(f"training {one.about.training}: another process is delivering it.")
            return
        done = delivery.deliver(one, server, messages, Stopwatch())
    typer.echo(
        f"training {one.about.training}: {done.entry.name}, version {done.entry.version}; "
        f"champion: {'yes' if done.decision.champion else 'no'}, {done.decision.reason}\n"
        f"{server.page}/#/experiments/{done.experiment_id}/runs/{done.run_id}"
    )


def _messages(chosen: Settings, spark: Callable[[], SparkSession], about: About) -> DataFrame:
    """The messages that the training read. Spark is started only when a rival must be asked about them."""
    services.check_minio(chosen.s3("trainer"), about.table, chosen.minio.delta_bucket)
    return dataset.distinct(spark(), about.table, about.version)


def _start(chosen: Settings) -> SparkSession:
    java = session.launching(jvm.launch())
    return session.start("lakehouse delivery", chosen.s3("trainer"), chosen.spark.ui_port + 1, chosen.events, java)


if __name__ == "__main__":
    program.run(deliver, "deliver")
