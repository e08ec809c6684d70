"""The processes of a stack are found and ended, also those whose parent is gone; no others are."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from conf.local import processes
from conf.local.processes import MARK

SLEEP = "import time; print(flush=True); time.sleep(60)"
CHILD = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {SLEEP!r}])"
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(60)"


class Started:
    def __init__(self) -> None:
        self.all: list[subprocess.Popen[str]] = []

    def __call__(self, home: Path, code: str = SLEEP) -> int:
        command = [sys.executable, "-c", code]
        process = subprocess.Popen(command, env={MARK: str(home)}, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        process.stdout.readline()
        self.all.append(process)
        return process.pid


@pytest.fixture
def start() -> Iterator[Started]:
    started = Started()
    yield started
    for process in started.all:
        process.kill()
        process.communicate()


def test_a_stack_sees_its_own_processes_and_not_those_of_another(start: Started, tmp_path: Path) -> None:
    own = start(tmp_path / "own")
    start(tmp_path / "other")
    assert [process.pid for process in processes.of_stack(tmp_path / "own")] == [own]


def test_a_group_is_ended_with_those_who_outlived_its_leader(tmp_path: Path) -> None:
    leader = subprocess.Popen([sys.executable, "-c", CHILD], env={MARK: str(tmp_path)}, start_new_session=True)
    leader.wait()
    assert len(processes.of_stack(tmp_path)) == 1
    assert processes.end(processes.group_of(leader.pid), patience=5) == []
    assert processes.of_stack(tmp_path) == []


def test_this_process_is_never_among_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MARK, str(tmp_path))
    assert processes.of_stack(tmp_path) == []


@pytest.mark.parametrize("code", [SLEEP, DEAF])
def test_ended_means_gone_also_for_one_that_ignores_the_signal(start: Started, tmp_path: Path, code: str) -> None:
    start(tmp_path, code)
    assert processes.end(processes.of_stack(tmp_path), patience=1) == []
    assert processes.of_stack(tmp_path) == []
