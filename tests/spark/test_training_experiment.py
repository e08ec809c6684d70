"""From table version to registered model, with a real Delta table and a real MLflow store in a temporary folder."""

import shutil
from dataclasses import replace
from pathlib import Path

import mlflow
import mlflow.spark
import pytest
from mlflow.entities import Run
from pyspark.ml import PipelineModel
from pyspark.ml.functions import vector_to_array
from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from sklearn.metrics import roc_auc_score  # type: ignore[import-untyped]  # it ships no types

from conf.settings import MlflowAccess
from conf.versions.address import Address
from tests.spark import tracked
from tests.spark.tracked import NOBODY, QUIET, store
from training import algorithms, crossvalidation, dataset, evaluation, registry, snapshot, words
from training.algorithms import Algorithm
from training.errors import DataError
from training.registry import DECIDED
from training.request import Request
from training.rivals import Rivals
from training.split import Scheme
from training.summary import Summary

pytestmark = QUIET

NAME = "sms-spam-test"
GONE = "sms-spam-gone"
PEOPLE = ("anna", "ben", "carol", "dave", "eve", "finn")
THINGS = ("lunch", "the meeting", "football", "dinner", "the exam", "shopping")
PRIZES = ("a holiday", "cash", "a phone", "tickets", "lunch", "football")


def ham(number: int) -> str:
    return f"hi {PEOPLE[number % 6]} are we still on for {THINGS[number // 6 % 6]} at {number % 12}? no {number}"


def spam(number: int) -> str:
    return f"WINNER {PEOPLE[number % 4]}! claim {PRIZES[number % 6]} worth £{number}00 now, call 0906{number:07d}"


def append(spark: SparkSession, folder: Path, rows: list[tuple[str, str]]) -> None:
    numbered = [(label, text, number) for number, (label, text) in enumerate(rows)]
    frame = spark.createDataFrame(numbered, "label string, text string, row_hash long")
    frame.write.format("delta").mode("append").save(str(folder))


