"""From a registered model to kept predictions, with the program itself, a real Delta table and a real MLflow server."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import mlflow
import pandas as pd
import pytest
from deltalake import DeltaTable
from pyspark.sql import SparkSession
from pyspark.sql.types import StructType

from conf.settings import MlflowAccess
from conf.versions.address import Address
from tests.spark import tracked
from tests.spark.tracked import NOBODY, QUIET
from training import dataset, kept_model, kept_predictions, own_predictions, scoring, texts, tracking
from training.algorithms import Algorithm
from training.errors import LineageError, ScoringError
from training.request import Request
from training.split import Scheme
from training.summary import Summary

if TYPE_CHECKING:
    import subprocess

pytestmark = QUIET

NAME = "sms-spam-scored"
SCHEME = Scheme(folds=2)
TRICKY = 'WINNER! "claim" now,\ncall 09061234567'


def append(spark: SparkSession, folder: Path, numbers: range) -> None:
    """Ham that meets, spam that pays."""
    rows = [
        (label, text, number)
        for number in numbers
        for label, text in (
            ("ham", f"shall we meet for lunch at {number}? friend {number}"),
            ("spam", f"WINNER! claim £{number}00 now, call 0906{number:07d}"),
        )
    ]
    frame = spark.createDataFrame(rows, "label string, text string, row_hash long")
    frame.coalesce(1).write.format("delta").mode("append").save(str(folder))


@pytest.fixture(scope="module")
def table(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Version 0 has 60 rows, version 1 has 80."""
    folder = tmp_path_factory.mktemp("lake") / "messages"
    append(spark, folder, range(30))
    append(spark, folder, range(30, 40))
    return folder


@pytest.fixture(scope="module")
def artifacts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where MLflow's server keeps its artifacts."""
    return tmp_path_factory.mktemp("mlflow") / "artifacts"


@pytest.fixture(scope="module")
def server(artifacts: Path) -> Iterator[MlflowAccess]:
    """MLflow's server."""
    with tracked.served(artifacts) as access:
        yield access


@pytest.fixture(scope="module")
def trained(spark: SparkSession, table: Path, server: MlflowAccess) -> Summary:
    """The first model, of version 0."""
    return tracked.train(spark, Request(str(table), 0, Algorithm.NAIVE_BAYES, SCHEME), server, NAME)


