"""What is left of a table version: all of it, or which file or commit is damaged. Found without Spark, and named."""

import shutil
from pathlib import Path

import pytest
from deltalake import DeltaTable

from conf.tables import MESSAGES
from conf.versions.address import Address
from tests.added import added
from tests.unit.decided import decided
from training import remains
from training.errors import SnapshotError
from training.verdict import Judgement, Verdict


@pytest.fixture
def messages(tmp_path: Path) -> Address:
    """The versions 0 to 4: none, then a row more in each, in a file of its own."""
    return decided(tmp_path, "abcd").address(MESSAGES)


def commit(messages: Address, version: int) -> Path:
    return Path(str(messages), "_delta_log", f"{version:020d}.json")


def told(found: Judgement | None) -> tuple[Verdict, list[str]] | None:
    return (found.verdict, [one.what for one in found.findings]) if found else None


def cut(file: Path, length: int) -> None:
    file.write_bytes(file.read_bytes()[:length])


def test_a_version_that_is_whole_has_no_verdict(messages: Address) -> None:
    assert [remains.judge(messages, version) for version in range(5)] == [None] * 5
    assert remains.judge_log(messages) is None


def test_a_file_of_another_size_is_changed_and_not_gone(messages: Address) -> None:
    file = added(messages, 3)
    size = file.stat().st_size
    file.write_bytes(file.read_bytes() + b"more")
    found = remains.judge(messages, 3)
    assert found
    assert (found.verdict, [tuple(one) for one in found.findings]) == (
        Verdict.DATA_CHANGED,
        [(f"file {file.name}", f"{size} bytes", f"{size + 4} bytes")],
    )
    assert remains.judge(messages, 2) is None


def test_a_changed_byte_that_no_reader_survives_is_found(messages: Address) -> None:
    file = added(messages, 3)
    body = bytearray(file.read_bytes())
    body[4:8] = b"\xff\xff\xff\xff"  # the first page's header
    file.write_bytes(body)
    assert told(remains.judge(messages, 3)) == (Verdict.DATA_CHANGED, [f"file {file.name}"])


def test_a_deleted_file_is_named_with_the_versions_that_can_be_read(messages: Address) -> None:
    file = added(messages, 3)
    file.unlink()
    found = remains.judge(messages, 4)
    assert told(found) == (Verdict.DATA_GONE, [f"file {file.name}"])
    assert found
    assert found.advice == "These versions can be read: 0 to 2."


def test_a_version_that_never_was_is_gone(messages: Address) -> None:
    assert told(remains.judge(messages, 9)) == (Verdict.DATA_GONE, ["version 9"])


def test_a_table_that_is_gone_is_named(messages: Address) -> None:
    shutil.rmtree(str(messages))
    assert told(remains.judge(messages, 3)) == (Verdict.DATA_GONE, [f"table {messages}"])


@pytest.mark.parametrize(
    "damage",
    [
        lambda messages: commit(messages, 2).unlink(),
        lambda messages: cut(commit(messages, 2), 100),
        lambda messages: commit(messages, 2).write_bytes(b"\xff\x00\xfe" * 50),
    ],
    ids=["missing", "torn", "no JSON"],
)
def test_a_damaged_commit_is_named_and_the_versions_before_it_stand(messages: Address, damage: object) -> None:
    assert callable(damage)
    damage(messages)
    assert remains.judge(messages, 1) is None
    for version in (2, 4):
        assert told(remains.judge(messages, version)) == (Verdict.DATA_CHANGED, ["commit 2"])
    # Spark reads the whole log for any version.
    assert told(remains.judge_log(messages)) == (Verdict.DATA_CHANGED, ["commit 2"])


def test_behind_a_checkpoint_a_damaged_commit_takes_the_older_versions_only(messages: Address) -> None:
    DeltaTable(str(messages), 3).create_checkpoint()
    commit(messages, 2).unlink()
    found = remains.judge(messages, 2)
    assert told(found) == (Verdict.DATA_GONE, ["version 2", "commit 2"])
    assert found
    assert found.advice == "These versions can be read: 3 to 4."
    assert remains.judge(messages, 4) is None


def test_a_damaged_checkpoint_is_told_in_the_words_of_who_read_it(messages: Address) -> None:
    DeltaTable(str(messages), 3).create_checkpoint()
    for file in Path(str(messages), "_delta_log").glob("*.checkpoint*.parquet"):
        cut(file, 100)
    found = remains.judge(messages, 4)
    assert told(found) == (Verdict.DATA_CHANGED, [f"log of {messages}"])
    assert found
    assert "Parquet error" in found.findings[0].now


def test_a_store_that_does_not_answer_gives_an_error_and_no_verdict(
    messages: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log cannot be opened then either."""

    def away(*_: object, **__: object) -> None:
        raise ConnectionRefusedError("http://127.0.0.1:9 refused the connection")

    commit(messages, 2).unlink()
    monkeypatch.setattr("obstore.list", away)
    with pytest.raises(SnapshotError, match="refused the connection"):
        remains.judge(messages, 4)
