"""How fast objects are decided that are already announced: `python -m tests.bench.drain` (P1, P1c and P8 of docs/performance.md).

Two arms on one MinIO and one Kafka, in turns (A B B A …): the query, and a consumer written by hand with the same duties
(`rival.py`). Each run begins with tables, checkpoint and consumer group of its own. `--same` gives the query twice: how fit the
machine is. The last run of the query is audited by content.
"""

import json as text
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, NamedTuple

import typer

from conf.first_start import access
from conf.machine import ROOT
from conf.settings import S3Access, Settings
from tests.bench.commits import Commit, commits, steady
from tests.bench.corpus import land, pages
from tests.bench.ratios import ratio
from tests.bench.results import Json, compared, keep
from tests.faults import oracle
from tests.faults.landing import Load
from tests.faults.ministack import MiniStack, loaded, ministack
from tests.faults.waiting import until
from tests.stack.servers import access_of

WARM_UP = 0.25
"""The share of the objects that does not count as steady; the JVM has just started."""
PATIENCE_SECONDS = 1800
NAIVE_OBJECTS = 4000
"""Naive Spark gets no more: it is slow."""

Objects = Annotated[int, typer.Option(help="How many objects are landed, of 100 records each.")]
Pairs = Annotated[int, typer.Option(help="How often each arm drains them.")]
Same = Annotated[bool, typer.Option("--same", help="The query beside itself: how fit the machine is.")]


class Figures(NamedTuple):
    """What one run told: objects a second, steady and from the start of its process, and CPU seconds for each 1,000."""

    steady: float
    whole: float
    cpu: float


Arm = Callable[[MiniStack, str, int], Figures]
"""Drains so many objects into the bucket of this name."""


def main(objects: Objects = 20_000, pairs: Pairs = 5, same: Same = False, json: Json = None) -> None:
    """Drain the same objects by both arms, in turns, and compare."""
    with TemporaryDirectory(prefix="drain-") as folder, ministack(Path(folder)) as stack:
        load = Load(stack, "drain")
        load.landed += land(stack, pages(objects))
        arms: dict[str, Arm] = {"query": by_the_query, "rival": by_the_query if same else by_the_rival}
        found = in_turns(stack, arms, pairs, objects)
        naive = None if same else by_the_naive(stack, min(objects, NAIVE_OBJECTS))
        verdict = _audited(stack, load, f"query-{pairs - 1}")
    _tell(found, same, {"objects": objects, "pairs": pairs, "naive": naive, "audit": verdict}, json)


def in_turns(stack: MiniStack, arms: dict[str, Arm], pairs: int, objects: int) -> dict[str, list[Figures]]:
    """What each run of each arm told, A B B A …"""
    found: dict[str, list[Figures]] = {name: [] for name in arms}
    for number in range(pairs):
        for name in sorted(arms, reverse=bool(number % 2)):
            found[name].append(arms[name](stack, f"{name}-{number}", objects))
            print(f"{name}: {found[name][-1]}", flush=True)
    return found


def by_the_query(stack: MiniStack, name: str, objects: int) -> Figures:
    """One run of the query, on MinIO itself and not through the proxy of the tests."""
    query = stack.direct_query(name, DELTA_BUCKET=name, STREAM_RECONCILE_SECONDS="86400", STREAM_TRIGGER_SECONDS="0")
    access.grant(query.settings)
    stack.client("root").make_bucket(name)
    root, began = access_of(stack.settings, "root"), time.time()
    with query:
        _await(root, name, objects, lambda: query.exits == [])
        cpu = sum(sum(one.cpu_times()[:4]) for one in query.processes("tree"))
        query.stop(kill=False)
    return _figures(root, name, began, objects, cpu)


