"""Halving: one item that cannot be decided is found, and costs its neighbours nothing."""

from collections.abc import Callable, Sequence
from threading import Event

import pytest

from streaming.decide.isolation import Isolation, UndecidableError
from streaming.decide.slices import Item
from streaming.decide.worker import Failed, Passing, Result, Written
from streaming.patience import Patience, StoppedError
from tests.unit.announced import announced

Decide = Callable[[list[Item]], Result]
NOTHING = Written({}, {}, 0)


class Tasks:
    """Stands in for the executors; keeps what each slice held."""

    def __init__(self, decide: Decide) -> None:
        self._decide = decide
        self.names: list[str] = []
        self.decided: list[Item] = []

    def __call__(self, slices: Sequence[tuple[str, list[Item]]]) -> Sequence[Result]:
        results = []
        for name, items in slices:
            self.names.append(name)
            results.append(self._decide(items))
            if isinstance(results[-1], Written):
                self.decided += items
        return results


def fails_on(*keys: str) -> Decide:
    """Fails for as long as one of these has to be read."""

    def decide(items: list[Item]) -> Result:
        bad = [item for item in items if item.error is None and item.what.key in keys]  # type: ignore[union-attr]
        return Failed("ValueError: boom") if bad else NOTHING

    return decide


def decided(tasks: Tasks, keys: str, patience: Patience | None = None) -> dict[str, tuple[int, str | None]]:
    items = [Item(announced(key)) for key in keys]
    isolation = Isolation(tasks, "d", patience or Patience(first_seconds=0.00001))
    isolation.decide([items])
    assert isolation.put_off == []
    return {item.what.key: (item.attempts, item.error) for item in tasks.decided}  # type: ignore[union-attr]


def test_the_item_at_fault_is_given_up_after_three_failures_alone_and_the_others_are_decided() -> None:
    expected: dict[str, tuple[int, str | None]] = dict.fromkeys("abcdefgh", (1, None))
    assert decided(Tasks(fails_on("c")), "abcdefgh") == expected | {"c": (3, "ValueError: boom")}


def test_several_at_fault_are_all_found() -> None:
    found = decided(Tasks(fails_on("a", "h")), "abcdefgh")
    assert {key for key, (_, error) in found.items() if error} == {"a", "h"}


def test_no_slice_is_written_under_the_name_of_another() -> None:
    tasks = Tasks(fails_on("c"))
    decided(tasks, "abcdefgh")
    assert len(tasks.names) == len(set(tasks.names))


def test_one_that_fails_twice_and_then_not_is_not_given_up() -> None:
    failures = iter([Failed("once"), Failed("twice")])
    assert decided(Tasks(lambda _: next(failures, NOTHING)), "a") == {"a": (3, None)}


def test_where_nothing_can_be_decided_no_item_is_given_up() -> None:
    with pytest.raises(UndecidableError, match="No space left on device"):
        decided(Tasks(lambda _: Failed("OSError: No space left on device")), "ab")


def test_a_store_that_is_away_is_waited_for_and_nobody_is_given_up() -> None:
    answers = iter([Passing("503")] * 5)
    assert decided(Tasks(lambda _: next(answers, NOTHING)), "ab") == {"a": (1, None), "b": (1, None)}


def test_a_store_that_is_away_for_long_is_waited_for_all_the_same() -> None:
    answers = iter([Passing("503")] * 25)
    assert decided(Tasks(lambda _: next(answers, NOTHING)), "ab") == {"a": (1, None), "b": (1, None)}


def test_an_object_that_the_store_cannot_read_is_put_off_while_the_others_are_decided() -> None:
    def decide(items: list[Item]) -> Result:
        return Passing("500 for b") if any(item.what.key == "b" for item in items) else NOTHING  # type: ignore[union-attr]

    tasks = Tasks(decide)
    isolation = Isolation(tasks, "d", Patience(first_seconds=0.00001))
    isolation.decide([[Item(announced(key)) for key in "abcd"]])
    assert [item.what.key for item in isolation.put_off] == ["b"]  # type: ignore[union-attr]
    assert sorted(item.what.key for item in tasks.decided) == ["a", "c", "d"]  # type: ignore[union-attr]


def test_waiting_ends_when_the_query_is_asked_to_stop() -> None:
    stop = Event()
    stop.set()
    with pytest.raises(StoppedError):
        decided(Tasks(lambda _: Passing("503")), "a", Patience(stop))
