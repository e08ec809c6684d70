"""A feed with other names, labels, damage, or columns of its own needs a declaration, and no code: README's examples."""

import dataclasses
from pathlib import Path

import pytest

from streaming.feeds.feed import Column, Feed
from streaming.ledger.ensure import ensure
from streaming.look import report, trace
from streaming.page.parser import PageError, parse
from tests import readme
from tests.unit.looked import LookedAt

ROWS = [("werbung", "Jetzt für 5 € – größer, schöner!"), ("privat", "Übermorgen früh am Bahnhof?")]
CSV = "Klasse,Nachricht,Kanal\n" + "".join(f'{label},"{text}",sms\n' for label, text in ROWS)
JSON_LINES = "".join(f'{{"Kanal":"sms","nachricht":"{text}","klasse":"{label}"}}\n' for label, text in ROWS)
TABS = "".join(f"{label}\t{text}\n" for label, text in ROWS)


@pytest.fixture
def feed(tmp_path: Path) -> Feed:
    """As the README declares it."""
    return readme.feed("nachrichten", tmp_path)


@pytest.mark.parametrize("body", [CSV, JSON_LINES, TABS], ids=["CSV", "JSON lines", "tab-separated"])
def test_it_is_read_in_every_form_clean_and_as_it_was_damaged(feed: Feed, body: str) -> None:
    clean, damaged = body.encode(), body.encode().decode("cp850").encode()
    for content, repair in ((clean, None), (damaged, "cp850")):
        page = parse(content, feed)
        assert [(one.label, one.text, one.repair) for one in page.messages] == [(*row, repair) for row in ROWS]
        assert page.rejected == []


def test_the_names_and_labels_of_the_sms_feed_are_not_its_own(feed: Feed) -> None:
    with pytest.raises(PageError, match="missing_columns: no column label or klasse or text or nachricht"):
        parse(b"v1,v2\nham,a\n", feed)
    (row,) = parse(b"label,text\nham,a\n", feed).rejected
    assert (row.rule, row.detail) == ("unknown_label", "label is 'ham', expected one of privat, werbung")


OPINIONS = b"avis,note,subject\nBien,4,livre\nMoyen,3,\n"


@pytest.fixture
def lake(tmp_path: Path) -> LookedAt:
    """One page of the feed that has columns of its own and no label."""
    found = LookedAt(tmp_path, readme.feed("avis", tmp_path))
    found.load_page(1, OPINIONS)
    return found


def test_its_own_columns_are_in_the_hash_of_a_row(lake: LookedAt) -> None:
    assert lake.commit().findings(deep=True) == []


def test_a_changed_value_of_its_own_columns_is_found(lake: LookedAt) -> None:
    assert [row["stars"] for row in lake.messages] == [4, 3]
    lake.messages[0]["stars"] = 5
    key, version = lake.listed[0].key, lake.listed[0].version
    assert lake.commit().findings(deep=True) == [("row_hash", f"{key} version {version}")]


def test_a_column_that_is_declared_later_changes_no_hash(lake: LookedAt) -> None:
    lake.commit()
    later = dataclasses.replace(lake.feed, columns=(*lake.feed.columns, Column("place", "string")))
    ensure(lake.place, later)
    assert lake.findings(deep=True) == []


def test_its_rows_are_traced_with_their_columns(lake: LookedAt) -> None:
    tables, key = lake.commit().tables(), lake.listed[0].key
    found = trace.row(tables, lake.landed(), f"{key}:1", 5)
    [one] = found["rows"]
    assert (one["record"]["reading"], one["columns"]) == ("same", {"stars": 4, "written": None, "subject": "livre"})
    assert "columns   stars 4, subject livre" in report.traced(found)
