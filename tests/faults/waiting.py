"""Waits for what must come, and says what did not."""

import time
from collections.abc import Callable


def until(holds: Callable[[], object], patience: float, otherwise: str, pause: float = 0.2) -> None:
    """Returns when it holds. Raises `AssertionError` with `otherwise` when it does not within `patience` seconds."""
    assert comes(holds, patience, pause), f"after {patience:.0f} s: {otherwise}"


def comes(holds: Callable[[], object], patience: float, pause: float = 0.2) -> bool:
    """Whether it holds within `patience` seconds."""
    end = time.monotonic() + patience
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(pause)
    return True