@pytest.fixture(scope="module")
def table(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Version 0 calls ham spam and spam ham; version 1 adds five times as many messages with the right labels."""
    folder = tmp_path_factory.mktemp("lake") / "messages"
    append(spark, folder, [row for number in range(40) for row in (("spam", ham(number)), ("ham", spam(number)))])
    append(spark, folder, [row for number in range(40, 240) for row in (("ham", ham(number)), ("spam", spam(number)))])
    return str(folder)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> MlflowAccess:
    """MLflow's own store without its server; artifacts in a folder beside it."""
    return store(tmp_path_factory.mktemp("mlflow"), NAME)


@pytest.fixture(scope="module")
def trained(spark: SparkSession, table: str, server: MlflowAccess) -> list[Summary]:
    """Four trainings one after the other: on version 0, on the newest, on version 1 by its number, on version 0 again."""
    return [
        train(spark, table, version, server) for version in (0, snapshot.resolve(Address.of(table, NOBODY), None), 1, 0)
    ]


def train(spark: SparkSession, table: str, version: int, server: MlflowAccess) -> Summary:
    return tracked.train(spark, Request(table, version, Algorithm.NAIVE_BAYES, Scheme(folds=3)), server, NAME)


def read(spark: SparkSession, table: str, version: int) -> dataset.Dataset:
    return dataset.read(spark, Address.of(table, NOBODY), version, Scheme(folds=3))


def logged(summary: Summary) -> Run:
    return mlflow.MlflowClient().get_run(summary.run_id)


def test_a_version_trained_on_again_gives_the_same_model(trained: list[Summary]) -> None:
    _, newest, again, _ = trained
    assert (newest.version, again.version) == (1, 1)
    assert again.census == newest.census
    assert again.metrics == newest.metrics
    assert again.predictions_digest == newest.predictions_digest


def test_another_version_gives_another_model(trained: list[Summary]) -> None:
    earlier, newest, _, _ = trained
    assert (earlier.census.rows, newest.census.rows) == (80, 480)
    assert earlier.census.digest != newest.census.digest
    assert earlier.predictions_digest != newest.predictions_digest


def test_the_alias_moves_only_to_a_better_model(trained: list[Summary]) -> None:
    assert [(summary.model_version, summary.champion) for summary in trained] == [
        (1, True),
        (2, True),
        (3, False),
        (4, False),
    ]
    first, better, equal, smaller = (summary.champion_reason for summary in trained)
    assert first == "the first model"
    assert better.endswith("against version 1")
    assert equal == "F1 +0.0000, AUC +0.0000 in the mean of 3 folds (0 better, 0 worse in F1) against version 2"
    assert smaller == f"tested on {trained[0].census.distinct} messages, version 2 on {trained[1].census.distinct}"
    assert int(mlflow.MlflowClient().get_model_version_by_alias(NAME, "champion").version) == 2


def test_the_registered_model_takes_raw_text(spark: SparkSession, trained: list[Summary]) -> None:
    assert trained[1].champion
    model = mlflow.spark.load_model(f"models:/{NAME}@champion")
    texts = spark.createDataFrame([(ham(500),), (spam(500),)], "text string")
    found = (
        model.transform(texts).select(vector_to_array(F.col("probability"))[1].alias("spam"), "prediction").collect()
    )
    assert [row["prediction"] for row in found] == [0.0, 1.0]
    assert found[0]["spam"] < 0.5 < found[1]["spam"]


def test_the_model_says_what_it_takes_and_gives(trained: list[Summary]) -> None:
    described = mlflow.models.get_model_info(f"models:/{NAME}/{trained[0].model_version}")
    assert described.signature is not None
    assert described.signature.inputs.input_names() == ["text"]
    assert described.signature.outputs.input_names() == ["prediction"]
    assert described.saved_input_example_info is not None


def test_a_run_names_its_table_version_and_digest(trained: list[Summary], table: str) -> None:
    run = logged(trained[0])
    assert run.inputs is not None
    [data] = run.inputs.dataset_inputs
    assert data.dataset.digest == trained[0].census.digest
    assert data.dataset.source == f'{{"path": "{table}", "delta_table_version": "0"}}'
    assert (run.data.params["table"], run.data.params["table_version"]) == (table, "0")
    assert run.data.tags["origin"] == "unknown"
    # By which its pin is found.
    assert len({logged(one).data.tags["training"] for one in trained}) == 4


def test_a_run_keeps_metrics_and_plots(trained: list[Summary]) -> None:
    run = logged(trained[1])
    assert run.info.status == "FINISHED"
    assert run.data.metrics["auc"] == trained[1].metrics.auc
    pictures = {file.path for file in mlflow.MlflowClient().list_artifacts(run.info.run_id)}
    assert pictures == {
        *("roc.png", "precision-recall.png", "calibration.png", "confusion.png"),
        *("scores.parquet", "model-predictions.parquet", "thresholds.csv", "worst-mistakes.csv", "recipe.json"),
    }
    assert run.data.metrics["f1_low"] <= run.data.metrics["f1"] <= run.data.metrics["f1_high"]


def test_what_cannot_be_learned_from_leaves_nothing_behind(
    spark: SparkSession, server: MlflowAccess, tmp_path: Path
) -> None:
    append(spark, tmp_path / "t", [(label, label + "x" * number) for number in range(40) for label in ("ham", "spam")])
    with pytest.raises(DataError, match="No word occurs in two"):
        train(spark, str(tmp_path / "t"), 0, server)
    assert not mlflow.search_runs(
        experiment_names=[NAME], filter_string=f"tags.table = '{tmp_path}/t'", output_format="list"
    )


def test_the_auc_is_that_of_the_probability_not_of_the_log_joint(spark: SparkSession) -> None:
    """Each word makes a log-joint smaller: ranked by it, the long spam comes behind the short ham."""
    texts = [(0.0, "lunch")] * 9 + [(1.0, "winner claim urgent prize cash holiday voucher tickets")] * 9
    messages = spark.createDataFrame(texts, "spam double, text string").withColumn("message_id", F.col("text"))
    split = PipelineModel(words.splitters(characters=False)).transform(messages)
    vocabulary = sorted({token for row in split.select("kept").collect() for token in row["kept"]})
    model = algorithms.fit(Algorithm.NAIVE_BAYES, split, vocabulary)
    log_joints = (
        model.transform(split).select("spam", vector_to_array(F.col("rawPrediction"))[1].alias("raw")).toPandas()
    )
    assert evaluation.measure(crossvalidation.apply(model, split).toPandas()).auc == 1.0
    assert roc_auc_score(log_joints["spam"], log_joints["raw"]) == 0.0


def test_of_two_trainings_at_once_the_better_is_champion_whoever_was_last(
    spark: SparkSession, table: str, trained: list[Summary]
) -> None:
    """Version 3 equals 2, 4 is smaller. Both undecided, and the alias at the worst, as if its training had been the last."""
    client = mlflow.MlflowClient()
    for version in ("3", "4"):
        client.delete_model_version_tag(NAME, version, DECIDED)
    client.set_registered_model_alias(NAME, registry.ALIAS, "4")
    rivals = Rivals(NAME, lambda: read(spark, table, 1).messages)
    for version in ("3", "4"):
        decision = registry.promote(client.get_model_version(NAME, version), rivals.contender, rivals.ask)
        assert not decision.champion
        assert int(client.get_model_version_by_alias(NAME, "champion").version) == trained[1].model_version


def test_a_champion_whose_artifacts_are_gone_is_replaced(
    spark: SparkSession, table: str, server: MlflowAccess, tmp_path: Path
) -> None:
    """Of a model of its own: the others are asked for by the tests beside this one."""
    mlflow.set_tracking_uri(server.url)
    mlflow.create_experiment(GONE, artifact_location=(tmp_path / "artifacts").as_uri())
    request = Request(table, 1, Algorithm.NAIVE_BAYES, Scheme(folds=2))
    assert tracked.train(spark, request, server, GONE).champion
    champion = mlflow.MlflowClient().get_model_version_by_alias(GONE, "champion")
    model = str(champion.source).rpartition("/")[2]
    location = mlflow.MlflowClient().get_logged_model(model).artifact_location
    shutil.rmtree(f"{location.removeprefix('file://')}/sparkml")
    later = tracked.train(spark, replace(request, training="another"), server, GONE)
    assert (later.champion, later.champion_reason) == (True, "the artifacts of version 1 are gone")
