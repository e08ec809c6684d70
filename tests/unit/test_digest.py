"""The row hash is a contract with readers that have no Spark: its values must never change."""

import pytest

from streaming.rows.digest import row_hash


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (("ham", "hello", None, 1), -1302112521392691033),
        (("spam", "£5 – ü", "", 2), -3853952894440036266),
    ],
)
def test_the_hash_of_a_row_is_pinned(values: tuple[str | int | None, ...], expected: int) -> None:
    assert row_hash(*values) == expected


def test_null_is_neither_empty_nor_the_word_null() -> None:
    assert len({row_hash(None), row_hash(""), row_hash("null")}) == 3


def test_values_do_not_run_into_each_other() -> None:
    assert row_hash("ab", "c") != row_hash("a", "bc")


def test_the_hash_fits_a_signed_64_bit_column() -> None:
    assert all(-(2**63) <= row_hash(number) < 2**63 for number in range(200))
