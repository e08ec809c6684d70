"""MLflow away, or a training cut off, at any moment: the result is kept, no run is RUNNING, and delivered again it is there once."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mlflow
import pytest
from mlflow.entities import Run
from mlflow.environment_variables import MLFLOW_HTTP_REQUEST_MAX_RETRIES
from pyspark.sql import DataFrame, SparkSession

from conf.settings import MlflowAccess
from conf.versions.address import Address
from tests.spark.tracked import NOBODY, QUIET, access, store
from training import dataset, delivery, experiment, parcel, registry
from training.algorithms import Algorithm
from training.delivery import Delivered
from training.errors import ServiceError
from training.parcel import Parcel
from training.request import Request
from training.split import Scheme
from training.stopwatch import Stopwatch

pytestmark = QUIET

NAME = "sms-spam-delivered"
SCHEME = Scheme(folds=2)
# Each is cut off as it begins.
STEPS = {
    "parameters": (mlflow, "log_params"),
    "files": (mlflow.MlflowClient, "log_artifacts"),
    "dataset": (mlflow.MlflowClient, "log_inputs"),
    "model": (mlflow.MlflowClient, "log_model_artifacts"),
    "metrics": (mlflow, "log_metrics"),
    "end of the model": (mlflow, "finalize_logged_model"),
    "version": (registry, "register"),
    "end of the run": (mlflow.MlflowClient, "set_terminated"),
    "champion": (registry, "promote"),
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> MlflowAccess:
    """MLflow's own store without its server; artifacts in a folder beside it."""
    return store(tmp_path_factory.mktemp("mlflow"), NAME)


@pytest.fixture(scope="module")
def kept(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Parcel:
    """What a training leaves behind that finds MLflow away at its end."""
    folder = tmp_path_factory.mktemp("lake")
    rows = [("ham", f"are we on for lunch at {n}? no {n % 7}", n) for n in range(30)]
    rows += [("spam", f"WINNER! claim £{n}00 cash now, call 0906{n % 7}", n) for n in range(30)]
    frame = spark.createDataFrame(rows, "label string, text string, row_hash long")
    frame.write.format("delta").save(str(folder / "messages"))
    address = Address.of(str(folder / "messages"), NOBODY)
    request = Request(str(address), 0, Algorithm.NAIVE_BAYES, SCHEME)
    data = dataset.read(spark, address, 0, SCHEME)
    nobody = access("http://127.0.0.1:9")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(MLFLOW_HTTP_REQUEST_MAX_RETRIES.name, "0")
        with pytest.raises(ServiceError) as refused:
            experiment.run(data, request, nobody, NAME, Stopwatch(), folder / "kept")
    [found] = parcel.waiting(folder / "kept")
    assert str(found.folder) in str(refused.value)
    assert "lake deliver" in str(refused.value)
    assert "127.0.0.1:9" in str(refused.value)
    return found


@pytest.fixture
def one(kept: Parcel, tmp_path: Path) -> Parcel:
    """A training like that, with an id of its own."""
    folder = shutil.copytree(kept.folder, tmp_path / "kept" / tmp_path.name)
    about = json.loads((folder / "about.json").read_text())
    about |= {"training": tmp_path.name, "tags": about["tags"] | {"training": tmp_path.name}}
    (folder / "about.json").write_text(json.dumps(about))
    [found] = parcel.waiting(tmp_path / "kept")
    return found


def never() -> DataFrame:
    raise AssertionError("no rival has to be asked: all were tested on the same messages")


def deliver(one: Parcel, server: MlflowAccess) -> Delivered:
    return delivery.deliver(one, server, never, Stopwatch())


def runs(one: Parcel) -> list[Run]:
    return list(
        mlflow.search_runs(
            experiment_names=[NAME], filter_string=f"tags.training = '{one.about.training}'", output_format="list"
        )
    )


def require_there_once(one: Parcel, done: Delivered) -> None:
    """One run and one version, whole; and no parcel."""
    [run] = runs(one)
    assert (run.info.run_id, run.info.status) == (done.run_id, "FINISHED")
    assert (run.info.start_time, run.info.end_time) == (one.about.began, one.about.ended)
    assert run.data.params == one.about.parameters
    assert run.data.metrics == one.about.metrics
    assert run.inputs is not None
    assert len(run.inputs.dataset_inputs) == 1
    [version] = mlflow.MlflowClient().search_model_versions(f"run_id = '{done.run_id}'")
    assert version.version == done.entry.version
    assert registry.DECIDED in version.tags
    described = mlflow.models.get_model_info(f"models:/{NAME}/{version.version}")
    assert described.run_id == done.run_id
    assert not one.folder.exists()


def test_what_was_kept_is_handed_over_as_if_nothing_had_happened(
    one: Parcel, server: MlflowAccess, capsys: pytest.CaptureFixture[str]
) -> None:
    require_there_once(one, deliver(one, server))
    # The summary says it.
    assert "registered model" not in capsys.readouterr().err


@pytest.mark.parametrize("step", STEPS)
def test_cut_off_at_any_step_no_run_is_running_and_delivered_again_it_is_there_once(
    one: Parcel, server: MlflowAccess, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    owner, name = STEPS[step]
    with monkeypatch.context() as patch:
        patch.setattr(owner, name, _cut_off(getattr(owner, name), step))
        with pytest.raises(KeyboardInterrupt):
            deliver(one, server)
    assert {run.info.status for run in runs(one)} <= {"FAILED", "FINISHED"}
    assert parcel.waiting(one.folder.parent) == [one]
    require_there_once(one, deliver(one, server))


def _cut_off(step: Callable[..., Any], name: str) -> Callable[..., Any]:
    def instead(*words: Any, **named: Any) -> Any:
        # The run is called failed first, and finished at its end.
        if name == "end of the run" and "FAILED" in words:
            return step(*words, **named)
        raise KeyboardInterrupt

    return instead
