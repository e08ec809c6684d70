"""`ingest.py --available-now`: a pass over the bucket that is put off is made again when what waited is loaded."""

from collections.abc import Iterator
from threading import Event

from streaming.service import load_everything


def test_what_a_pass_puts_off_is_loaded_in_the_next_turn() -> None:
    passes, done = iter([False, False, True]), list[str]()
    load_everything(lambda: _noted("pass", done, passes), lambda: done.append("load"), Event())
    assert done == ["pass", "load"] * 3


def test_it_ends_when_it_is_asked_to() -> None:
    passes, done, stop = iter([False, False]), list[str](), Event()
    load_everything(lambda: _noted("pass", done, passes), stop.set, stop)
    assert done == ["pass"]


def _noted(what: str, done: list[str], answers: Iterator[bool]) -> bool:
    done.append(what)
    return next(answers)
