"""A finished training as a folder: whole or not there, delivered by one process at a time, and nothing is left of a killed one."""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from conf.machine import ROOT
from training import parcel
from training.errors import TrainingError
from training.parcel import About

ABOUT = About("t1", "sms-spam", 1, 2, "messages", 3, "4:5", {"folds": "5"}, {"training": "t1"}, {}, {"auc": 0.9})


def fill(folder: Path) -> None:
    (folder / parcel.ARTIFACTS / "scores.txt").write_text("0.9")


def names(place: Path) -> list[str]:
    return sorted(one.name for one in place.iterdir())


def files(place: Path) -> list[str]:
    return sorted(str(one.relative_to(place)) for one in place.rglob("*") if one.is_file())


def test_a_parcel_is_whole_or_not_there(tmp_path: Path) -> None:
    seen = []

    def interrupted(folder: Path) -> None:
        seen.append(parcel.waiting(tmp_path))
        raise OSError(28, "No space left on device")

    with pytest.raises(TrainingError, match="No space left on device"), parcel.packed(tmp_path, ABOUT, interrupted):
        pass
    assert (seen, list(tmp_path.iterdir())) == ([[]], [])


def test_it_is_there_until_it_is_removed_and_says_what_it_was_told(tmp_path: Path) -> None:
    with parcel.packed(tmp_path, ABOUT, fill) as packed:
        assert parcel.waiting(tmp_path) == [packed]
        assert (packed.about, files(tmp_path)) == (ABOUT, ["t1/about.json", "t1/artifacts/scores.txt"])
    [waiting] = parcel.waiting(tmp_path)
    waiting.remove()
    assert (parcel.waiting(tmp_path), list(tmp_path.iterdir())) == ([], [])


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b"\xff\xfe", b'{"training": "t1", "of_another_version": 1}'])
def test_a_parcel_that_cannot_be_read_hides_no_other(tmp_path: Path, damage: bytes) -> None:
    for training in ("t1", "t2"):
        with parcel.packed(tmp_path, _called(training), fill):
            pass
    about = tmp_path / "t1" / "about.json"
    about.write_bytes(damage)
    assert [one.about.training for one in parcel.waiting(tmp_path)] == ["t2"]
    [(name, why)] = parcel.unreadable(tmp_path).items()
    assert name == "t1"
    assert why.startswith(f"{about} cannot be read: ")
    assert why.endswith(f"If it is damaged, remove {about.parent} and train again.")


def test_all_its_files_are_on_the_disk_before_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced, sync = [], os.fsync

    def noting(file: int) -> None:
        synced.append(os.readlink(f"/proc/self/fd/{file}"))
        sync(file)

    monkeypatch.setattr(os, "fsync", noting)
    with parcel.packed(tmp_path, ABOUT, fill):
        pass
    assert sorted(synced) == [f"{tmp_path}/t1.partial/{name}" for name in ("about.json", "artifacts/scores.txt")]


def test_nobody_else_delivers_what_a_training_has_just_packed(tmp_path: Path) -> None:
    with parcel.packed(tmp_path, ABOUT, fill):
        [seen] = parcel.waiting(tmp_path)
        with parcel.held(seen) as ours:
            assert not ours
    with parcel.held(seen) as ours:
        assert ours


def test_a_parcel_has_one_deliverer_at_a_time(tmp_path: Path) -> None:
    with parcel.packed(tmp_path, ABOUT, fill) as one:
        pass
    with parcel.held(one) as first, parcel.held(one) as second:
        assert (first, second) == (True, False)
    with parcel.held(one) as later:
        assert later
        one.remove()
    with parcel.held(one) as gone:
        assert not gone


def test_what_was_delivered_while_somebody_asked_for_it_is_nobodys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with parcel.packed(tmp_path, ABOUT, fill) as one:
        pass
    take = fcntl.flock

    def too_late(lock: int, how: int) -> None:
        shutil.rmtree(one.folder)
        take(lock, how)

    monkeypatch.setattr(fcntl, "flock", too_late)
    with parcel.held(one) as ours:
        assert not ours


def test_what_a_killed_training_left_half_packed_goes_and_what_another_packs_stays(tmp_path: Path) -> None:
    killed = (
        "import os, signal; from pathlib import Path; from tests.unit import test_training_parcel as t; from training import parcel\n"
        f"with parcel.packed(Path({str(tmp_path)!r}), t.ABOUT, lambda _: os.kill(os.getpid(), signal.SIGKILL)): pass"
    )
    ended = subprocess.run([sys.executable, "-c", killed], cwd=ROOT, check=False)
    assert ended.returncode == -signal.SIGKILL
    assert names(tmp_path) == ["t1.partial"]

    seen: list[list[str]] = []

    def beside_another(folder: Path) -> None:
        seen.append(names(tmp_path))
        if folder.name.startswith("t2"):
            with parcel.packed(tmp_path, _called("t3"), beside_another):
                pass

    with parcel.packed(tmp_path, _called("t2"), beside_another):
        pass
    assert seen == [["t2.partial"], ["t2.partial", "t3.partial"]]
    assert {one.about.training for one in parcel.waiting(tmp_path)} == {"t2", "t3"}


def _called(training: str) -> About:
    return About(**{**vars(ABOUT), "training": training})
