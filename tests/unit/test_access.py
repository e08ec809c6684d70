"""The MinIO policies, read as documents; tests/stack/test_access.py tries them on the server."""

from typing import Any

import pytest

from conf.first_start.access import policies
from conf.places import PINS
from conf.settings import load
from conf.tables import MESSAGES

PARTS = ("lander", "mlflow", "stream", "trainer")


def allowed(part: str) -> dict[str, set[str]]:
    """What a part may do, by bucket."""
    found: dict[str, set[str]] = {}
    for statement in policies(load())[part]["Statement"]:
        bucket = one(statement["Resource"]).removeprefix("arn:aws:s3:::").removesuffix("/*")
        found.setdefault(bucket, set()).update(statement["Action"])
    return found


def one(values: list[Any]) -> str:
    (value,) = values
    return str(value)


def test_each_part_has_a_policy() -> None:
    assert sorted(policies(load())) == sorted(PARTS)


@pytest.mark.parametrize(
    ("part", "buckets"),
    [
        ("lander", {"landing"}),
        ("stream", {"landing", "delta"}),
        ("trainer", {"delta", "delta/_pins/messages", "delta/predictions"}),
        ("mlflow", {"mlflow"}),
    ],
)
def test_a_part_reaches_only_its_buckets(part: str, buckets: set[str]) -> None:
    assert set(allowed(part)) == buckets


@pytest.mark.parametrize("part", PARTS)
def test_nobody_may_delete_in_the_landing_bucket(part: str) -> None:
    assert [action for action in allowed(part).get("landing", ()) if "Delete" in action or "*" in action] == []


@pytest.mark.parametrize("place", ["delta/_pins/messages", "delta/predictions"])
def test_the_trainer_writes_only_pins_and_predictions_and_removes_none(place: str) -> None:
    assert allowed("trainer")[place] == {
        "s3:PutObject",
        "s3:AbortMultipartUpload",
        "s3:ListMultipartUploadParts",
    }
    assert f"_pins/{MESSAGES.name}" == PINS


@pytest.mark.parametrize(("part", "bucket"), [("stream", "landing"), ("trainer", "delta")])
def test_a_reader_may_only_read(part: str, bucket: str) -> None:
    assert {action.removeprefix("s3:")[:3] for action in allowed(part)[bucket]} <= {"Get", "Lis"}
