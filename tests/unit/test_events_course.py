"""Where new object versions are looked for first, and what is kept of that."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from streaming.events.course import ANNOUNCED_WITHIN, Course, Newest, newest, overdue
from streaming.events.listing import BEGINNING, Marker
from streaming.events.objects import ObjectVersion

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


def version(key: str, age: timedelta, id_: str | None = "v1") -> ObjectVersion:
    return ObjectVersion("landing", key, id_, "e1", 22, NOW - age)


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        pytest.param(timedelta(days=9), True, id="old"),
        pytest.param(ANNOUNCED_WITHIN, True, id="just old enough"),
        pytest.param(ANNOUNCED_WITHIN - SECOND, False, id="its notification may be under way"),
        pytest.param(timedelta(seconds=-60), False, id="written by a clock that is ahead"),
    ],
)
def test_an_object_is_overdue_when_its_notification_cannot_be_under_way(age: timedelta, expected: bool) -> None:
    assert overdue([version("a", age)], NOW) == ([version("a", age)] if expected else [])


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        pytest.param([("a", 3 * DAY), ("b", 2 * DAY), ("c", DAY)], "c", id="keys grow with time"),
        pytest.param([("a", 3 * DAY), ("b", DAY), ("~", 2 * DAY)], "b", id="a stray key behind the others"),
        pytest.param([("a", DAY), ("b", DAY)], "b", id="at the same time"),
        pytest.param(
            [("a", 2 * DAY), ("b", SECOND), ("c", DAY)], "a", id="none behind one that is to be looked at again"
        ),
        pytest.param([("a", 2 * DAY), ("b", -9 * DAY), ("c", DAY)], "c", id="a clock that is wrong is not waited for"),
        pytest.param([("a", 9 * DAY)], "known", id="what is known landed later"),
        pytest.param([], "known", id="nothing"),
    ],
)
def test_the_newest_version_is_the_one_that_landed_last(listed: list[tuple[str, timedelta]], expected: str) -> None:
    known = Newest(NOW - 5 * DAY, Marker("known", "v1"))
    assert newest(known, (version(key, age) for key, age in listed), NOW).place == Marker(expected, "v1")


def test_a_version_without_an_id_has_its_place_too() -> None:
    assert newest(Newest(NOW - DAY, BEGINNING), [version("a", SECOND * 60, None)], NOW).place == Marker("a", "null")


def test_the_course_is_kept(tmp_path: Path) -> None:
    course = Course(bucket="landing", round=Marker("ü\n", "v1"), newest=Newest(NOW, Marker("b", "v2")))
    course.save(tmp_path / "made" / "course.json")
    course.save(tmp_path / "made" / "course.json")
    assert Course.load(tmp_path / "made" / "course.json", "landing") == course
    assert [file.name for file in (tmp_path / "made").iterdir()] == ["course.json"]


@pytest.mark.parametrize(
    "written", [None, b"", b"{", b"\xff", b'{"bucket": "landing", "round": 1}', b'{"bucket": "other"}']
)
def test_a_course_that_is_lost_damaged_or_of_another_bucket_begins_anew(tmp_path: Path, written: bytes | None) -> None:
    file = tmp_path / "course.json"
    if written is not None:
        file.write_bytes(written)
    assert Course.load(file, "landing") == Course(bucket="landing")
