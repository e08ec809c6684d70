"""How the query behaves as its ledger grows: `python -m tests.bench.growth_query entries 10000000 --landed 100000`, `… commits 10000`.

With `PYTHONPATH=airflow/dags`: the DAG's own code makes the bucket. Two stacks side by side in one run: the tables of one are new, or have 100 commits; those of the other were aged by a script.
In each round both queries start alone, with their index and without it; then both run and are given objects in turns. Which
is first changes with each round. `entries 0` and `commits 100` compare a stack with its like: how fit the machine is.
"""

import signal
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean, median
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import obstore
import typer

from conf import s3
from conf.tables import object_identity
from tests.bench.arms import PARTS, Arm, Batch, Turn, arm
from tests.bench.growth import Known, fill
from tests.bench.ratios import p99, ratio, tails
from tests.bench.results import Json, compared, keep
from tests.unit.decided import enter

FIRST = 100
"""The commits with which the small stack begins."""
A_TURN = 5
BODY = b"v1,v2\r\nham,resident\r\n"
AT_ONCE = 16
"""Objects that are put at the same time."""
WARM_UP = 4
"""Turns of each round that do not count: the JVM has just started."""

Figures = dict[str, list[float]]
"""One figure for each round, or for each turn, by what it is."""

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
Rounds = Annotated[int, typer.Option(help="How often all is started anew.")]
Landed = Annotated[int, typer.Option(help="So many of the entries are about objects that lie in landing.")]
Turns = Annotated[int, typer.Option(help=f"How often in a round each query gets {A_TURN} objects.")]


@dataclass
class Run:
    """Two arms, what was measured of each, and how they compare."""

    small: Arm
    large: Arm
    figures: dict[str, Figures] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))
    batches: dict[str, list[Batch]] = field(default_factory=lambda: defaultdict(list))

    def note(self, of: Arm, what: str, figure: float) -> None:
        self.figures[of.name][what].append(figure)


@app.command()
def entries(number: int, landed: Landed = 0, rounds: Rounds = 5, turns: Turns = 6, json: Json = None) -> None:
    """A ledger with so many entries beside an empty one."""
    memory = ("driver MB", "jvm MB", "driver and jvm MB", "live heap MB")
    limits = {"start, index there": 1.2, "batch": 1.1} | dict.fromkeys(memory, 1.1)
    with _run() as run:
        fill(run.large.place, number, land(run.large, landed))
        print(f"large: {number} entries and {landed} objects in landing, small: none", flush=True)
        _measure(run, rounds, turns)
        _tell(run, limits, {"goal": "P5", "command": f"entries {number} --landed {landed}"}, json)


@app.command()
def commits(number: int, rounds: Rounds = 5, turns: Turns = 16, json: Json = None) -> None:
    """A ledger with so many commits beside one with the first 100; `messages` has nine tenths of them."""
    with _run() as run:
        age(run.small, FIRST)
        age(run.large, number)
        print(f"large: {number} commits, small: {FIRST}", flush=True)
        _measure(run, rounds, turns)
        _tell(run, {"batch": 1.25, "batch, p99": 2}, {"goal": "P6", "command": f"commits {number}"}, json)


def land(aged: Arm, number: int) -> list[Known]:
    """So many objects lie in landing, of which no notification tells."""
    settings, root = aged.stack.settings, aged.stack.client("root")
    bucket = settings.minio.landing_bucket
    announced = root.get_bucket_notification(bucket)
    root.delete_bucket_notification(bucket)
    store = s3.store(settings.s3("lander"), bucket)

    def landed(key: str) -> Known:
        version = str(obstore.put(store, key, BODY)["version"])
        return Known(object_identity(bucket, key, version), key, version)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        known = list(pool.map(landed, (f"resident/{one:09d}.csv" for one in range(number))))
    root.set_bucket_notification(bucket, announced)
    return known


def age(aged: Arm, number: int) -> None:
    """So many decisions, each tenth of which quarantines; made and tidied up as the query does it."""
    books = aged.books()
    for one in range(number):
        enter(aged.place, books, f"aged/{one}", quarantined=one % 10 == 9)
        if one % 1000 == 999:
            print(f"{aged.name}: {one + 1} decisions, live files {aged.live_files()}", flush=True)


@contextmanager
def _run() -> Iterator[Run]:
    # Whoever ends the run ends its servers as well.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with TemporaryDirectory(prefix="growth-") as folder, ExitStack() as running:
        small, large = (running.enter_context(arm(Path(folder), name)) for name in ("small", "large"))
        yield Run(small, large)


