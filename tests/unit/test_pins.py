"""Pins beside a table, and which of its versions can really be read."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from deltalake import DeltaTable
from obstore.exceptions import AlreadyExistsError
from typer.testing import CliRunner

from conf.tables import MESSAGES
from conf.versions import history, pins, readable
from conf.versions.address import Address
from conf.versions.history import History
from conf.versions.pins import Pin
from conf.versions.readable import VersionError
from tests.added import added
from tests.unit.decided import decided, place_in
from training import pinning

NOW = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.fixture
def messages(tmp_path: Path) -> Address:
    """Five versions: none of them, then a row more in each."""
    return decided(tmp_path, "abcd").address(MESSAGES)


def need(version: int, **told: object) -> Pin:
    return Pin.model_validate({"version": version, "who": "anna", "why": "a report", **told})


def test_pins_are_listed_as_they_were_made_and_removed_one_by_one(messages: Address) -> None:
    assert pins.every(messages) == []
    made = [need(1), need(1, until=NOW), need(3)]
    for one in made:
        pins.put(messages, one)
    assert sorted(pins.every(messages), key=lambda pin: pin.id) == sorted(made, key=lambda pin: pin.id)
    assert [pin.version for pin in pins.every(messages)] == [1, 1, 3]
    pins.remove(messages, made[0])
    assert made[0] not in pins.every(messages)
    assert len(pins.every(messages)) == 2


def test_a_pin_is_never_written_over(messages: Address) -> None:
    pins.put(messages, need(1, id="mine"))
    with pytest.raises(AlreadyExistsError):
        pins.put(messages, need(1, id="mine", until=NOW))
    assert [pin.until for pin in pins.every(messages)] == [None]


def test_pins_hold_until_their_time(messages: Address) -> None:
    found = [need(1), need(2, until=NOW), need(3, until=NOW + timedelta(seconds=1))]
    assert pins.holding(found, NOW) == {1, 3}


@pytest.mark.parametrize("name", ["odd", "o" * 200])
@pytest.mark.parametrize(
    "body", ["", "{", '{"version": 9, "who": "anna"}', '{"who": "anna", "why": "a", "until": "2026-04-01T00:00:00"}']
)
def test_a_pin_that_cannot_be_understood_holds_its_version(messages: Address, name: str, body: str) -> None:
    odd = Path(messages.root, "_pins", "messages", "2", f"{name}.json")
    odd.parent.mkdir(parents=True)
    odd.write_text(body)
    assert [(pin.version, pin.id, pin.until) for pin in pins.every(messages)] == [(2, name, None)]
    assert pins.holding(pins.every(messages), NOW) == {2}


def test_what_a_pin_says_of_another_version_does_not_count(messages: Address) -> None:
    odd = Path(messages.root, "_pins", "messages", "2", "odd.json")
    odd.parent.mkdir(parents=True)
    odd.write_text(need(4, id="another").model_dump_json())
    assert pins.holding(pins.every(messages), NOW) == {2}


def test_a_version_that_cannot_be_read_is_not_pinned_and_those_that_can_are_named(messages: Address) -> None:
    added(messages, 3).unlink()
    with pytest.raises(VersionError, match=r"Version 4 of .*1 of its 4 files are gone.*can be read: 0 to 2\."):
        readable.pin(messages, need(4))
    with pytest.raises(VersionError, match=r"Version 7 of .* does not exist\. .*: 0 to 2\."):
        readable.pin(messages, need(7))
    assert pins.every(messages) == []
    readable.pin(messages, need(2))
    assert [pin.version for pin in pins.every(messages)] == [2]


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--why", ""), "--why is empty"),
        (("--why", " "), "--why is empty"),
        (("--why", "a report", "--until", "2001-01-01"), "--until 2001-01-01 00:00 is past"),
    ],
)
def test_a_pin_that_says_or_holds_nothing_is_not_made(
    messages: Address, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], complaint: str
) -> None:
    monkeypatch.setattr(pinning, "_messages", lambda: messages)
    ended = CliRunner().invoke(pinning.app, ["add", "2", *words], env={"TERMINAL_WIDTH": "200"})
    assert (ended.exit_code, complaint in ended.output) == (2, True), ended.output
    assert pins.every(messages) == []


def test_a_pin_until_a_later_time_is_made(messages: Address, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pinning, "_messages", lambda: messages)
    ended = CliRunner().invoke(pinning.app, ["add", "2", "--why", "a report", "--until", "2999-01-01"])
    assert ended.output.startswith("Version 2 is pinned as ")
    assert [(pin.version, pin.why) for pin in pins.every(messages)] == [(2, "a report")]


def test_a_file_of_another_size_makes_its_versions_unreadable(messages: Address) -> None:
    cut = added(messages, 2)
    cut.write_bytes(cut.read_bytes()[:-1])
    assert history.read(messages).readable(history.listed(messages)) == [0, 1]


def test_reading_finds_what_counting_does_not(messages: Address) -> None:
    """The bytes of a column's data are others, size and statistics as before."""
    hit = added(messages, 2)
    body = bytearray(hit.read_bytes())
    body[4:200] = bytes(196)
    hit.write_bytes(body)
    assert DeltaTable(str(messages), 3).count() == 3
    assert sorted(readable.damaged(messages, {1, 2, 3})) == [2, 3]
    hit.unlink()
    assert readable.damaged(messages, {1, 4}) == {4: f"{hit.name}: it is gone"}
    assert readable.damaged(messages, {9}) == {9: "it does not exist"}


def test_the_history_begins_where_the_log_does(messages: Address) -> None:
    whole = history.read(messages)
    DeltaTable(str(messages), 2).create_checkpoint()
    for version in (0, 1, 2):
        Path(str(messages), "_delta_log", f"{version:020d}.json").unlink()
    cut = history.read(messages)
    assert (whole.first, cut.first, cut.newest) == (0, 2, 4)
    for version in (2, 3, 4):
        assert {one.path for one in cut.needed_by([version])} == {one.path for one in whole.needed_by([version])}
    assert cut.readable(history.listed(messages)) == [2, 3, 4]


def test_the_version_of_a_moment_is_the_newest_by_then(messages: Address) -> None:
    known = history.read(messages)
    for version, commit in known.commits.items():
        assert known.as_of(commit.said) == version
    assert known.as_of(known.commits[0].said - timedelta(seconds=1)) is None


def test_versions_are_named_in_ranges() -> None:
    assert readable.ranges([3, 1, 2, 7, 9, 10]) == "1 to 3, 7, 9 to 10"
    assert readable.ranges(range(0, 100, 2)).startswith("…, 60, 62")


def test_an_empty_table_has_one_version(tmp_path: Path) -> None:
    address = place_in(tmp_path / "delta").address(MESSAGES)
    assert history.read(address) == History(0, 0, (), history.read(address).commits)
    assert readable.damaged(address, {0}) == {}
