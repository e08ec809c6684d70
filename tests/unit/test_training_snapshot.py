"""Which version a training takes: exactly the one that is meant, or an error that names those that can be read."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from conf.settings import S3Access
from conf.tables import MESSAGES
from conf.versions import history
from conf.versions.address import Address, LocationError
from tests.unit.aged import age
from tests.unit.decided import decided
from training import snapshot
from training.errors import SnapshotError

LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)


@pytest.fixture
def messages(tmp_path: Path) -> Address:
    """The versions 0 to 3, a month old up to 1."""
    place = decided(tmp_path, "abc")
    age(tmp_path / "delta" / "messages", timedelta(days=30), up_to=1)
    return place.address(MESSAGES)


def test_a_moment_becomes_the_newest_version_by_then(messages: Address) -> None:
    now = datetime.now(UTC)
    found = [snapshot.resolve(messages, None, moment) for moment in (now - timedelta(days=1), now, None)]
    assert found == [1, 3, 3]


def test_before_the_first_version_there_is_none(messages: Address) -> None:
    with pytest.raises(SnapshotError, match=r"has no version as old as 2001-01-01.*: its first is of 20"):
        snapshot.resolve(messages, None, LONG_AGO)


def test_a_version_whose_files_are_gone_is_never_replaced_by_another(messages: Address) -> None:
    [first] = history.files_of(messages, 1)
    [second] = [one for one in history.files_of(messages, 2) if one.path != first.path]
    Path(str(messages), second.path).unlink()
    for asked in (2, 3, None):
        with pytest.raises(SnapshotError, match=r"cannot be read any more: 1 of its .* can be read: 0 to 1\."):
            snapshot.resolve(messages, asked)
    assert snapshot.resolve(messages, 1) == 1


def test_a_version_that_does_not_exist_names_those_that_do(messages: Address) -> None:
    with pytest.raises(SnapshotError, match=r"Version 7 of .* does not exist\. These versions can be read: 0 to 3\."):
        snapshot.resolve(messages, 7)


def test_a_location_is_a_folder_or_an_address_in_minio(tmp_path: Path) -> None:
    access = S3Access("http://127.0.0.1:9", "nobody", SecretStr("none"))
    assert Address.of("s3a://delta/messages", access) == Address("delta", "messages", access)
    assert Address.of(f"{tmp_path}/messages/", access) == Address(str(tmp_path), "messages")
    assert str(Address.of("s3a://delta/messages", access)) == "s3a://delta/messages"
    for other in ("s3://delta/messages", "file:///data/messages"):
        with pytest.raises(LocationError, match=f"{other} is no table's location: it is s3a://BUCKET/NAME"):
            Address.of(other, access)
