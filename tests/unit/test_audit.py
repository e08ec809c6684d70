"""The certificate must notice every way in which the tables and the ledger can disagree."""

from typing import Any

import pytest

from streaming.audit import Row, contradicted

OBJECT = {"source_key": "a.csv", "source_version": "v1", "source_etag": "e1"}
ENTRY = OBJECT | {"state": "loaded", "rows_loaded": 2, "rows_recovered": 0, "rows_quarantined": 1}
REFUSED_ENTRY = OBJECT | {"state": "quarantined", "rows_loaded": 0, "rows_recovered": 0, "rows_quarantined": 0}


def row(number: int, part: int = 0) -> Row:
    return OBJECT | {"source_row": number, "source_part": part}


REJECTED: Row = OBJECT | {"kind": "row"}
REFUSED: Row = OBJECT | {"kind": "object"}


def test_tables_that_hold_what_the_ledger_says_are_not_contradicted() -> None:
    assert contradicted([ENTRY], [row(1), row(2)], [REJECTED]) == set()
    assert contradicted([REFUSED_ENTRY], [], [REFUSED]) == set()


def test_a_recovered_record_is_counted_apart() -> None:
    entry = ENTRY | {"rows_loaded": 3, "rows_recovered": 1}
    assert contradicted([entry], [row(1), row(2), row(2, part=1)], [REJECTED]) == set()
    assert contradicted([entry], [row(1), row(2), row(3)], [REJECTED]) == {("a.csv", "v1")}


@pytest.mark.parametrize(
    ("entries", "rows", "refused"),
    [
        pytest.param([ENTRY, ENTRY], [row(1), row(2)], [REJECTED], id="two ledger entries"),
        pytest.param([ENTRY], [row(1)], [REJECTED], id="a row is missing"),
        pytest.param([ENTRY], [row(1), row(2), row(3)], [REJECTED], id="a row too many"),
        pytest.param([ENTRY], [row(1), row(1)], [REJECTED], id="the right number, but one row twice"),
        pytest.param([ENTRY], [row(1), row(2)], [], id="the rejected row is missing"),
        pytest.param([ENTRY], [row(1), row(2)], [REJECTED, REJECTED], id="the rejected row is there twice"),
        pytest.param([ENTRY], [row(1), row(2)], [REJECTED, REFUSED], id="loaded, yet refused as a whole"),
        pytest.param([REFUSED_ENTRY], [row(1)], [REFUSED], id="refused as a whole, yet with a row"),
        pytest.param([REFUSED_ENTRY], [], [], id="refused without an entry in quarantine"),
    ],
)
def test_a_disagreement_is_found(entries: list[Row], rows: list[Row], refused: list[Row]) -> None:
    assert contradicted(entries, rows, refused) == {("a.csv", "v1")}


def test_rows_of_a_batch_under_way_contradict_nothing() -> None:
    assert contradicted([], [row(1), row(1)], [REJECTED]) == set()


def test_without_versioning_the_etag_identifies_the_object() -> None:
    unversioned: dict[str, Any] = {"source_version": None}
    rows = [row(1) | unversioned]
    assert contradicted([ENTRY | unversioned], rows, [REJECTED | unversioned]) == {("a.csv", "e1")}
