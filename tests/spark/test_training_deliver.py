"""`training/deliver.py` with several trainings: what one of them meets keeps no other back."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import mlflow
import pytest
from mlflow.environment_variables import MLFLOW_HTTP_REQUEST_MAX_RETRIES
from pyspark.sql import SparkSession

from conf.settings import MlflowAccess
from conf.versions.address import Address
from tests.spark import tracked
from tests.spark.tracked import NOBODY, QUIET, access
from training import dataset, experiment, parcel, tracking
from training.algorithms import Algorithm
from training.errors import ServiceError
from training.request import Request
from training.split import Scheme
from training.stopwatch import Stopwatch

pytestmark = QUIET

NAME = "sms-spam-several"
SCHEME = Scheme(folds=2)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MlflowAccess]:
    """MLflow's server."""
    with tracked.served(tmp_path_factory.mktemp("mlflow") / "artifacts") as found:
        yield found


def append(spark: SparkSession, folder: Path, numbers: range) -> None:
    rows = [("ham", f"are we on for lunch at {n}? no {n % 7}", n) for n in numbers]
    rows += [("spam", f"WINNER! claim £{n}00 cash now, call 0906{n % 7}", n) for n in numbers]
    frame = spark.createDataFrame(rows, "label string, text string, row_hash long")
    frame.write.format("delta").mode("append").save(str(folder))


def train_without_mlflow(spark: SparkSession, table: Path, version: int, place: Path) -> str:
    """The id of a training that found MLflow away at its end."""
    request = Request(str(table), version, Algorithm.NAIVE_BAYES, SCHEME)
    data = dataset.read(spark, Address.of(str(table), NOBODY), version, SCHEME)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(MLFLOW_HTTP_REQUEST_MAX_RETRIES.name, "0")
        with pytest.raises(ServiceError, match="lake deliver"):
            experiment.run(data, request, access("http://127.0.0.1:9"), NAME, Stopwatch(), place)
    return request.training


def refused(kept: Path) -> None:
    """The oldest training, with a parameter that MLflow never takes: its name is too long."""
    folder = shutil.copytree(kept, kept.with_name("refused"))
    about = json.loads((folder / "about.json").read_text())
    about |= {"training": "refused", "tags": {"training": "refused"}, "began": 0, "parameters": {"a" * 300: "b"}}
    (folder / "about.json").write_text(json.dumps(about))


def test_one_that_mlflow_refuses_and_a_damaged_one_keep_no_other_back(
    spark: SparkSession, server: MlflowAccess, tmp_path: Path
) -> None:
    """Both others need Spark: the champion must be asked about messages that its version did not have."""
    table, place = tmp_path / "messages", tmp_path / "home" / "state" / "trainings"
    for numbers in (range(30), range(30, 40), range(40, 50)):
        append(spark, table, numbers)
    later = [train_without_mlflow(spark, table, version, place) for version in (1, 2)]
    tracked.train(spark, Request(str(table), 0, Algorithm.NAIVE_BAYES, SCHEME), server, NAME)
    refused(place / later[0])
    (place / "damaged").mkdir()
    (place / "damaged" / "about.json").touch()

    ended = tracked.program("deliver.py", server, tmp_path / "home")

    assert ended.returncode == 1
    assert [line.split(";")[0] for line in ended.stdout.splitlines() if "; champion: " in line] == [
        f"training {training}: {NAME}, version {number}" for number, training in enumerate(later, start=2)
    ], ended.stderr
    told = ended.stderr[ended.stderr.index("deliver:") :].splitlines()
    assert told[0] == "deliver: 2 of 4 trainings were not delivered."
    assert told[1].startswith(f"training damaged: {place / 'damaged' / 'about.json'} cannot be read")
    assert told[2].startswith(f"training refused: MLflow at {server.url} refused: INVALID_PARAMETER_VALUE")
    assert [one.about.training for one in parcel.waiting(place)] == ["refused"]
    with tracking.connected(server):
        runs = mlflow.search_runs(experiment_names=[NAME], output_format="list")
    assert sorted(run.info.status for run in runs) == ["FAILED", "FINISHED", "FINISHED", "FINISHED"]