def by_the_rival(stack: MiniStack, name: str, objects: int, bounds: dict[str, str] | None = None) -> Figures:
    """One run of the consumer written by hand; `bounds` are what it may hold at a time."""
    root, began = access_of(stack.settings, "root"), time.time()
    stack.client("root").make_bucket(name)
    variables = {
        "MINIO": root.endpoint.removeprefix("http://"),
        "KEY": root.access_key,
        "SECRET": root.secret_key.get_secret_value(),
        "KAFKA": stack.settings.kafka.servers,
        "LANDING_TOPIC": stack.settings.kafka.landing_topic,
        "LANDING_BUCKET": stack.settings.minio.landing_bucket,
        "DELTA_BUCKET": name,
    } | (bounds or {})
    told = _output([sys.executable, "-m", "tests.bench.rival", str(objects)], variables)
    return _figures(root, name, began, objects, text.loads(told)["cpu"])


def by_the_naive(stack: MiniStack, objects: int) -> float:
    """Objects a second of `naive.py`, behind its first batch."""
    query = stack.direct_query("naive", DELTA_BUCKET="naive")
    access.grant(query.settings)
    stack.client("root").make_bucket("naive")
    variables = stack.variables | {"LAKE_HOME": str(query.settings.home), "DELTA_BUCKET": "naive"}
    variables |= {"SPARK_UI_PORT": str(query.settings.spark.ui_port)}
    told = _output([sys.executable, "-m", "tests.bench.naive", str(objects)], variables)
    made = [Commit(**text.loads(line)) for line in told.splitlines() if line.startswith("{")]
    rate = round(steady(made, WARM_UP), 1)
    print(f"naive Spark: {rate}", flush=True)
    return rate


def _output(command: list[str], variables: dict[str, str]) -> str:
    environment = os.environ | variables
    told = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS
    )
    if told.returncode:
        sys.exit(told.stderr)
    return told.stdout


def _await(root: S3Access, bucket: str, objects: int, alive: Callable[[], bool]) -> None:
    def decided() -> bool:
        assert alive(), "the query ended"
        return sum(one.objects for one in commits(root, bucket)) >= objects

    until(decided, "not all objects are decided", pause=1)


def _figures(root: S3Access, bucket: str, began: float, objects: int, cpu: float) -> Figures:
    made = commits(root, bucket)
    whole = objects / (made[-1].at - began)
    # Of large objects it is half a one in a second: three places behind the point.
    return Figures(round(steady(made, WARM_UP), 3), round(whole, 3), round(1000 * cpu / objects, 2))


def granted(stack: MiniStack, bucket: str) -> Settings:
    """The settings for the tables of one run; its bucket may be read by them again, whoever had one granted since."""
    settings = loaded(stack.variables | {"DELTA_BUCKET": bucket})
    access.grant(settings)
    return settings


def _audited(stack: MiniStack, load: Load, bucket: str) -> str:
    """The oracle's word on the tables of one run: each object against its bytes."""
    findings = oracle.examine(replace(stack, settings=granted(stack, bucket)), load).findings
    return "clean" if not findings else f"NOT CLEAN: {findings[:3]}"


def _tell(found: dict[str, list[Figures]], same: bool, about: dict[str, Any], json: Path | None) -> None:
    other = "the query again" if same else "the rival"
    ratios = {
        what: ratio([one[place] for one in found["rival"]], [one[place] for one in found["query"]])
        for place, what in enumerate(Figures._fields)
    }
    goals = [
        compared("P1", f"objects a second, steady, beside {other}", ratios["steady"], least=0.93 if same else 1.1),
        compared("P1c", f"objects a second with the start, beside {other}", ratios["whole"], least=0.6),
        compared("P8", f"CPU seconds, beside {other}", ratios["cpu"], most=1.07 if same else 1.2),
    ]
    if about["naive"]:
        beside_naive = ratio([about["naive"]] * about["pairs"], [one.steady for one in found["query"]])
        goals.append(compared("P1", "objects a second, steady, beside naive Spark", beside_naive, least=5))
    print(f"audit of the query's last run, by content: {about['audit']}")
    figures = {name: [one._asdict() for one in runs] for name, runs in found.items()}
    keep(json, goals, about | {"figures": figures})


if __name__ == "__main__":
    typer.run(main)
