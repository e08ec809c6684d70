"""A limit on the time that one object takes: no expression of a rule, and nothing in a page, may hold up what lies behind it."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import current_thread, main_thread
from types import FrameType

from streaming.errors import OverdueError

# Once overdue, it is said again this often: code that takes an exception for its own does not get far with that.
AGAIN_SECONDS = 0.1


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raises `OverdueError` within the block when it takes longer.

    Only in a process's main thread, where Spark's tasks run: Python handles signals nowhere else. Python's regular expressions look for
    signals while they match.
    """
    if current_thread() is not main_thread():
        yield
        return

    def overdue(_number: int, _frame: FrameType | None) -> None:
        raise OverdueError(f"not done within {seconds:g} s")

    before = signal.signal(signal.SIGALRM, overdue)
    signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN_SECONDS)
    try:
        yield
    finally:
        while signal.getsignal(signal.SIGALRM) is overdue:
            # The alarm may come once more meanwhile.
            with suppress(OverdueError):
                signal.setitimer(signal.ITIMER_REAL, 0)
                signal.signal(signal.SIGALRM, before)
