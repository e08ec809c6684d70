"""A training is repeated from its run alone: proved, or the first thing that is not as it was is named."""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import pytest
from mlflow.entities import Run
from pyspark.sql import SparkSession

from conf.machine import ROOT
from conf.settings import MlflowAccess
from conf.versions import history, pins
from conf.versions.address import Address
from tests.added import added
from tests.spark import tracked
from tests.spark.tracked import NOBODY, QUIET, store
from training import dataset, recipe, record, reproduction, sources, vocabulary
from training.algorithms import Algorithm
from training.errors import LineageError
from training.request import Request
from training.rivals import SCORES
from training.split import Scheme
from training.stopwatch import Stopwatch
from training.summary import Summary
from training.verdict import Judgement, Verdict

pytestmark = QUIET

NAME = "sms-spam-repeated"
SCHEME = Scheme(folds=2)
TRAINED = 1
"""The version that all trainings here read."""


def ham(number: int) -> str:
    return f"hi {['anna', 'ben', 'carol', 'dave'][number % 4]} are we still on for lunch at {number % 12}? no {number}"


def spam(number: int) -> str:
    return f"WINNER! claim {['cash', 'tickets', 'lunch'][number % 3]} worth £{number}00 now, call 0906{number:07d}"


def append(spark: SparkSession, folder: Path, numbers: range) -> None:
    rows = [(label, text(one), one) for one in numbers for label, text in (("ham", ham), ("spam", spam))]
    frame = spark.createDataFrame(rows, "label string, text string, row_hash long").coalesce(1)
    frame.write.format("delta").option("compression", "uncompressed").mode("append").save(str(folder))


