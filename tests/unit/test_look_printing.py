"""Rows are printed as they come; ids are whole; what could move a cursor is shown, not sent."""

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from streaming.look import printing

ROWS: list[dict[str, Any]] = [
    {
        "n": 1,
        "text": "a\tb\x1b[2J",
        "raw": b"caf\x8e\n",
        "at": datetime(2026, 1, 2, tzinfo=UTC),
        "sum": Decimal(10**30),
    },
    {"n": 22, "text": None, "raw": None, "at": None, "sum": None},
]


def printed(write: Any, *arguments: Any) -> str:
    out = io.StringIO()
    write(*arguments, out)
    return out.getvalue()


def test_columns_are_aligned_numbers_to_the_right_and_controls_shown() -> None:
    assert printed(printing.aligned, ["n", "text", "raw", "at"], ROWS).splitlines() == [
        " n  text         raw        at",
        r" 1  a\tb\x1b[2J  caf\x8e\n  2026-01-02 00:00:00Z",
        "22",
    ]


def test_json_is_one_array_with_bytes_in_hex_and_whole_numbers_whole() -> None:
    text = printed(printing.as_json, ROWS)
    assert json.loads(text) == [
        {
            "n": 1,
            "text": "a\tb\x1b[2J",
            "raw": "6361668e0a",
            "at": "2026-01-02T00:00:00+00:00",
            "sum": 10**30,
        },
        {"n": 22, "text": None, "raw": None, "at": None, "sum": None},
    ]
    assert len(text.splitlines()) == len(ROWS) + 2


def test_json_without_rows_is_an_empty_array() -> None:
    assert json.loads(printed(printing.as_json, [])) == []


def test_csv_has_a_header_and_every_value_whole() -> None:
    assert printed(printing.as_csv, ["n", "text"], [{"n": 1, "text": 'say "x"\n' + "y" * 100}]) == (
        'n,text\n1,"say ""x""\n' + "y" * 100 + '"\n'
    )


@pytest.mark.parametrize(("length", "expected"), [(64, "a" * 64), (65, "a" * 63 + "…")])
def test_a_sha256_fits_and_a_longer_value_is_cut_visibly(length: int, expected: str) -> None:
    assert printed(printing.aligned, ["x"], [{"x": "a" * length}]).splitlines() == ["x", expected]


def test_rows_behind_the_first_are_not_waited_for() -> None:
    out = io.StringIO()

    def rows() -> Iterator[dict[str, int]]:
        for number in range(printing.MEASURED + 3):
            yield {"x": number}
            if number > printing.MEASURED:
                assert str(printing.MEASURED) in out.getvalue()

    assert printing.aligned(["x"], rows(), out) == printing.MEASURED + 3


class Terminal(io.StringIO):
    """One that is 80 characters wide."""

    def isatty(self) -> bool:
        return True


def test_a_row_too_wide_for_the_terminal_has_one_value_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    out = Terminal()
    assert printing.aligned(["id", "text"], [{"id": "i" * 64, "text": "t" * 64}], out) == 1
    assert out.getvalue().splitlines() == ["-- 1", "  id  " + "i" * 64, "text  " + "t" * 64]


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ([], "none"),
        ([7], "7"),
        ([1, 2, 3, 5, 8, 9], "1 to 3, 5, 8 to 9"),
        (range(0, 60, 2), ", ".join(map(str, range(0, 40, 2))) + ", …"),
    ],
)
def test_numbers_are_told_by_runs(numbers: list[int], expected: str) -> None:
    assert printing.in_words(numbers) == expected
