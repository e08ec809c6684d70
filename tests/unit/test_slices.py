"""What one task takes at a time."""

import pytest

from streaming.decide.slices import Item, cut
from tests.unit.announced import announced


def sizes(*told: int, most_items: int = 500, most_bytes: int = 100, tasks: int = 1) -> list[list[int]]:
    items = [Item(announced(str(number), size=size)) for number, size in enumerate(told)]
    return [[item.size for item in part] for part in cut(items, most_items, most_bytes, tasks)]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ([], []),
        ([10], [[10]]),
        ([60, 60, 40], [[60], [60, 40]]),
        ([500, 10, 10], [[500], [10, 10]]),
        ([10, 500, 10], [[10], [500], [10]]),
        ([0] * 4, [[0] * 4]),
    ],
)
def test_a_slice_is_bounded_by_bytes_and_a_large_object_is_alone(told: list[int], expected: list[list[int]]) -> None:
    assert sizes(*told) == expected


def test_a_slice_is_bounded_by_objects() -> None:
    assert [len(part) for part in sizes(*[1] * 5, most_items=2)] == [2, 2, 1]


def test_every_core_gets_a_slice() -> None:
    assert [len(part) for part in sizes(*[1] * 10, tasks=4)] == [3, 3, 3, 1]


@pytest.mark.parametrize(
    ("items", "expected"), [(7, [4, 3]), (20, [10, 10]), (21, [6, 6, 6, 3]), (61, [8] * 7 + [5]), (1, [1])]
)
def test_every_core_gets_as_many_slices(items: int, expected: list[int]) -> None:
    assert [len(part) for part in sizes(*[1] * items, most_items=10, tasks=2)] == expected
