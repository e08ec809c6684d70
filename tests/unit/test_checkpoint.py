"""A checkpoint from which Spark cannot go on is refused with the remedy; that of another stack is moved aside."""

import json
import shutil
from pathlib import Path

import pytest

from streaming.checkpoint import CheckpointError, prepare


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A checkpoint as Spark leaves it while batch 3 runs."""
    folder = tmp_path / "checkpoint"
    prepare(folder, "ledger 1")
    (folder / "metadata").write_text('{"id":"q"}')
    for name, numbers in (("offsets", range(4)), ("commits", range(3))):
        (folder / name).mkdir()
        for number in numbers:
            (folder / name / str(number)).write_text(f"v1\n{{}}\n{json.dumps({'landing-events': {'0': number}})}")
    return folder


def test_a_whole_checkpoint_is_left_as_it_is(folder: Path) -> None:
    before = sorted(path.name for path in folder.rglob("*"))
    prepare(folder, "ledger 1")
    assert sorted(path.name for path in folder.rglob("*")) == before


def test_that_of_another_ledger_is_moved_aside(folder: Path) -> None:
    prepare(folder, "ledger 2")
    assert [path.name for path in folder.iterdir()] == ["ledger"]
    assert (folder.parent / "checkpoint-of-ledger 1" / "offsets" / "3").exists()
    prepare(folder, "ledger 2")


def test_ledgers_may_change_places_any_number_of_times(folder: Path) -> None:
    for number in (2, 1, 2, 1, 2):
        prepare(folder, f"ledger {number}")
    assert {path.name for path in folder.parent.iterdir()} == {
        "checkpoint",
        *("checkpoint-of-ledger 1", "checkpoint-of-ledger 1-2", "checkpoint-of-ledger 1-3"),
        *("checkpoint-of-ledger 2", "checkpoint-of-ledger 2-2"),
    }


def test_one_of_version_0_1_which_names_no_ledger_is_gone_on_with(folder: Path) -> None:
    (folder / "ledger").unlink()
    prepare(folder, "ledger 1")
    assert (folder / "offsets" / "3").exists()


@pytest.mark.parametrize(
    ("lost", "damage"),
    [
        ("offsets", "commits/2 is there, but offsets/2 is not"),
        ("offsets/2", "offsets/2 is missing"),
        ("metadata", "the file metadata is missing"),
    ],
)
def test_half_a_checkpoint_is_refused_with_the_remedy(folder: Path, lost: str, damage: str) -> None:
    path = folder / lost
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    with pytest.raises(CheckpointError, match=f"{damage}. Remove that folder"):
        prepare(folder, "ledger 1")


def test_lost_commits_only_repeat_a_batch(folder: Path) -> None:
    shutil.rmtree(folder / "commits")
    prepare(folder, "ledger 1")


@pytest.mark.parametrize("content", ["", "v1\n", 'v1\n{}\n{"landing-events":{"0"'])
@pytest.mark.parametrize("file", ["offsets/3", "commits/2", "metadata"])
def test_what_a_power_loss_cut_off_is_refused(folder: Path, file: str, content: str) -> None:
    (folder / file).write_text(content)
    with pytest.raises(CheckpointError, match=f"{file} is cut off. Remove that folder"):
        prepare(folder, "ledger 1")


def test_a_name_that_a_full_disk_kept_from_being_written_is_written_now(folder: Path) -> None:
    (folder / "ledger").write_text("")
    prepare(folder, "ledger 1")
    assert (folder / "ledger").read_text() == "ledger 1"
    assert (folder / "offsets" / "3").exists()


def test_the_name_is_not_written_again(folder: Path) -> None:
    before = (folder / "ledger").stat().st_mtime_ns
    prepare(folder, "ledger 1")
    assert (folder / "ledger").stat().st_mtime_ns == before
