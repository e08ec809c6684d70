"""What lies in quarantine: counts by rule, newest first, with where it came from and its bytes."""

from pathlib import Path

import pytest

from streaming.errors import LookError
from streaming.look import quarantine, report
from tests.unit.looked import LookedAt, page


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> LookedAt:
    lake = LookedAt(tmp_path_factory.mktemp("lake"))
    lake.load(page("a", rejected=3), "rows.csv")
    lake.load(b"PK\x03\x04zip", "page.zip")
    lake.load_letter(b"\x1b[2J\xff", offset=9)
    for number, row in enumerate(lake.rejected):
        row["seen_at"] = row["seen_at"].replace(minute=number)
    return lake.commit()


def test_rules_are_counted_and_entries_are_newest_first(lake: LookedAt) -> None:
    found = quarantine.look(lake.tables(), None, 3)
    assert [(one["rule"], one["kind"], one["entries"]) for one in found.rules] == [
        ("unknown_label", "row", 3),
        ("compressed", "object", 1),
        ("not_a_notification", "record", 1),
    ]
    assert [(one["rule"], quarantine.origin(one)) for one in found.entries] == [
        ("not_a_notification", "landing-events partition 0 offset 9"),
        ("compressed", "page.zip version v1"),
        ("unknown_label", "rows.csv version v1 row 4"),
    ]


def test_one_rule_has_its_own_entries(lake: LookedAt) -> None:
    found = quarantine.look(lake.tables(), "unknown_label", 20)
    assert [one["entries"] for one in found.rules] == [3]
    assert [one["source_row"] for one in found.entries] == [4, 3, 2]


def test_a_rule_without_entries_names_those_that_have_some(lake: LookedAt) -> None:
    with pytest.raises(
        LookError, match=r"breaks the rule 'x'\. There are: compressed, not_a_notification, unknown_label"
    ):
        quarantine.look(lake.tables(), "x", 20)


def test_a_person_sees_bytes_that_are_no_text_as_escapes(lake: LookedAt) -> None:
    found = quarantine.look(lake.tables(), "not_a_notification", 20)
    assert report.quarantined({"rules": found.rules, "entries": list(found.entries)}).splitlines() == [
        "rule                kind    entries  newest",
        "not_a_notification  record        1  2026-01-02 03:04:05Z",
        "",
        "quarantined  2026-01-02 03:04:05Z, decision 1",
        "from         landing-events partition 0 offset 9",
        "rule         not_a_notification (record): no JSON",
        r"kept         \x1b[2J\xff",
    ]


def test_a_long_excerpt_says_how_long_it_is(tmp_path: Path) -> None:
    lake = LookedAt(tmp_path)
    lake.load(b"PK\x03\x04" + b"z" * 70_000, "page.zip")
    lake.commit()
    found = quarantine.look(lake.tables(), None, 20)
    shown = report.quarantined({"rules": found.rules, "entries": list(found.entries)})
    assert shown.endswith("z … (70004 bytes)")


def test_an_empty_quarantine_says_so(tmp_path: Path) -> None:
    found = quarantine.look(LookedAt(tmp_path).tables(), None, 20)
    assert report.quarantined({"rules": found.rules, "entries": list(found.entries)}) == "Nothing is in quarantine."
