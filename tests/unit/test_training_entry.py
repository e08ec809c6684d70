"""`training/train.py` as a program: what it refuses, it refuses in one line and before Spark is started."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from conf import settings
from conf.first_start import secrets
from conf.local import processes
from conf.local.interruption import interruptible
from conf.machine import ROOT
from tests.unit.answering import Answer, serving
from training import launch
from training.errors import TrainingError

TRAINER = {
    "TRAINER_ACCESS_KEY": "trainer",
    "TRAINER_SECRET_KEY": "secret",
    "MLFLOW_TRAINER_USER": "trainer",
    "MLFLOW_TRAINER_PASSWORD": "secret",
}


@pytest.fixture
def closed_port() -> str:
    """A port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return str(free.getsockname()[1])


@pytest.fixture
def mlflow() -> Iterator[str]:
    """The port of an MLflow that takes every login."""
    with serving(lambda _: Answer(200, b"{}")) as url:
        yield url.rpartition(":")[2]


def train(*options: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    return program("train.py", *options, **variables)


def program(name: str, *options: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    environment = {name: value for name, value in os.environ.items() if name not in TRAINER} | variables
    command = [sys.executable, str(ROOT / "training" / name), *options]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_an_earlier_training_that_is_damaged_stops_no_later_one(tmp_path: Path, mlflow: str) -> None:
    """It is named, and the training goes on to the table, which is not there."""
    damaged = tmp_path / "state" / "trainings" / "t1" / "about.json"
    damaged.parent.mkdir(parents=True)
    damaged.touch()
    ended = train("--table", str(tmp_path / "none"), LAKE_HOME=str(tmp_path), MLFLOW_PORT=mlflow, **TRAINER)
    assert f"training: an earlier one will never reach MLflow as it is: {damaged} cannot be read" in ended.stdout
    assert ended.stderr.startswith(f"training: There is no Delta table at {tmp_path / 'none'}"), ended.stderr


def test_a_table_in_minio_is_not_looked_for_in_a_folder(tmp_path: Path, mlflow: str) -> None:
    ended = train("--table", "s3://delta/messages", LAKE_HOME=str(tmp_path), MLFLOW_PORT=mlflow, **TRAINER)
    assert ended.stderr == (
        "training: s3://delta/messages is no table's location: it is s3a://BUCKET/NAME in MinIO, or the path of a folder.\n"
    )


def test_predictions_that_could_not_be_put_there_are_not_begun(tmp_path: Path, closed_port: str) -> None:
    words = ("--model", "sms-spam@champion", "--output", "s3://delta/said")
    ended = program("score.py", *words, LAKE_HOME=str(tmp_path), MLFLOW_PORT=closed_port, **TRAINER)
    assert ended.returncode == 1
    assert ended.stderr.startswith("scoring: s3://delta/said is no table's location: it is s3a://BUCKET/NAME")


def test_without_credentials_it_names_the_variable(tmp_path: Path) -> None:
    ended = train(LAKE_HOME=str(tmp_path))
    assert ended.returncode == 1
    assert ended.stderr.startswith("training: TRAINER_ACCESS_KEY is not set")
    assert ended.stderr.count("\n") == 1


def test_without_mlflow_it_names_the_address_and_the_remedy(tmp_path: Path, closed_port: str) -> None:
    ended = train(LAKE_HOME=str(tmp_path), MLFLOW_PORT=closed_port, **TRAINER)
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"training: MLflow does not answer at http://127.0.0.1:{closed_port}")
    assert "`lake up`" in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_a_repetition_without_mlflow_names_the_address_and_the_remedy(tmp_path: Path, closed_port: str) -> None:
    ended = program("reproduce.py", "a-run", LAKE_HOME=str(tmp_path), MLFLOW_PORT=closed_port, **TRAINER)
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"reproduce: MLflow does not answer at http://127.0.0.1:{closed_port}")
    assert ended.stderr.count("\n") == 1