def score(server: MlflowAccess, home: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    """`training/score.py` as a process of its own."""
    return tracked.program("score.py", server, home, *options)


def test_the_newest_version_is_scored_by_the_champion_which_is_what_its_training_made(
    server: MlflowAccess, trained: Summary, table: Path, tmp_path: Path
) -> None:
    ended = score(
        server, tmp_path, "--model", f"{NAME}@champion", "--table", str(table), "--output", str(tmp_path / "said")
    )
    assert ended.returncode == 0, ended.stderr
    lines = dict(line.split(maxsplit=1) for line in ended.stdout.splitlines() if line)
    assert lines["model"] == f"{NAME}/1, trained by the run {trained.run_id}"
    assert lines["check"].startswith("the 60 predictions logged at its training are given again")
    assert lines["scored"] == f"{table}, version 1"
    assert lines["rows"] == "80: 40 spam, 40 ham, 0 without text"
    assert lines["predictions"] == str(tmp_path / "said")
    kept = DeltaTable(str(tmp_path / "said"))
    rows = kept.to_pandas()
    assert list(rows) == ["label", "text", "row_hash", "probability", "prediction", "model", "model_version"]
    assert ((rows["label"] == "spam") == (rows["prediction"] == 1.0)).all()
    assert (set(rows["model"]), set(rows["model_version"])) == ({NAME}, {1})
    said = json.loads(kept.history(1)[0]["userMetadata"])
    assert said == {"model": f"{NAME}/1", "source": f"{table}, version 1"}


def test_a_file_without_the_column_is_refused_in_one_line_with_those_it_has(
    server: MlflowAccess, trained: Summary, tmp_path: Path
) -> None:
    (tmp_path / "in.csv").write_text("v1,v2\nham,hello\n")
    options = ("--file", str(tmp_path / "in.csv"), "--output", str(tmp_path / "said"))
    ended = score(server, tmp_path, "--model", f"{NAME}/{trained.model_version}", *options)
    assert ended.returncode == 1
    [line] = [one for one in ended.stderr.splitlines() if one.startswith("scoring:")]
    assert "no column 'text'; the columns are v1, v2. `--text COLUMN`" in line
    assert not (tmp_path / "said").exists()


def test_a_model_that_is_not_there_is_named(
    server: MlflowAccess, trained: Summary, table: Path, tmp_path: Path
) -> None:
    with tracking.connected(server):
        for name in (f"{NAME}@nobody", f"{NAME}/99", "nothing@champion"):
            with pytest.raises(LineageError, match=f"shows no model {name}: it is not there"):
                kept_model.find(name)
    with pytest.raises(LineageError, match="names no version of a model"):
        kept_model.find("sms-spam")


def test_a_model_that_gives_other_predictions_than_its_training_logged_is_refused(
    spark: SparkSession, server: MlflowAccess, trained: Summary, tmp_path: Path
) -> None:
    with tracking.connected(server):
        version, client = kept_model.find(f"{NAME}/{trained.model_version}"), mlflow.MlflowClient()
        model = kept_model.load(version)
        logged = Path(client.download_artifacts(trained.run_id, own_predictions.FILE, str(tmp_path)))
        other = tmp_path / "other" / own_predictions.FILE
        other.parent.mkdir()
        turned = pd.read_parquet(logged).assign(prediction=lambda said: 1.0 - said["prediction"])
        turned.to_parquet(other)
        client.log_artifact(trained.run_id, str(other))
        try:
            with pytest.raises(ScoringError, match="60 of 60 messages are told otherwise, 0 are on one side only"):
                kept_predictions.check(spark, NOBODY, model, version)
        finally:
            client.log_artifact(trained.run_id, str(logged))
        assert kept_predictions.check(spark, NOBODY, model, version).startswith("the 60 predictions logged")


def test_of_a_file_that_was_read_from_mlflow_nothing_is_left(
    server: MlflowAccess, trained: Summary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with tracking.connected(server):
        logged = kept_model.artifact(trained.run_id, own_predictions.FILE, pd.read_parquet)
        assert kept_model.artifact(trained.run_id, "none", pd.read_parquet) is None
    assert logged is not None
    assert (len(logged), list(tmp_path.iterdir())) == (60, [])


def test_other_rows_are_told_from_those_of_the_training(
    spark: SparkSession, server: MlflowAccess, trained: Summary, table: Path
) -> None:
    """The logged predictions stand against those of the loaded model, on the messages of its version and on others."""
    with tracking.connected(server):
        model = kept_model.load(kept_model.find(f"{NAME}/{trained.model_version}"))
        logged = kept_model.artifact(trained.run_id, own_predictions.FILE, pd.read_parquet)
    assert logged is not None
    same, more = (
        own_predictions.compare(
            logged,
            own_predictions.of(model, dataset.read(spark, Address.of(str(table), NOBODY), number, SCHEME).messages),
        )
        for number in (0, 1)
    )
    assert (same.holds, same.messages, same.unmatched, same.gap) == (True, 60, 0, 0.0)
    assert (more.holds, more.messages, more.unmatched) == (False, 60, 20)


def test_a_prediction_a_probability_and_a_missing_message_each_break_the_agreement() -> None:
    logged = pd.DataFrame(
        {"message_id": ["a", "b"], "spam": [0.0, 1.0], "probability": [0.1, 0.9], "prediction": [0.0, 1.0]}
    )
    compare = own_predictions.compare
    assert compare(logged, logged.iloc[::-1]).holds
    assert compare(logged, logged.assign(probability=[0.1, 0.9 + 1e-12])).holds
    assert not compare(logged, logged.assign(probability=[0.1, 0.9 + 1e-6])).holds
    assert not compare(logged, logged.assign(probability=[0.1, float("nan")])).holds
    assert not compare(logged, logged.assign(prediction=[1.0, 1.0])).holds
    assert not compare(logged, logged.head(1)).holds


def test_every_column_of_a_file_stays_and_a_row_without_text_has_no_prediction(
    spark: SparkSession, server: MlflowAccess, trained: Summary, tmp_path: Path
) -> None:
    pd.DataFrame(
        {"id": ["1", "2", "3"], "tokens": ["mine"] * 3, "sms": ["shall we meet for lunch?", TRICKY, None]}
    ).to_csv(tmp_path / "in.csv", index=False)
    with tracking.connected(server):
        version = kept_model.find(f"{NAME}@champion")
        scored = scoring.score(kept_model.load(version), version, texts.of_file(spark, str(tmp_path / "in.csv")), "sms")
    texts.keep(scored, str(tmp_path / "said"), {})
    rows = DeltaTable(str(tmp_path / "said")).to_pandas().sort_values("id")
    assert list(rows) == ["id", "tokens", "sms", "probability", "prediction", "model", "model_version"]
    assert rows["sms"].tolist() == ["shall we meet for lunch?", TRICKY, None]
    assert rows["prediction"].fillna(-1).tolist() == [0.0, 1.0, -1]
    assert rows["probability"].isna().tolist() == [False, False, True]
    assert texts.counts(spark, str(tmp_path / "said")) == {"spam": 1, "ham": 1, "without text": 1}


def test_a_table_of_something_else_is_not_written_over(spark: SparkSession, table: Path, tmp_path: Path) -> None:
    append(spark, tmp_path / "mine", range(2))
    with pytest.raises(ScoringError, match=r"No predictions were written to .*mine.*--output"):
        texts.keep(spark.createDataFrame([(1.0,)], "prediction double"), str(tmp_path / "mine"), {})
    assert DeltaTable(str(tmp_path / "mine")).version() == 0


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("in.txt", "ends in neither .csv nor .parquet"),
        ("no.csv", "no.csv cannot be read"),
        ("no.parquet", "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(spark: SparkSession, tmp_path: Path, name: str, complaint: str) -> None:
    with pytest.raises(ScoringError, match=complaint):
        texts.of_file(spark, str(tmp_path / name))


def test_a_column_that_scoring_adds_is_not_replaced(
    spark: SparkSession, server: MlflowAccess, trained: Summary
) -> None:
    with tracking.connected(server):
        version = kept_model.find(f"{NAME}@champion")
        model = kept_model.load(version)
    with pytest.raises(ScoringError, match="a column prediction already"):
        scoring.score(model, version, spark.createDataFrame([("x", "y")], "text string, prediction string"))


@pytest.mark.parametrize(("name", "named"), [("message text", "' '"), ("a=b;c", "';', '='"), ("tab\tin", r"'\t'")])
def test_a_column_that_no_delta_table_can_have_is_refused_before_anything_is_scored(
    spark: SparkSession, server: MlflowAccess, trained: Summary, name: str, named: str
) -> None:
    with tracking.connected(server):
        version = kept_model.find(f"{NAME}@champion")
        model = kept_model.load(version)
    with pytest.raises(ScoringError) as refused:
        scoring.score(
            model, version, spark.createDataFrame([("x", "y")], StructType().add("text", "string").add(name, "string"))
        )
    assert (
        str(refused.value) == f"A Delta table can have no column {name!r}, because of {named} in its name. Rename it."
    )


def test_what_is_refused_in_a_name_is_what_delta_refuses(spark: SparkSession, tmp_path: Path) -> None:
    for number, sign in enumerate([*scoring.FORBIDDEN, *"-.:/'\"#\u00e4"]):
        frame = spark.createDataFrame([("x",)], StructType().add(f"a{sign}b", "string"))
        if sign in scoring.FORBIDDEN:
            with pytest.raises(ScoringError, match="invalid character"):
                texts.keep(frame, str(tmp_path / str(number)), {})
        else:
            texts.keep(frame, str(tmp_path / str(number)), {})


def test_a_model_whose_artifacts_are_gone_is_named(server: MlflowAccess, trained: Summary, artifacts: Path) -> None:
    """The last one: it breaks the model."""
    with tracking.connected(server):
        version = kept_model.find(f"{NAME}/{trained.model_version}")
        model = mlflow.MlflowClient().get_logged_model(str(version.source).rpartition("/")[2])
        [kept] = artifacts.glob(f"**/{model.model_id}")
        shutil.rmtree(kept / "artifacts" / "sparkml")
        with pytest.raises(LineageError, match=f"The artifacts of the model {NAME}/1 are gone from MLflow"):
            kept_model.load(version)
