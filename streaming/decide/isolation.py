"""Decides all items of a micro-batch, whatever one of them does to the process that reads it.

There are three kinds of trouble. *Passing*: the object store is away; slices wait, for ever, and the log says so. *Of the
object*: an outcome like any other, found by the worker. *Unknown*: an unforeseen error, or a worker that died; the slice is
halved until the item is alone, and an item that fails alone three times is kept as unreadable, with the error.

A probe, which is never at fault itself, tells our faults from an object's. Where it fails as well, no object is at fault,
and the query stops. Where it is written while an object still cannot be read (a disk that lost its parts, a policy that forbids
it), that object is put off: it gets no outcome, and reconciliation announces it again (`put_off.py`).
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import count

from streaming.decide.slices import Item
from streaming.decide.worker import Failed, Passing, Result, Written
from streaming.patience import Patience

log = logging.getLogger(__name__)

# An item is given up after this many failures alone.
ALONE = 3
# Rounds of waiting, a minute in all and about two with the client's own tries, before the probe tells whether the store is away or an object is at fault.
ROUNDS = 8

Slice = list[Item]
Run = Callable[[Sequence[tuple[str, Slice]]], Sequence[Result]]
"""Decides slices in parallel, each under its name, with one result for each. A dead worker is a result as well."""


class UndecidableError(Exception):
    """Nothing at all can be decided: no object is at fault, and none is given up. The message is the error."""


class Isolation:
    """Decides slices by `run`, in files whose names begin with `name`."""

    def __init__(self, run: Run, name: str, patience: Patience) -> None:
        self._run, self._name, self._patience = run, name, patience
        self._numbers = count()
        self.written: list[Written] = []
        self.put_off: list[Item] = []

    def decide(self, slices: list[Slice]) -> None:
        """Every item is decided or put off. Raises `StoppedError` when it is asked to stop, and `UndecidableError`."""
        rounds = 0
        while slices:
            waiting, smaller, why = self._round(slices)
            rounds = rounds + 1 if waiting else 0
            if any(item.error for items in smaller for item in items):
                self._probe()
            if rounds < ROUNDS:
                slices = waiting + smaller
            elif self._probe() == 1:
                slices = self._narrowed(waiting, why) + smaller
            else:
                slices, rounds = waiting + smaller, 0
            if waiting and rounds < ROUNDS:
                self._patience.wait(max(rounds, 1), why)

    def _round(self, slices: list[Slice]) -> tuple[list[Slice], list[Slice], str]:
        """Return the slices that have to wait, those that are to be tried again in halves, and what is waited for."""
        waiting: list[Slice] = []
        smaller: list[Slice] = []
        why = ""
        results = self._run([(f"{self._name}-{next(self._numbers):04d}", items) for items in slices])
        for items, result in zip(slices, results, strict=True):
            match result:
                case Written():
                    self.written.append(result)
                case Passing():
                    why = result.why
                    waiting.append(items)
                case Failed(error):
                    log.warning("deciding %d items failed: %s", len(items), error)
                    smaller += _halves(items) if len(items) > 1 else [[_failed(items[0], error)]]
        return waiting, smaller, why

    def _narrowed(self, waiting: list[Slice], why: str) -> list[Slice]:
        """Halve these slices; an item that is already alone is put off."""
        for items in waiting:
            if len(items) == 1:
                log.error("%s cannot be read: %s", items[0].what, why)
                self.put_off += items
        return [half for items in waiting if len(items) > 1 for half in _halves(items)]

    def _probe(self) -> int:
        """Return the attempt at which the probe was decided."""
        for attempt in self._patience.attempts():
            [result] = self._run([(f"{self._name}-probe", [])])
            match result:
                case Written():
                    return attempt
                case Passing(why):
                    self._patience.wait(attempt, why)
                case Failed(error):
                    raise UndecidableError(error)
        raise AssertionError("attempts do not end")


def _halves(items: Slice) -> list[Slice]:
    half = len(items) // 2
    return [items[:half], items[half:]]


def _failed(item: Item, error: str) -> Item:
    failures = item.failures + 1
    return replace(item, failures=failures, error=error if failures >= ALONE else None)
