"""What Ctrl-C, SIGTERM and a closed terminal do to a command that starts processes: it ends in order."""

import contextlib
import signal
from collections.abc import Callable, Iterator
from types import FrameType

CTRL_C, ASKED_TO_END, TERMINAL_CLOSED = signal.SIGINT, signal.SIGTERM, signal.SIGHUP

Handler = Callable[[int, FrameType | None], None] | signal.Handlers


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """SIGTERM and a closed terminal do what Ctrl-C does: it raises, and asyncio cancels what is under way."""

    def as_ctrl_c(number: int, frame: FrameType | None) -> None:
        signal.raise_signal(CTRL_C)

    # Set also where Ctrl-C was ignored so far: a shell does that to what it starts in the background.
    with _handled_by(signal.default_int_handler, CTRL_C), _handled_by(as_ctrl_c, ASKED_TO_END, TERMINAL_CLOSED):
        yield


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """A second Ctrl-C does not interrupt the clearing up."""
    with _handled_by(signal.SIG_IGN, CTRL_C, ASKED_TO_END, TERMINAL_CLOSED):
        yield


@contextlib.contextmanager
def _handled_by(handler: Handler, *numbers: signal.Signals) -> Iterator[None]:
    earlier = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, before in earlier.items():
            signal.signal(number, before)
