"""One query at a time has a checkpoint, and nothing is left of its lock when it dies."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from streaming.lock import HeldError, hold, holder

HOLDER = "import sys, time; from pathlib import Path; from streaming.lock import hold; held = hold(Path(sys.argv[1])); print('held', flush=True); time.sleep(60)"


def test_a_second_query_is_refused_in_one_line_that_names_the_first(tmp_path: Path) -> None:
    file = tmp_path / "checkpoint.lock"
    with hold(file):
        with pytest.raises(HeldError, match=rf"A query runs on this checkpoint already \(.*, pid {os.getpid()}\)"):
            hold(file)
        assert holder(file) == f"{os.uname().nodename}, pid {os.getpid()}"
    assert holder(file) is None


def test_the_lock_of_a_killed_query_is_free(tmp_path: Path) -> None:
    file = tmp_path / "checkpoint.lock"
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(file)], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        assert holder(file) is not None
        other.send_signal(signal.SIGKILL)
        other.wait()
        hold(file).close()


def test_a_query_that_never_ran_holds_nothing(tmp_path: Path) -> None:
    assert holder(tmp_path / "never") is None
