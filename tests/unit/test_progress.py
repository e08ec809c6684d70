"""The query's position as its checkpoint tells it."""

from pathlib import Path

import pytest

from streaming.events.progress import position


def checkpoint(folder: Path, offsets: dict[int, str], commits: list[int]) -> Path:
    for name in ("offsets", "commits"):
        (folder / name).mkdir(parents=True)
    for batch, line in offsets.items():
        (folder / "offsets" / str(batch)).write_text(f'v1\n{{"batchWatermarkMs":0}}\n{line}')
    for batch in commits:
        (folder / "commits" / str(batch)).write_text("v1\n{}")
    return folder


def at(offset: int) -> str:
    return f'{{"landing-events":{{"0":{offset}}}}}'


def test_the_position_is_that_of_the_last_finished_batch(tmp_path: Path) -> None:
    folder = checkpoint(tmp_path, {9: at(40), 10: at(57), 11: at(60)}, commits=[9, 10])
    assert position(folder) == {"landing-events": {0: 57}}


def test_before_the_first_finished_batch_there_is_none(tmp_path: Path) -> None:
    assert position(tmp_path / "never started") == {}
    assert position(checkpoint(tmp_path, {0: at(5)}, commits=[])) == {}


def test_other_files_beside_the_commits_are_not_batches(tmp_path: Path) -> None:
    folder = checkpoint(tmp_path, {0: at(5)}, commits=[0])
    for name in (".0.crc", ".1.tmp", "metadata", "²"):
        (folder / "commits" / name).write_bytes(b"other")
    assert position(folder) == {"landing-events": {0: 5}}


def test_each_topic_has_its_own_position(tmp_path: Path) -> None:
    offsets = {0: '{"landing-events":{"0":5,"1":7},"landing-control":{"0":1}}'}
    expected = {"landing-events": {0: 5, 1: 7}, "landing-control": {0: 1}}
    assert position(checkpoint(tmp_path, offsets, commits=[0])) == expected


@pytest.mark.parametrize(
    "written",
    [
        pytest.param(None, id="missing"),
        pytest.param(b"", id="empty"),
        pytest.param(b"v1\n", id="only its version"),
        pytest.param(b'v1\n{"batchWatermarkMs":0,"conf":{}}\n', id="only its metadata"),
        pytest.param(b"v1\n{}\n", id="only empty metadata"),
        pytest.param(b'v1\n{}\n{"landing-events":{"0":57', id="cut off"),
        pytest.param(b'v1\n{}\n{"landing-events":{"0":-2}}', id="no place"),
        pytest.param(b'v1\n{}\n{"landing-events":{"zero":57}}', id="no partition"),
        pytest.param(b'v1\n{}\n["landing-events"]', id="no position"),
        pytest.param(b"v1\n{}\n\xff\xfe", id="no text"),
        pytest.param(b"\0" * 100, id="zeros after a power cut"),
        pytest.param(b"v1\n{}\n" + b"[" * 200_000, id="deep"),
    ],
)
def test_of_a_checkpoint_half_lost_the_newest_readable_position_counts(tmp_path: Path, written: bytes | None) -> None:
    folder = checkpoint(tmp_path / "c", {8: at(30), 9: at(40), 10: at(57)}, commits=[8, 9, 10])
    file = folder / "offsets" / "10"
    file.unlink()
    if written is not None:
        file.write_bytes(written)
    assert position(folder) == {"landing-events": {0: 40}}


def test_a_checkpoint_without_any_readable_position_has_none(tmp_path: Path) -> None:
    folder = checkpoint(tmp_path, {}, commits=[3, 4])
    (folder / "offsets" / "4").mkdir()
    assert position(folder) == {}
