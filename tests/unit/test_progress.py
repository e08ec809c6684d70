"""The query's position as its checkpoint tells it."""

from pathlib import Path

from streaming.progress import position


def checkpoint(folder: Path, offsets: dict[int, str], commits: list[int]) -> Path:
    for name in ("offsets", "commits"):
        (folder / name).mkdir()
    for batch, line in offsets.items():
        (folder / "offsets" / str(batch)).write_text(f'v1\n{{"batchWatermarkMs":0}}\n{line}')
    for batch in commits:
        (folder / "commits" / str(batch)).write_text("v1\n{}")
    return folder


def test_the_position_is_that_of_the_last_finished_batch(tmp_path: Path) -> None:
    offsets = {9: '{"landing-events":{"0":40}}', 10: '{"landing-events":{"0":57}}', 11: '{"landing-events":{"0":60}}'}
    assert position(checkpoint(tmp_path, offsets, commits=[9, 10])) == {"landing-events": {0: 57}}


def test_before_the_first_finished_batch_there_is_none(tmp_path: Path) -> None:
    assert position(tmp_path / "never started") == {}
    assert position(checkpoint(tmp_path, {0: '{"landing-events":{"0":5}}'}, commits=[])) == {}


def test_checksum_files_beside_the_commits_are_not_batches(tmp_path: Path) -> None:
    folder = checkpoint(tmp_path, {0: '{"landing-events":{"0":5}}'}, commits=[0])
    (folder / "commits" / ".0.crc").write_bytes(b"crc")
    assert position(folder) == {"landing-events": {0: 5}}


def test_each_topic_has_its_own_position(tmp_path: Path) -> None:
    offsets = {0: '{"landing-events":{"0":5,"1":7},"landing-control":{"0":1}}'}
    expected = {"landing-events": {0: 5, 1: 7}, "landing-control": {0: 1}}
    assert position(checkpoint(tmp_path, offsets, commits=[0])) == expected
