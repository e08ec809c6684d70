"""What the certificate costs: `python -m tests.bench.audit` (P13 of docs/performance.md).

`lake audit` over a million rows of ten thousand objects, as a user types it: seconds, and the most memory that its process held.
"""

import json as text
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Annotated, Any, NamedTuple

import typer

from conf.machine import ROOT
from tests.bench.corpus import RECORDS, land, pages
from tests.bench.results import Json, counted, keep
from tests.faults.draining import drain
from tests.faults.landing import Load
from tests.faults.ministack import MiniStack, ministack
from tests.stack.ports import free_ports
from tests.stack.servers import part, served

MOST_SECONDS, MOST_MB = 10, 500

Objects = Annotated[int, typer.Option(help="How many objects are landed, of 100 records each.")]
Times = Annotated[int, typer.Option(help="How often it is asked.")]


class Asked(NamedTuple):
    """One run of `lake audit`."""

    seconds: float
    peak_mb: int
    certificate: dict[str, Any]


def main(objects: Objects = 10_000, times: Times = 5, json: Json = None) -> None:
    """Lands and loads them once, and asks again and again."""
    with certifiable("audit-") as stack:
        load, query = Load(stack, "audit"), stack.direct_query()
        load.landed += land(stack, pages(objects))
        with query:
            drain(stack, load, [query])
            found = [ask(stack) for _ in range(times)]
    seconds, peak = median(one.seconds for one in found), max(one.peak_mb for one in found)
    for one in found:
        print(f"{one.seconds:.1f} s, {one.peak_mb} MB", flush=True)
    clean = all(one.certificate["clean"] for one in found)
    print(f"{objects} objects, {objects * RECORDS} rows: {'clean' if clean else 'NOT CLEAN'}")
    goals = [
        counted("P13", "seconds of an audit, median", seconds, most=MOST_SECONDS),
        counted("P13", "MB of an audit at most", peak, most=MOST_MB),
    ]
    keep(json, goals, {"objects": objects, "asked": [one._asdict() for one in found]})


@contextmanager
def certifiable(prefix: str) -> Iterator[MiniStack]:
    """MinIO and Kafka, and the source API that an audit asks; it has served nothing."""
    [port] = free_ports(1)
    with (
        TemporaryDirectory(prefix=prefix) as folder,
        ministack(Path(folder), SOURCE_API_PORT=str(port), SMS_SPAM_CSV="") as stack,
        served(part(stack.settings, "source-api"), stack.settings),
    ):
        yield stack


def ask(stack: MiniStack, *options: str, **variables: str) -> Asked:
    """What a user types."""
    environment = os.environ | stack.variables | variables
    since = time.monotonic()
    with subprocess.Popen(
        [sys.executable, "lake.py", "audit", "--json", *options], cwd=ROOT, env=environment, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout
        told = process.stdout.read()
        _, code, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(code)
    return Asked(time.monotonic() - since, used.ru_maxrss >> 10, text.loads(told))


if __name__ == "__main__":
    typer.run(main)
