"""The row hash is a contract with readers that have no Spark: its values must never change."""

from datetime import UTC, date, datetime

import pytest

from streaming.rows.digest import row_hash

PINNED = 369590762549505789


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (("ham", "hello", None, 1), -1302112521392691033),
        (("spam", "£5 – ü", "", 2), -3853952894440036266),
    ],
)
def test_the_hash_of_a_row_is_pinned(values: tuple[str | int | None, ...], expected: int) -> None:
    assert row_hash(*values) == expected


def test_the_hash_of_a_feed_s_own_columns_is_pinned_and_only_has_those_with_a_value() -> None:
    values = {
        "written": datetime(2026, 1, 31, 8, 30, tzinfo=UTC),
        "day": date(2026, 1, 31),
        "stars": 5,
        "share": 0.5,
        "good": True,
    }
    assert row_hash("a", 1, columns=values | {"place": None}) == row_hash("a", 1, columns=values) == PINNED
    assert row_hash("a", 1, columns={"place": None}) == row_hash("a", 1)
    assert row_hash("a", 1, columns=values | {"written": datetime(2026, 1, 31, 8, 31, tzinfo=UTC)}) != PINNED


def test_null_is_neither_empty_nor_the_word_null() -> None:
    assert len({row_hash(None), row_hash(""), row_hash("null")}) == 3


def test_values_do_not_run_into_each_other() -> None:
    assert row_hash("ab", "c") != row_hash("a", "bc")


def test_the_hash_fits_a_signed_64_bit_column() -> None:
    assert all(-(2**63) <= row_hash(number) < 2**63 for number in range(200))
