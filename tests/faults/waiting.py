"""Waits for what must come, and says what did not."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

PATIENCE_SECONDS = 600
"""For what must come. A start of the query takes 15, on a machine that has much else to do twenty times as long."""


def until(holds: Callable[[], object], otherwise: str, pause: float = 0.2) -> None:
    """Returns when it holds. Raises `AssertionError` with `otherwise` when it does not in time."""
    assert comes(holds, PATIENCE_SECONDS, pause), f"after {PATIENCE_SECONDS} s: {otherwise}"


def comes(holds: Callable[[], object], patience: float, pause: float = 0.2) -> bool:
    """Whether it holds within `patience` seconds."""
    end = time.monotonic() + patience
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(pause)
    return True


@contextmanager
def meanwhile(step: Callable[[], object], pause: float) -> Iterator[None]:
    """One step after another in a thread of its own, with this pause before each. What a step raises is raised at the end."""
    ended = threading.Event()
    broken: list[BaseException] = []

    def run() -> None:
        try:
            while not ended.wait(pause):
                step()
        except BaseException as error:  # noqa: BLE001  # raised in the test's own thread
            broken.append(error)

    thread = threading.Thread(target=run, name="meanwhile", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(60)
    if broken:
        raise broken[0]
