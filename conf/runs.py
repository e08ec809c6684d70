"""Ascending numbers written as runs: 1, 2, 3, 5 as `1 to 3`, `5`."""

from collections.abc import Iterable, Iterator
from itertools import groupby


def runs(numbers: Iterable[int]) -> Iterator[str]:
    """Each run of consecutive numbers in words. The numbers are taken one after the other, and none is kept."""
    for _, run in groupby(enumerate(numbers), lambda pair: pair[1] - pair[0]):
        yield " to ".join(map(str, _ends(run)))


def _ends(run: Iterable[tuple[int, int]]) -> Iterator[int]:
    """The first and the last number of a run, or its only one."""
    left = iter(run)
    _, last = first = next(left)
    yield first[1]
    for _, last in left:  # noqa: B007  # the last one counts
        pass
    if last != first[1]:
        yield last