def _measure(run: Run, rounds: int, turns: int) -> None:
    for one in (run.small, run.large):
        # Makes the index and the checkpoint; everything has been read once.
        one.start()
        one.turn(A_TURN)
        one.stop()
    for number in range(rounds):
        order = [run.small, run.large] if number % 2 else [run.large, run.small]
        _start_alone(run, order)
        _take_turns(run, order, turns)
        print(
            f"round {number + 1}:", *(_told(one, run.figures[one.name]) for one in (run.small, run.large)), flush=True
        )


def _start_alone(run: Run, order: Sequence[Arm]) -> None:
    for with_index, how in ((False, "index removed"), (True, "index there")):
        for one in order:
            started = one.start(with_index=with_index)
            one.stop()
            run.note(one, f"start, {how}", started.seconds)
            run.note(one, f"CPU s of the start, {how}", started.cpu)
            for part in PARTS:
                run.note(one, f"{part} peak MB at the start, {how}", started.peak[part])
            if started.indexing is not None:
                run.note(one, "index made anew", started.indexing)


def _take_turns(run: Run, order: Sequence[Arm], turns: int) -> None:
    for one in order:
        # At the same time: the JVM gets faster for a long while.
        one.query.start()
    for one in order:
        one.await_ready()
    taken: dict[str, list[Turn]] = defaultdict(list)
    for _ in range(WARM_UP + turns):
        for one in order:
            taken[one.name].append(one.turn(A_TURN))
    for one in order:
        _note_turns(run, one, taken[one.name][WARM_UP:])
    for one in order:
        held = one.memory()
        for part in PARTS:
            run.note(one, f"{part} MB", held[part])
        run.note(one, "driver and jvm MB", sum(held.values()))
        run.note(one, "live heap MB", one.live_heap())
        one.stop()


def _note_turns(run: Run, one: Arm, turns: Sequence[Turn]) -> None:
    for batches, cpu, _ in turns:
        run.note(one, "batch", median(batch.seconds for batch in batches))
        run.note(one, "CPU s of a batch", cpu / len(batches))
        run.batches[one.name] += batches
    number = sum(len(turn.batches) for turn in turns)
    run.note(one, "CPU s of MinIO in a batch", sum(turn.minio_cpu for turn in turns) / number)


def _told(one: Arm, figures: Figures) -> str:
    return f"\n  {one.name}: " + ", ".join(f"{what} {told[-1]:.2f}" for what, told in figures.items())


def _tell(run: Run, limits: dict[str, float], about: dict[str, Any], json: Path | None) -> None:
    """Prints what the run says, and writes it down with all figures."""
    ratios = {what: ratio(told, run.figures["large"][what]) for what, told in run.figures["small"].items()}
    for what, found in ratios.items():
        sides = ", ".join(f"{name} {median(figures[what]):.2f}" for name, figures in run.figures.items())
        print(f"{what}: {sides}, ratio {found}")
    # A batch that merges files comes once in some hundred: one round has too few of them.
    small, large = ([batch.seconds for batch in run.batches[one.name]] for one in (run.small, run.large))
    ratios["batch, p99"] = tails(small, large)
    goals = [
        compared(about["goal"], f"{what}, beside a small ledger", ratios[what], most=most)
        for what, most in limits.items()
    ]
    whole = {one.name: _whole(run, one) for one in (run.small, run.large)}
    for name, told in whole.items():
        print(f"{name}: {told}")
    said = about | {"ratios": {what: found._asdict() for what, found in ratios.items()}}
    said |= {"whole": whole, "figures": run.figures}
    said |= {"batches": {name: [batch.seconds for batch in told] for name, told in run.batches.items()}}
    keep(json, goals, said)


def _more(figures: Figures) -> float:
    """How much more memory the Python driver takes at most, in MB, when it makes the index anew."""
    without, there = (figures[f"driver peak MB at the start, index {how}"] for how in ("removed", "there"))
    return median(one - other for one, other in zip(without, there, strict=True))


def _whole(run: Run, one: Arm) -> dict[str, Any]:
    """What is told of one arm over all its batches."""
    batches = run.batches[one.name]
    lists: Counter[str] = sum((batch.lists for batch in batches), Counter())
    seconds = [batch.seconds for batch in batches]
    return {
        "batches": len(batches),
        "median s": round(median(seconds), 3),
        "p99 s": round(p99(seconds), 3),
        "mean s": round(mean(seconds), 3),
        "LISTs of a log in a batch, mean": {table: round(number / len(batches), 2) for table, number in lists.items()},
        "most in one batch": {table: max(batch.lists[table] for batch in batches) for table in lists},
        "live files": one.live_files(),
        "driver MB more while the index is made anew": _more(run.figures[one.name]),
    }


if __name__ == "__main__":
    app()
