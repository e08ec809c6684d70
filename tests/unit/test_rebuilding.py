"""A second table of messages from landing: what a new cleaner or declaration would change is seen before it is decided."""

import dataclasses
from pathlib import Path

import pytest

from conf.tables import MESSAGES
from streaming import rebuilding
from streaming.decide.fetch import Absent, PassingError
from streaming.errors import LookError, ServiceError
from streaming.rows.outcomes import Outcome
from tests.sms import SMS
from tests.unit.looked import LookedAt, page

EGGS = dataclasses.replace(SMS, labels=("ham", "spam", "eggs"))


@pytest.fixture
def lake(tmp_path: Path) -> LookedAt:
    """Three pages and a rejected record; an object that is no page, one that was gone, and one that is decided later."""
    made = LookedAt(tmp_path)
    made.load(page("one", "two", rejected=1), "a.csv")
    made.load(page("caf\u00e9"), "b.csv")
    made.load(b"PK\x03\x04", "c.zip")
    # Of one record, two rows.
    made.load(b'v1,v2,,,\nham,"u soon \\""\rspam""",Win now,,\n', "parts.csv")
    made.decide(made.land(b"", "gone.csv"), Outcome("vanished"))
    made.commit()
    made.load(page("later"), "later.csv")
    return made.commit()


def rows(lake: LookedAt, name: str) -> list[tuple[str, str, int, str]]:
    table = dataclasses.replace(MESSAGES, name=name)
    columns = ["source_key", "text", "row_hash", "cleaner_version"]
    found = lake.place.open(table).to_pyarrow_table(columns=columns).to_pylist()
    return sorted(tuple(row.values()) for row in found)


def test_by_the_same_cleaner_it_has_the_same_rows(lake: LookedAt) -> None:
    found = rebuilding.rebuild(rebuilding.named("again", lake.place, SMS), lake.job(), lake.fetch)
    assert found == rebuilding.Rebuilt(objects=4, same=5, changed=0, added=0, missing=0, examples=[])
    kept = [row[:3] for row in rows(lake, "messages") if row[0] != "later.csv"]
    assert [row[:3] for row in rows(lake, "again")] == kept
    assert {row[3] for row in rows(lake, "again")} == {"next"}
    assert lake.audit().clean


def test_what_differs_is_counted_and_shown(lake: LookedAt, monkeypatch: pytest.MonkeyPatch) -> None:
    def fetch(version: object) -> object:
        """One page is gone by now."""
        return Absent("vanished") if version.key == "b.csv" else lake.fetch(version)  # type: ignore[attr-defined, arg-type]  # a version

    found = rebuilding.rebuild(rebuilding.named("next", lake.place, SMS), lake.job(EGGS), fetch)  # type: ignore[arg-type]  # what it is
    assert (found.same, found.changed, found.added, found.missing) == (4, 0, 1, 1)
    assert [(one["key"], one["row"], one["before"], one["after"]) for one in found.examples] == [
        ("a.csv", 3, None, "not a label 0"),
        ("b.csv", 1, "caf\u00e9", None),
    ]


def test_a_changed_repair_is_a_changed_row(lake: LookedAt) -> None:
    lake.load("v1,v2\nham,caf\u00c3\u00a9\n".encode(), "d.csv")
    lake.messages[0] |= {"text": "caf\u00c3\u00a9", "repair": None, "row_hash": 1}
    lake.commit()
    again = dataclasses.replace(lake.job(), stamp=dataclasses.replace(lake.job().stamp, decision=3))
    found = rebuilding.rebuild(rebuilding.named("next", lake.place, SMS), again, lake.fetch)
    assert (found.objects, found.same, found.changed) == (6, 6, 1)
    [shown] = map(rebuilding._described, found.examples)  # noqa: SLF001  # the line that is printed
    assert shown == "d.csv row 1: 'caf\u00c3\u00a9' (no repair) → 'caf\u00e9' (guessed_cp1252)"


@pytest.mark.parametrize("name", ["messages", "ledger", "Next", "a-b", "../x", "", "a" * 65])
def test_a_name_that_is_none_or_taken_is_refused(lake: LookedAt, name: str) -> None:
    with pytest.raises(LookError, match=f"'{name}' is no name" if name not in ("messages", "ledger") else "is a table"):
        rebuilding.named(name, lake.place, SMS)


def test_nothing_is_written_over(lake: LookedAt) -> None:
    rebuilding.rebuild(rebuilding.named("again", lake.place, SMS), lake.job(), lake.fetch)
    with pytest.raises(LookError, match="There is a table again already"):
        rebuilding.named("again", lake.place, SMS)


def test_a_store_that_is_away_is_named(lake: LookedAt) -> None:
    def away(_version: object) -> object:
        raise PassingError("GET of 'a.csv': 503")

    with pytest.raises(
        ServiceError, match=r"MinIO cannot be read: GET of 'a\.csv': 503\. The table again is there in part"
    ):
        rebuilding.rebuild(rebuilding.named("again", lake.place, SMS), lake.job(), away)  # type: ignore[arg-type]  # it raises