@pytest.fixture(scope="module")
def address(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Address:
    """Three versions of one file each, uncompressed: a text can be found in them."""
    folder = tmp_path_factory.mktemp("lake") / "messages"
    for start in (0, 20, 40):
        append(spark, folder, range(start, start + 20))
    return Address.of(str(folder), NOBODY)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> MlflowAccess:
    """MLflow's own store without its server; artifacts in a folder beside it."""
    return store(tmp_path_factory.mktemp("mlflow"), NAME)


def train(spark: SparkSession, address: Address, server: MlflowAccess, algorithm: Algorithm) -> Summary:
    return tracked.train(spark, Request(str(address), TRAINED, algorithm, SCHEME), server, NAME)


@pytest.fixture(scope="module")
def trained(spark: SparkSession, address: Address, server: MlflowAccess) -> str:
    """The id of the run that is repeated; a compaction follows it."""
    run_id = train(spark, address, server, Algorithm.NAIVE_BAYES).run_id
    address.open().optimize.compact()
    return run_id


def never() -> SparkSession:
    raise AssertionError("nothing is to be computed")


@pytest.fixture
def repeat(spark: SparkSession, trained: str) -> Callable[..., Judgement]:
    def repeated(name: str = trained, *, root: Path = ROOT) -> Judgement:
        return reproduction.run(record.read(name), NOBODY, lambda: spark, Stopwatch(), root)

    return repeated


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """Another clone: the same code and lock, to be changed."""
    for folder in ("training", "conf"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "uv.lock", tmp_path)
    return tmp_path


@contextmanager
def damaged(file: Path) -> Iterator[None]:
    """The file is as before behind the block. Spark's checksum goes: an object store has none."""
    kept = file.read_bytes()
    file.with_name(f".{file.name}.crc").unlink(missing_ok=True)
    stat = file.stat()
    try:
        yield
    finally:
        file.write_bytes(kept)
        os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def names(found: Judgement) -> list[str]:
    return [one.what for one in found.findings]


def logged(run_id: str) -> Run:
    return mlflow.MlflowClient().get_run(run_id)


@pytest.fixture(scope="module")
def repeated(spark: SparkSession, trained: str) -> Judgement:
    return reproduction.run(record.read(trained), NOBODY, lambda: spark, Stopwatch())


def test_a_repetition_gives_metrics_predictions_and_model_again(trained: str, repeated: Judgement) -> None:
    found = repeated
    assert (found.verdict, list(found.findings), list(found.notes)) == (Verdict.REPRODUCED, [], [])
    assert found.figures == logged(trained).data.metrics


def test_a_model_names_its_run_and_the_repetition_is_a_child_of_it(trained: str, repeated: Judgement) -> None:
    assert record.read(f"{NAME}@champion").run_id == record.read(f"{NAME}/1").run_id == trained
    children = mlflow.search_runs(
        experiment_names=[NAME], filter_string=f"tags.`mlflow.parentRunId` = '{trained}'", output_format="list"
    )
    first = children[-1]
    assert (first.info.status, first.data.tags["verdict"]) == ("FINISHED", "REPRODUCED")
    assert first.data.metrics == logged(trained).data.metrics
    told = mlflow.artifacts.load_dict(f"{first.info.artifact_uri}/{reproduction.RESULT}")
    assert told["verdict"] == "REPRODUCED"
    # `lake vacuum` counts those that need the version: a repetition is none of them.
    assert "table_version" not in first.data.tags


@pytest.mark.parametrize("name", ["0" * 32, "no-run", f"{NAME}@nobody", f"{NAME}/99", "nothing/1"])
def test_what_is_no_run_is_named(trained: str, name: str) -> None:
    with pytest.raises(LineageError, match=f"(knows no run|shows no model) {name}: "):
        record.read(name)


def test_a_run_without_a_recipe_says_what_to_do(trained: str) -> None:
    with mlflow.start_run(experiment_id=logged(trained).info.experiment_id) as run:
        pass
    with pytest.raises(LineageError, match=f"The run {run.info.run_id} has no recipe.json: .* Train on that table"):
        record.read(run.info.run_id)


def test_a_run_that_failed_has_nothing_to_compare(trained: str) -> None:
    run = mlflow.MlflowClient().create_run(logged(trained).info.experiment_id)
    mlflow.MlflowClient().set_terminated(run.info.run_id, "FAILED")
    with pytest.raises(LineageError, match=f"The run {run.info.run_id} is FAILED"):
        record.read(run.info.run_id)


def test_a_run_says_what_its_repetition_needs(trained: str) -> None:
    kept = logged(trained).data
    digest, commit = sources.digests(), sources.commit()
    assert {"training/words.py", "training/split.py", "conf/spark-defaults.conf"} <= set(digest)
    assert not {"training/launch.py", "training/registry.py"} & set(digest)
    assert kept.params["commit"].removesuffix("-dirty") == commit.removesuffix("-dirty")
    assert kept.tags["mlflow.source.git.commit"] == commit.removesuffix("-dirty")
    for name in ("lock", "java", "python", "platform", "pyspark", "delta_spark", "scikit_learn", "code_digest"):
        assert kept.params[name]
    for name in (
        "table",
        "table_version",
        "table_digest",
        "algorithm",
        "folds",
        "repeats",
        "characters",
        "bootstrap_seed",
    ):
        assert kept.params[name]


def test_a_changed_byte_of_a_text_is_found_although_its_stored_hash_is_the_old_one(
    address: Address, repeat: Callable[..., Judgement]
) -> None:
    file = added(address, TRAINED)
    with damaged(file):
        changed = file.read_bytes().replace(
            b"WINNER! claim cash worth \xc2\xa32100", b"WINNER! claim cash worth \xc2\xa39100"
        )
        assert changed != file.read_bytes()
        file.write_bytes(changed)
        found = repeat()
    assert found.verdict == Verdict.DATA_CHANGED
    assert names(found) == ["data table_digest", f"file {file.name}"]


def test_a_deleted_file_is_named_with_the_versions_that_can_be_read(trained: str, address: Address) -> None:
    file = added(address, TRAINED)
    with damaged(file):
        file.unlink()
        found = reproduction.run(record.read(trained), NOBODY, never, Stopwatch())
    assert (found.verdict, names(found)) == (Verdict.DATA_GONE, [f"file {file.name}"])
    assert found.advice == "These versions can be read: 0, 3."


def test_a_damaged_commit_behind_the_version_is_named_when_spark_cannot_read_it(
    address: Address, repeat: Callable[..., Judgement], spark: SparkSession
) -> None:
    """All files of the version are there, and its commits: Spark reads the whole log."""
    log = Path(str(address), "_delta_log", f"{TRAINED + 1:020d}.json")
    with damaged(log):
        log.write_bytes(log.read_bytes()[:100])
        forget(spark)
        found = repeat()
    forget(spark)
    assert (found.verdict, names(found)) == (Verdict.DATA_CHANGED, [f"commit {TRAINED + 1}"])


def forget(spark: SparkSession) -> None:
    """Delta looks at the log anew, as in another process."""
    jvm = spark._jvm  # noqa: SLF001  # Python has no way to it
    assert jvm
    jvm.org.apache.spark.sql.delta.DeltaLog.clearCache()


def test_its_version_is_pinned_while_a_training_is_repeated(
    trained: str, address: Address, repeated: Judgement
) -> None:
    assert repeated.verdict == Verdict.REPRODUCED
    assert (TRAINED, f"repetition of {trained}") in {(one.version, one.who) for one in pins.every(address)}


@contextmanager
def books(server: MlflowAccess, change: str, undo: str) -> Iterator[None]:
    """MLflow's database changed behind its back."""
    for statement in (change, undo):
        with sqlite3.connect(server.url.removeprefix("sqlite:///")) as database:
            assert database.execute(statement).rowcount == 1
        database.close()
        if statement == change:
            yield


def test_a_parameter_that_was_changed_in_the_books_is_named(trained: str, server: MlflowAccess) -> None:
    change = f"UPDATE params SET value = '{{}}' WHERE run_uuid = '{trained}' AND key = 'folds'"
    with books(server, change.format(3), change.format(2)):
        found = reproduction.run(record.read(trained), NOBODY, never, Stopwatch())
    assert found.verdict == Verdict.RECORD_CHANGED
    assert [tuple(one) for one in found.findings] == [("parameter folds", "2", "3")]


def test_a_recipe_that_was_changed_is_told_from_the_one_that_the_training_wrote(trained: str) -> None:
    file = Path(mlflow.artifacts.download_artifacts(f"{logged(trained).info.artifact_uri}/{recipe.FILE}"))
    with damaged(file):
        file.write_text(file.read_text().replace('"folds": "2"', '"folds": "3"'))
        found = reproduction.run(record.read(trained), NOBODY, never, Stopwatch())
    assert found.verdict == Verdict.RECORD_CHANGED
    assert names(found) == ["parameter folds", recipe.FILE]


def test_a_changed_score_and_a_model_that_is_gone_are_named(trained: str, repeat: Callable[..., Judgement]) -> None:
    scores = Path(mlflow.artifacts.download_artifacts(f"{logged(trained).info.artifact_uri}/{SCORES}"))
    model = record.read(trained).model_id
    assert model
    sparkml = Path(mlflow.MlflowClient().get_logged_model(model).artifact_location.removeprefix("file://"), "sparkml")
    with damaged(scores):
        told = pd.read_parquet(scores)
        told["probability"] += np.where(told.index == 3, 1e-12, 0.0)
        told.to_parquet(scores, index=False)
        sparkml.rename(sparkml.with_name("gone"))
        try:
            found = repeat()
        finally:
            sparkml.with_name("gone").rename(sparkml)
    assert found.verdict == Verdict.METRICS_DIFFER
    assert [(one.what, one.now) for one in found.findings] == [
        ("predictions out of fold", "1 differ, a probability by up to 1e-12"),
        ("model", "fitted"),
    ]


def test_another_lock_and_other_code_that_change_nothing_are_named_beside_the_proof(
    other: Path, repeat: Callable[..., Judgement]
) -> None:
    for path in ("uv.lock", "training/words.py", "training/launch.py"):
        with (other / path).open("a") as file:
            file.write("# changed\n")
    found = repeat(root=other)
    assert (found.verdict, names(found)) == (Verdict.REPRODUCED, [])
    assert {one.what for one in found.notes} == {"commit", "code training/words.py", "environment lock"}


def test_other_code_that_gives_another_result_is_named(
    other: Path, repeat: Callable[..., Judgement], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The code that runs is changed, and so is its file: as in a later clone."""
    file = other / "training/vocabulary.py"
    file.write_text(file.read_text().replace("LEAST_MESSAGES = 2", "LEAST_MESSAGES = 15"))
    monkeypatch.setattr(vocabulary, "LEAST_MESSAGES", 15)
    found = repeat(root=other)
    assert found.verdict == Verdict.CODE_DIFFERS
    assert names(found)[:2] == ["commit", "code training/vocabulary.py"]
    assert {"predictions out of fold", "vocabulary", "NaiveBayesModel theta", "metric brier"} <= set(names(found))


@pytest.mark.usefixtures("few_iterations")
def test_one_that_iterates_is_reproduced_within_its_tolerance(
    spark: SparkSession, address: Address, server: MlflowAccess, repeat: Callable[..., Judgement]
) -> None:
    found = repeat(train(spark, address, server, Algorithm.LOGISTIC_REGRESSION).run_id)
    assert (found.verdict, list(found.findings)) == (Verdict.REPRODUCED, [])


def test_a_compaction_leaves_the_digest_as_it_is(spark: SparkSession, address: Address, trained: str) -> None:
    files = [len(history.files_of(address, version)) for version in (TRAINED + 1, TRAINED + 2)]
    assert files == [3, 1]
    before, after = (dataset.read(spark, address, TRAINED + more, SCHEME).census for more in (1, 2))
    assert before == after
