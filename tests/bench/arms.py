"""One arm of a comparison: a real MinIO and Kafka with tables of some age, and the real query on them."""

import math
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from subprocess import check_output
from typing import NamedTuple

import psutil

from conf import s3
from conf.local.processes import of_stack
from conf.tables import TABLES
from conf.tools import java
from streaming.ledger.books import Books
from streaming.ledger.ensure import ensure
from streaming.ledger.place import Place
from tests.faults.draining import last_batch, position
from tests.faults.landing import Load
from tests.faults.ministack import MiniStack, ministack
from tests.faults.query import Query
from tests.faults.rules import Exchange
from tests.faults.waiting import until
from tests.sms import SMS
from tests.unit.decided import books_of

PARTS = ("driver", "jvm")
ONE_BY_ONE = {
    # Each batch is one object.
    "STREAM_MAX_NOTIFICATIONS": "1",
    "STREAM_TRIGGER_SECONDS": "0.1",
    # Only at the start: its passes are no part of a batch.
    "STREAM_RECONCILE_SECONDS": "86400",
}
INDEXING = "the index is made from the ledger"


class Batch(NamedTuple):
    """What one micro-batch took, and how often it listed the log of each table."""

    seconds: float
    lists: Counter[str]


class Turn(NamedTuple):
    """Some batches, and the CPU seconds that the query and its MinIO spent meanwhile."""

    batches: list[Batch]
    cpu: float
    minio_cpu: float


class Start(NamedTuple):
    """What it took until Spark showed the query, and the most memory that each part held until then, in MB."""

    seconds: float
    cpu: float
    peak: dict[str, int]
    indexing: float | None
    """How long the index was being made anew, of that."""


@dataclass
class Arm:
    """A stack, and the query on it; runs while it is entered."""

    name: str
    stack: MiniStack
    query: Query
    load: Load
    listed: list[tuple[float, str]] = field(default_factory=list)
    """When the query listed the log of which table."""

    @property
    def place(self) -> Place:
        """The tables, past the proxy."""
        settings = self.stack.settings
        return Place(settings.minio.delta_bucket, settings.s3("stream"))

    def books(self) -> Books:
        """Those of a script that makes decisions before the query starts; they have an index of their own."""
        return books_of(self.place, self.stack.settings.state / "script.sqlite")

    def start(self, *, with_index: bool = True) -> Start:
        """The query is ready; its index was there, or is made anew."""
        index = self.query.settings.stream_index
        if not with_index:
            for file in index.parent.glob(f"{index.name}*"):
                file.unlink()
        began = time.monotonic()
        self.query.start()
        self.await_ready()
        seconds = time.monotonic() - began
        indexing = None if with_index else _indexing(self.query.log, index)
        return Start(seconds, _cpu(self._query()), self.peak(), indexing)

    def await_ready(self) -> None:
        """Spark shows the query."""
        self.query.await_ready()

    def stop(self) -> None:
        """It has ended because it was asked to, and never before."""
        self.query.stop(kill=False)
        assert self.query.exits == [], self.query.log

    def turn(self, number: int) -> Turn:
        """So many objects are landed and decided, each by a batch of its own."""
        checkpoint, topic = self.query.checkpoint, self.stack.settings.kafka.landing_topic
        done = last_batch(checkpoint, "commits")
        cpu, minio_cpu = _cpu(self._query()), _cpu(self._minio())
        self.load.land_pages(number)
        until(
            lambda: position(checkpoint).get(topic, 0) >= len(self.load.landed),
            f"not all objects are decided; see {self.query.log}",
            pause=0.05,
        )
        batches = [self._batch(one) for one in range(done + 1, last_batch(checkpoint, "commits") + 1)]
        return Turn(batches, _cpu(self._query()) - cpu, _cpu(self._minio()) - minio_cpu)

    def memory(self) -> dict[str, int]:
        """What each part holds now, in MB."""
        return {part: self._process(part).memory_info().rss >> 20 for part in PARTS}

    def workers(self) -> int:
        """What all Python workers hold now, in MB. Pages that they share count for each."""
        held = (process.memory_info().rss for process in self._query() if self.query.part(process) == "workers")
        return sum(held) >> 20

    def live_heap(self) -> float:
        """What the JVM holds after a full collection, in MB: what `memory` says of it is as large as it was let grow."""
        told = check_output(
            [str(java.HOME / "bin" / "jcmd"), str(self._process("jvm").pid), "GC.class_histogram"], text=True
        )
        return int(told.splitlines()[-1].split()[2]) / 2**20

    def peak(self) -> dict[str, int]:
        """The most that each part ever held, as the kernel noted it, in MB."""
        return {part: _peak(self._process(part)) for part in PARTS}

    def live_files(self) -> dict[str, int]:
        """How many files the newest version of each table has."""
        return {table.name: len(self.place.open(table).file_uris()) for table in TABLES}

    async def note(self, exchange: Exchange) -> None:
        """The action of a rule for the proxy."""
        self.listed.append((time.time(), exchange.table))

    def _batch(self, number: int) -> Batch:
        """Spark writes `offsets/N` before batch N and `commits/N` after it."""
        began, ended = ((self.query.checkpoint / log / str(number)).stat().st_mtime for log in ("offsets", "commits"))
        return Batch(ended - began, Counter(table for at, table in self.listed if began <= at <= ended))

    def _process(self, part: str) -> psutil.Process:
        return next(process for process in self._query() if self.query.part(process) == part)

    def _query(self) -> list[psutil.Process]:
        return self.query.processes("tree")

    def _minio(self) -> list[psutil.Process]:
        return [process for process in of_stack(self.stack.settings.home) if process.name() == "minio"]


@contextmanager
def arm(folder: Path, name: str) -> Iterator[Arm]:
    """A stack below this folder with three new tables, and a query that is not started yet."""
    with ministack(folder / name, LANDING_ANNOUNCED="queue") as stack:
        query = stack.query("query", **ONE_BY_ONE)
        made = Arm(name, stack, query, Load(stack, "growth"))
        s3.minio(stack.settings.s3("stream")).make_bucket(stack.settings.minio.delta_bucket)
        ensure(made.place, SMS)
        with query.proxy.rule("GET", r"[?&]prefix=[^&]*_delta_log", "arrived", made.note, times=math.inf):
            yield made


def _cpu(processes: Iterable[psutil.Process]) -> float:
    """Their CPU seconds since they began, with those of children that have ended. Unlike a clock it hardly depends on what else the machine does."""
    total = 0.0
    for process in processes:
        # One that ends meanwhile is in its parent's from then on.
        with suppress(psutil.NoSuchProcess):
            total += sum(process.cpu_times()[:4])
    return total


def _indexing(log: Path, index: Path) -> float:
    """From the line that says that the index is made until SQLite wrote the last of it; there was no batch since."""
    [*_, told] = [line for line in log.read_text("utf-8").splitlines() if line.endswith(INDEXING)]
    began = datetime.strptime(told[:23], "%Y-%m-%d %H:%M:%S,%f").astimezone()
    return index.with_name(f"{index.name}-wal").stat().st_mtime - began.timestamp()


def _peak(process: psutil.Process) -> int:
    told = Path(f"/proc/{process.pid}/status").read_text("utf-8")
    [kilobytes] = [line.split()[1] for line in told.splitlines() if line.startswith("VmHWM:")]
    return int(kilobytes) >> 10
