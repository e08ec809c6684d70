"""One repetition: what MLflow keeps of a run leads to a verdict, which is logged as a child run of it."""

from collections.abc import Callable, Sequence
from pathlib import Path

import mlflow
from mlflow.utils.mlflow_tags import MLFLOW_PARENT_RUN_ID
from pyspark.sql import SparkSession

from conf.machine import ROOT
from conf.settings import S3Access
from conf.versions.address import Address
from training import dataset, differences, fitting, keeping, packing, recipe, remains, tracking, verdict
from training.dataset import Dataset
from training.differences import Difference
from training.errors import DataError, SnapshotError
from training.recipe import Recipe
from training.record import Record
from training.stopwatch import Stopwatch
from training.verdict import Judgement, Verdict

NAME = "reproduce"
RESULT = "reproduction.json"
# The recipe's parameters that the rows decide.
OF_ROWS = ("table_digest", "rows", "distinct")


def run(
    record: Record, access: S3Access, start: Callable[[], SparkSession], watch: Stopwatch, root: Path = ROOT
) -> Judgement:
    """The verdict on a run, and what it rests on. `start` is asked for Spark when there is something to compute.

    The verdict is logged as a child run of the original, and as its tag. `root` is where code and lock are. Raises `TrainingError`.
    """
    began = tracking.now()
    found = _judged(record, access, start, watch, root)
    tags = {MLFLOW_PARENT_RUN_ID: record.run_id, "reproduces": record.run_id, "verdict": str(found.verdict)}
    with tracking.whole(tracking.begun(record.experiment_id, tags, began, NAME)) as run_id:
        mlflow.log_metrics(found.figures, run_id=run_id)
        mlflow.MlflowClient().log_dict(run_id, found.as_dict(), RESULT)
    return found


def _judged(
    record: Record, access: S3Access, start: Callable[[], SparkSession], watch: Stopwatch, root: Path
) -> Judgement:
    request = record.recipe.request()
    address = Address.of(request.location, access)
    with watch.stage("check"):
        ended = _of_record(record) or remains.judge(address, request.version)
    if ended:
        return ended
    keeping.for_repetition(address, request.version, record.run_id)
    with watch.stage("start"):
        spark = start()
        # The files must be read, not what an earlier training in this session cached of them.
        spark.catalog.clearCache()
    with watch.stage("read"):
        try:
            data = dataset.read(spark, address, request.version, request.scheme)
        except DataError as error:
            # Something was learned from it once.
            return _changed(address, request.version, [Difference("rows", "could be learned from", str(error))])
        except SnapshotError:
            if lost := remains.judge(address, request.version) or remains.judge_log(address):
                return lost
            raise
    now = recipe.of(request, data, spark, root)
    rows = _rows(record.recipe, now)
    return _changed(address, request.version, rows) if rows else _of_results(record, data, now, watch)


def _of_record(record: Record) -> Judgement | None:
    """Whether MLflow's records of the run contradict each other: then nobody can say what was trained."""
    told = {name: record.parameters.get(name, differences.MISSING) for name in record.recipe.logged()}
    found = differences.values(record.recipe.logged(), told, "parameter")
    if not record.untouched:
        found.append(Difference(recipe.FILE, "as its tag says", "another text"))
    advice = f"The training wrote what is said first; MLflow keeps {recipe.FILE} and its digest beside the parameters."
    return Judgement(Verdict.RECORD_CHANGED, found, advice=advice) if found else None


def _rows(then: Recipe, now: Recipe) -> list[Difference]:
    old, new = ({name: one.parameters.get(name, "") for name in OF_ROWS} for one in (then, now))
    return differences.values(old, new, "data")


def _changed(address: Address, version: int, found: Sequence[Difference]) -> Judgement:
    return Judgement(Verdict.DATA_CHANGED, [*found, *remains.rewritten(address, version)], advice=remains.DEEP)


def _of_results(record: Record, data: Dataset, now: Recipe, watch: Stopwatch) -> Judgement:
    then, request = record.recipe, record.recipe.request()
    fitted = fitting.fit(data.messages, request, watch)
    within = differences.tolerance(request.algorithm)
    figures = packing.figures(fitted.tested)
    with watch.stage("compare"):
        results = [
            *differences.figures(record.figures, figures, within),
            *differences.scores(record.scores(), fitted.tested.scores, within),
            *differences.models(record.model(), fitted.model, data.messages, within),
        ]
    data.messages.unpersist()
    return verdict.of_results(results, _code(then, now), _environment(then, now), figures)


def _code(then: Recipe, now: Recipe) -> list[Difference]:
    """Differences in files and in parameters. The commit is named beside them, never alone: most commits change other things."""
    found = [
        *differences.values(then.sources, now.sources, "code"),
        *differences.values(then.parameters, now.parameters, "parameter"),
    ]
    return [*differences.values({"": then.commit}, {"": now.commit}, "commit"), *found] if found else []


def _environment(then: Recipe, now: Recipe) -> list[Difference]:
    return differences.values(then.environment, now.environment, "environment")
