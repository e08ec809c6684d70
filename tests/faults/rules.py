"""What the proxy does to which request: rules, the moments they act at, and their actions."""

import asyncio
import re
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Literal

from tests.faults.wire import Head

Moment = Literal["arrived", "answered", "delivered"]
"""`arrived`: the request is here and not forwarded; `answered`: MinIO has answered, the client knows nothing yet;
`delivered`: the client has its answer."""

_KINDS = {
    "commit": re.compile(r"/_delta_log/\d{20}\.json$"),
    "checkpoint": re.compile(r"/_delta_log/(_last_checkpoint|.*\.checkpoint)"),
    "log listing": re.compile(r"prefix=[^&]*_delta_log"),
    "data": re.compile(r"\.parquet$"),
    "listing": re.compile(r"[?&](list-type|versions|prefix|delimiter)\b"),
}


class HangUpError(Exception):
    """The connection to the client is closed at once."""


@dataclass
class Exchange:
    """One request on its way, and what the rules want for its answer."""

    head: Head
    body: bytes
    refusal: bytes = b""
    is_cut: bool = False

    @property
    def method(self) -> str:
        return self.head.first[0]

    @property
    def kind(self) -> str:
        """What it is about: a commit, checkpoint, data file or log listing of a Delta table, a listing, an object."""
        return next((kind for kind, form in _KINDS.items() if form.search(self.head.target)), "object")

    @property
    def table(self) -> str:
        """The bucket, and in the bucket of the tables the table: `landing`, `delta/ledger`."""
        found = re.search(r"/delta/(\w+)/|/delta/?\?.*prefix=(\w+)", self.head.target)
        return f"delta/{found[1] or found[2]}" if found else self.head.target.split("?")[0].split("/")[1]


Action = Callable[[Exchange], Awaitable[None]]


@dataclass
class Rule:
    """Acts on the requests that match, from the n-th on, so many times."""

    method: str
    path: str
    moment: Moment
    actions: tuple[Action, ...]
    nth: int = 1
    times: float = 1
    holds: bytes = b""
    """What the request's body must contain."""
    after: "Rule | None" = None
    """The rule that must have acted before this one counts."""
    seen: int = 0
    acted: threading.Event = field(default_factory=threading.Event)

    def is_due(self, moment: Moment, exchange: Exchange) -> bool:
        """Whether it acts on this request now; counts those that match."""
        if moment != self.moment or not re.fullmatch(self.method, exchange.method):
            return False
        if self.after and not self.after.acted.is_set():
            return False
        if not re.search(self.path, exchange.head.target) or self.holds not in exchange.body:
            return False
        self.seen += 1
        return self.nth <= self.seen < self.nth + self.times

    async def act(self, exchange: Exchange) -> None:
        """Do all of it, in order; one that hangs up is the last."""
        try:
            for action in self.actions:
                await action(exchange)
        finally:
            self.acted.set()


def call(function: Callable[[], object]) -> Action:
    """Calls it. Nothing passes the proxy meanwhile."""

    async def action(_exchange: Exchange) -> None:
        function()

    return action


def later(seconds: float, function: Callable[[], object]) -> Action:
    """Calls it so long afterwards; everything passes meanwhile."""

    async def action(_exchange: Exchange) -> None:
        asyncio.get_running_loop().call_later(seconds, function)

    return action


def delay(seconds: Callable[[], float]) -> Action:
    """Holds the request, or its answer, for so long; others pass."""

    async def action(_exchange: Exchange) -> None:
        await asyncio.sleep(seconds())

    return action


async def hang_up(_exchange: Exchange) -> None:
    """Closes the connection: before forwarding the request is lost, after it the answer (C7)."""
    raise HangUpError


async def refuse(exchange: Exchange) -> None:
    """Answers 503 as S3 does when it is busy; the request is not forwarded."""
    text = b"<Error><Code>SlowDown</Code><Message>Please reduce your request rate</Message></Error>"
    head = f"HTTP/1.1 503 Slow Down\r\nContent-Type: application/xml\r\nContent-Length: {len(text)}\r\n\r\n"
    exchange.refusal = head.encode() + (b"" if exchange.method == "HEAD" else text)


async def cut(exchange: Exchange) -> None:
    """Lets the first half of the answer's body through and closes the connection (F22)."""
    exchange.is_cut = True