def test_a_negative_version_is_a_wrong_use() -> None:
    assert train("--version", "-1").returncode == 2


def test_a_version_is_named_in_one_way() -> None:
    ended = train("--version", "1", "--as-of", "2026-01-01")
    assert ended.returncode == 2
    assert "both name a version" in ended.stderr


@pytest.mark.parametrize("words", [("train.py", "--summary"), ("reproduce.py", "a-run", "--report")])
@pytest.mark.parametrize("place", ["none/told.json", "."], ids=["a folder that is not there", "a folder"])
def test_a_file_that_cannot_be_written_at_the_end_is_refused_at_the_beginning(
    tmp_path: Path, words: tuple[str, ...], place: str
) -> None:
    """Before even a login is asked for."""
    ended = program(*words, str(tmp_path / place), LAKE_HOME=str(tmp_path), COLUMNS="300")
    assert ended.returncode == 2
    assert f"{tmp_path / place} cannot be written" in ended.stderr


def test_no_file_hides_a_library() -> None:
    """`spark-submit training/train.py` puts `training/` first on the path: `training/mlflow.py` would be MLflow."""
    ours = {path.stem for path in (ROOT / "training").glob("*.py")}
    assert "train" in ours
    assert not ours & (set(packages_distributions()) | sys.stdlib_module_names)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stack's folder without credentials."""
    for folder in ("run", "logs"):
        (tmp_path / folder).mkdir()
    for name in TRAINER:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LAKE_HOME", str(tmp_path))
    return tmp_path


def test_a_launched_training_that_fails_is_an_error(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(TrainingError, match=r"ended with exit code 1\.[\s\S]*logs/training\.log"):
        launch.train(settings.load())
    assert "training: TRAINER_ACCESS_KEY is not set" in capfd.readouterr().out


def test_a_repetition_that_comes_to_no_verdict_is_an_error(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """What is said meanwhile is not among what a program reads."""
    with pytest.raises(TrainingError, match=r"no verdict: exit code 1\.[\s\S]*logs/reproduction\.log"):
        launch.reproduce(settings.load(), "a-run", sys.stderr)
    shown = capfd.readouterr()
    assert shown.out == ""
    assert "reproduce: TRAINER_ACCESS_KEY is not set" in shown.err


def test_where_no_log_can_be_written_the_way_in_containers_is_named(home: Path) -> None:
    (home / "logs").rmdir()
    (home / "logs").write_text("in the way")
    with pytest.raises(TrainingError, match=r"cannot be written: .* `docker compose run --rm reproduce a-run`"):
        launch.reproduce(settings.load(), "a-run", sys.stderr)


def test_where_nothing_waits_to_be_delivered_no_program_is_started(
    home: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(launch, "_run", None)
    launch.deliver(settings.load())
    assert capfd.readouterr().out == "MLflow has all trainings.\n"


@pytest.fixture
def slow_mlflow(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An MLflow that takes connections and does not answer, so that a training does not end by itself meanwhile."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("MLFLOW_PORT", str(silent.getsockname()[1]))
        yield


@pytest.mark.usefixtures("slow_mlflow")
def test_an_interruption_ends_a_launched_training(home: Path) -> None:
    secrets.for_home(home)
    interruption = threading.Thread(target=interrupt_when, args=(lambda: len(processes.of_stack(home)) > 1,))
    interruption.start()
    # As `lake demo` has it: a shell has what it starts in the background ignore Ctrl-C.
    with interruptible(), pytest.raises(KeyboardInterrupt):
        launch.train(settings.load())
    interruption.join()
    assert processes.of_stack(home) == []


def interrupt_when(time_has_come: Callable[[], bool]) -> None:
    """Ctrl-C to ourselves."""
    while not time_has_come():
        time.sleep(0.01)
    os.kill(os.getpid(), signal.SIGINT)
