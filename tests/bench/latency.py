"""From PUT to a row that can be read: `python -m tests.bench.latency` (P3 of docs/performance.md).

Objects land by a schedule, two a second, whatever the query does; an independent reader notes when the row of each is in `messages`.
The part behind the notification is compared with that of `null.py`, which fetches and decides nothing. Both run in turns.
"""

import io
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from typing import Annotated, NamedTuple

import obstore
import pyarrow.parquet as pq
import typer
from confluent_kafka import TIMESTAMP_NOT_AVAILABLE
from deltalake import DeltaTable
from deltalake.exceptions import TableNotFoundError

from conf import s3
from conf.first_start import access
from conf.machine import ROOT
from conf.settings import S3Access
from conf.tables import MESSAGES
from tests.bench.corpus import pages
from tests.bench.ratios import ratio
from tests.bench.results import Json, compared, keep
from tests.faults import records
from tests.faults.ministack import MiniStack, ministack
from tests.faults.query import Query
from tests.faults.waiting import meanwhile, until
from tests.stack.servers import access_of

EACH_SECONDS = 0.5
LOOK_SECONDS = 0.03
WARM_UP = 40
"""Objects that do not count; the JVM has just started."""

Samples = Annotated[int, typer.Option(help="Objects in each run.")]
Pairs = Annotated[int, typer.Option(help="How often each arm runs.")]


class Sample(NamedTuple):
    """Seconds from the answer of the PUT, and from the record in Kafka, until the row could be read."""

    whole: float
    behind: float


def main(samples: Samples = 200, pairs: Pairs = 5, json: Json = None) -> None:
    """Both arms in turns; the quantiles of all runs, and the ratio of the medians behind the notification."""
    found: dict[str, list[list[Sample]]] = {"query": [], "null": []}
    with TemporaryDirectory(prefix="latency-") as folder, ministack(Path(folder)) as stack:
        for number in range(pairs):
            for name in sorted(found, reverse=not number % 2):
                found[name].append(run(stack, name, number, samples))
                print(f"{name}: {_quantiles([one.whole for one in found[name][-1]])}", flush=True)
    behind = {
        name: [_quantiles([one.behind for one in of_run])["p50"] for of_run in runs] for name, runs in found.items()
    }
    whole = [_quantiles([one.whole for one in of_run]) for of_run in found["query"]]
    of_each = {name: ratio([1] * pairs, [one[name] for one in whole]) for name in ("p50", "p99")}
    goals = [
        compared("P3", "PUT to row in seconds, the median of a run", of_each["p50"], most=1.2),
        compared("P3", "PUT to row in seconds, p99 of a run", of_each["p99"], most=3),
        compared("P3", "behind the notification, beside null", ratio(behind["null"], behind["query"]), most=1.3),
    ]
    together = _quantiles([one.whole for of_run in found["query"] for one in of_run])
    print(f"PUT to row, all samples: {together}")
    keep(json, goals, {"whole": together, "runs": found})


def run(stack: MiniStack, name: str, number: int, samples: int) -> list[Sample]:
    """One arm on tables of its own; answers what its reader saw."""
    bucket, root = f"{name}-{number}", access_of(stack.settings, "root")
    query = stack.direct_query(bucket, DELTA_BUCKET=bucket)
    access.grant(query.settings)
    stack.client("root").make_bucket(bucket)
    bodies, keys = pages(WARM_UP + samples), [f"{bucket}/{one:05d}.csv" for one in range(WARM_UP + samples)]
    with query if name == "query" else null(query) as running:
        running.await_ready()
        answered: dict[str, float] = {}
        with watched(root, bucket, set(keys)) as seen:
            begun = time.monotonic()
            for one, (key, body) in enumerate(zip(keys, bodies, strict=True)):
                time.sleep(max(0.0, begun + one * EACH_SECONDS - time.monotonic()))
                stack.client().put_object(stack.settings.minio.landing_bucket, key, io.BytesIO(body), len(body))
                answered[key] = time.time()
            until(lambda: len(seen) == len(keys), f"only {len(seen)} of {len(keys)} rows can be read")
    announced = in_kafka(stack)
    return [Sample(seen[key] - answered[key], seen[key] - announced[key]) for key in keys[WARM_UP:]]


@contextmanager
def null(query: Query) -> Iterator[Query]:
    """`null.py` runs with the settings of this query, in its place."""
    settings = query.settings
    variables = settings.variables() | {"LAKE_HOME": str(settings.home)}
    with (
        query.log.open("w") as out,
        subprocess.Popen(
            [sys.executable, "-m", "tests.bench.null"], cwd=ROOT, env=os.environ | variables, stdout=out, stderr=out
        ) as process,
    ):
        try:
            yield query
        finally:
            process.terminate()


@contextmanager
def watched(root: S3Access, bucket: str, keys: set[str]) -> Iterator[dict[str, float]]:
    """When each of these keys was first seen in `messages`, by a reader of its own."""
    seen: dict[str, float] = {}
    known: set[str] = set()
    store, table = s3.store(root, bucket), None

    def look() -> None:
        nonlocal table
        table = table or _opened(root, bucket)
        if table is None:
            return
        table.update_incremental()
        now, files = time.time(), {file.rpartition("/")[2] for file in table.file_uris()}
        for file in files - known:
            content = io.BytesIO(bytes(obstore.get(store, f"{MESSAGES.name}/{file}").bytes()))
            rows = pq.read_table(content, columns=["source_key"])
            for key in set(rows["source_key"].to_pylist()) & keys:
                seen.setdefault(key, now)
        known.update(files)

    with meanwhile(look, LOOK_SECONDS):
        yield seen


def _opened(root: S3Access, bucket: str) -> DeltaTable | None:
    try:
        return DeltaTable(f"s3://{bucket}/{MESSAGES.name}", storage_options=s3.delta_options(root))
    except TableNotFoundError:
        return None


def in_kafka(stack: MiniStack) -> dict[str, float]:
    """When the first record of each key was made, as Kafka has it."""
    found: dict[str, float] = {}
    for message in records.messages(stack.settings):
        kind, at = message.timestamp()
        assert kind != TIMESTAMP_NOT_AVAILABLE
        found.setdefault((message.key() or b"").decode().partition("/")[2], at / 1000)
    return found


def _quantiles(seconds: list[float]) -> dict[str, float]:
    cuts = quantiles(seconds, n=100)
    return {"p50": round(cuts[49], 3), "p90": round(cuts[89], 3), "p99": round(cuts[98], 3)}


if __name__ == "__main__":
    typer.run(main)
