"""How long a start takes: `python -m tests.bench.start` (P10 and P11 of docs/performance.md).

From the start of the query's process to its first commit, with tables and a checkpoint of some age and one object that waits, beside a
bare Spark session that counts one row; and from `kill -9` to the next commit while objects land, beside a start, one batch, and what
the tests' supervisor waits before it starts the query again.
"""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from conf.local.processes import process_environment
from conf.machine import ROOT
from tests.bench.ratios import ratio
from tests.bench.results import Json, compared, keep
from tests.faults import tables
from tests.faults.draining import judge
from tests.faults.landing import Load
from tests.faults.ministack import MiniStack, ministack
from tests.faults.query import PAUSE_SECONDS, Query
from tests.faults.waiting import until
from tests.stack.servers import part

BARE = "from pyspark.sql import SparkSession; SparkSession.builder.getOrCreate().range(1).count()"
PAGES_BEFORE = 20
LANDING_PAUSE_SECONDS = 0.5

Pairs = Annotated[int, typer.Option(help="How often each of them starts.")]


def main(pairs: Pairs = 5, json: Json = None) -> None:
    """Both in turns; then the query is killed as often."""
    found: dict[str, list[float]] = {"query": [], "bare": [], "batch": [], "killed": []}
    with TemporaryDirectory(prefix="start-") as folder, ministack(Path(folder)) as stack:
        load, query = Load(stack, "start"), stack.direct_query(STREAM_RECONCILE_SECONDS="86400")
        with query:
            load.land_pages(PAGES_BEFORE)
            judge(stack, load, [query]).require_clean()
        # Python's and Java's files are in memory from here on.
        bare(stack)
        for number in range(pairs):
            arms = {"query": lambda: started(stack, load, query), "bare": lambda: bare(stack)}
            for name in sorted(arms, reverse=bool(number % 2)):
                found[name].append(arms[name]())
                print(f"{name}: {found[name][-1]:.1f} s", flush=True)
        with query:
            query.await_ready()
            # The first makes Java compile what the others use.
            found["batch"] = [decided(stack, load) for _ in range(pairs + 1)][1:]
            print(f"batch: {median(found['batch']):.2f} s", flush=True)
            with load.going_on(LANDING_PAUSE_SECONDS):
                for _ in range(pairs):
                    found["killed"].append(killed(stack, query))
                    print(f"killed: {found['killed'][-1]:.1f} s", flush=True)
        with query:
            verdict = judge(stack, load, [query])
    allowed = [start + batch + PAUSE_SECONDS for start, batch in zip(found["query"], found["batch"], strict=True)]
    to_first, to_next = ratio(found["bare"], found["query"]), ratio(allowed, found["killed"])
    goals = [
        compared("P10", "process start to first commit, beside a bare session", to_first, most=1.6),
        compared("P11", "kill -9 to next commit, beside a start and a batch", to_next, most=1),
    ]
    print(f"audit by content: {verdict.findings[:3] or 'clean'}")
    keep(json, goals, {"seconds": found})


def started(stack: MiniStack, load: Load, query: Query) -> float:
    """Seconds from the start of the process to its first commit; then it has ended again."""
    load.land_pages(1)
    since = time.monotonic()
    await_commit(stack, query.start)
    took = time.monotonic() - since
    query.stop(kill=False)
    assert query.exits == [], query.log
    return took


def decided(stack: MiniStack, load: Load) -> float:
    """Seconds from an object's landing to the commit that decides it: a batch of one object."""
    since = time.monotonic()
    await_commit(stack, lambda: load.land_pages(1))
    return time.monotonic() - since


def killed(stack: MiniStack, query: Query) -> float:
    """Seconds from `kill -9` to the next commit; what keeps the query waits `PAUSE_SECONDS` before it starts it again."""
    since = time.monotonic()
    await_commit(stack, lambda: query.kill("tree"))
    took = time.monotonic() - since
    query.await_ready()
    return took


def await_commit(stack: MiniStack, act: Callable[[], object]) -> None:
    """The ledger has one version more than before `act`."""
    ledger = tables.opened(stack.settings, "ledger")
    assert ledger is not None
    before = ledger.version()
    act()

    def is_newer() -> bool:
        ledger.update_incremental()
        return ledger.version() > before

    until(is_newer, "nothing is committed", pause=0.05)


def bare(stack: MiniStack) -> float:
    """Seconds until Spark with the project's settings has counted one row."""
    variables = process_environment(stack.settings, part(stack.settings, "streaming").environment)
    since = time.monotonic()
    subprocess.run([sys.executable, "-c", BARE], cwd=ROOT, env=variables, capture_output=True, check=True)
    return time.monotonic() - since


if __name__ == "__main__":
    typer.run(main)
