"""An S3 proxy between one query and MinIO that can be told what to do to which request.

Bytes pass untouched: the client signs the proxy's address as its Host, and MinIO checks the Host that it is sent.
"""

import asyncio
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Any, Self

from conf.machine import HOST
from tests.faults import wire
from tests.faults.rules import Action, Exchange, HangUpError, Moment, Rule

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
ENDED = (HangUpError, ConnectionError, asyncio.IncompleteReadError)


class Proxy:
    """Listens on a port of its own while it is entered."""

    def __init__(self, upstream: int) -> None:
        self.upstream = upstream
        self.port = 0
        self.counts: Counter[tuple[str, str, str]] = Counter()
        """Requests by method, table and kind."""
        self._rules: list[Rule] = []
        # The loop itself holds tasks weakly: one whose client was killed can be collected while it waits for its end.
        self._serving: set[asyncio.Task[None] | None] = set()

    def __enter__(self) -> Self:
        # Not before: a loop that is never closed leaves sockets, which fail whatever test runs when they are found.
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    @contextmanager
    def rule(self, method: str, path: str, moment: Moment, *actions: Action, **more: Any) -> Iterator[Rule]:
        """This rule holds meanwhile."""
        rule = Rule(method, path, moment, actions, **more)
        self._rules = [*self._rules, rule]
        try:
            yield rule
        finally:
            self._rules = [other for other in self._rules if other is not rule]

    async def _listen(self) -> asyncio.Server:
        server = await asyncio.start_server(self._serve, HOST, 0, limit=wire.HEAD_LIMIT)
        self.port = server.sockets[0].getsockname()[1]
        return server

    async def _close(self) -> None:
        self._server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection, task = _Connection(self.upstream), asyncio.current_task()
        self._serving.add(task)
        try:
            while head := await wire.read_head(reader):
                if "100-continue" in head.fields.get("expect", ""):
                    writer.write(CONTINUE)
                exchange = Exchange(head, b"".join([piece async for piece in wire.body(reader, head)]))
                self.counts[exchange.method, exchange.table, exchange.kind] += 1
                await self._exchange(exchange, connection, writer)
        except ENDED:
            pass
        except asyncio.CancelledError:
            # The proxy is closing; asyncio's server would report a cancelled handler.
            pass
        finally:
            connection.close()
            writer.close()
            with suppress(ConnectionError, asyncio.CancelledError):
                await writer.wait_closed()
            self._serving.discard(task)

    async def _exchange(self, exchange: Exchange, connection: "_Connection", writer: asyncio.StreamWriter) -> None:
        await self._apply("arrived", exchange)
        if exchange.refusal:
            writer.write(exchange.refusal)
            return
        reader, answer = await connection.ask(exchange)
        await self._apply("answered", exchange)
        writer.write(answer.raw)
        if wire.has_body(exchange.head, answer):
            await _pass(reader, answer, writer, exchange)
        await writer.drain()
        await self._apply("delivered", exchange)

    async def _apply(self, moment: Moment, exchange: Exchange) -> None:
        for rule in self._rules:
            if rule.is_due(moment, exchange):
                await rule.act(exchange)


class _Connection:
    """The way to MinIO that belongs to one connection of a client."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, exchange: Exchange) -> tuple[asyncio.StreamReader, wire.Head]:
        """Where the answer's body is read from, and its head. Raises `ConnectionError` when there is none."""
        if self._streams is None or self._streams[0].at_eof():
            self.close()
            self._streams = await asyncio.open_connection(HOST, self._port, limit=wire.HEAD_LIMIT)
        reader, writer = self._streams
        writer.write(exchange.head.raw + exchange.body)
        await writer.drain()
        while answer := await wire.read_head(reader):
            if answer.status != 100:
                return reader, answer
        raise ConnectionResetError("MinIO closed the connection without an answer")

    def close(self) -> None:
        if self._streams:
            self._streams[1].close()
        self._streams = None


async def _pass(
    reader: asyncio.StreamReader, answer: wire.Head, writer: asyncio.StreamWriter, exchange: Exchange
) -> None:
    half = int(answer.fields.get("content-length", 0)) // 2
    sent = 0
    async for piece in wire.body(reader, answer):
        writer.write(piece[: half - sent] if exchange.is_cut else piece)
        sent += len(piece)
        await writer.drain()
        if exchange.is_cut and sent >= half:
            raise HangUpError
