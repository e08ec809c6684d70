"""Whether the query's memory grows from batch to batch: `make bench P=endurance`.

A batch is one object. Each 250 batches the processes are looked at: what the machine holds for them, and the JVM's live heap.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import typer

from tests.bench.arms import Arm, arm
from tests.bench.ratios import slope
from tests.bench.results import Json, keep

BATCHES = 4_000
EACH = 250
A_TURN = 10
WARM_UP = 1_000
"""Batches that do not count: until then the JVM compiles and takes its memory."""


def main(json: Json = None) -> None:
    """What driver, JVM and workers hold, over thousands of batches."""
    with TemporaryDirectory(prefix="endurance-") as folder, arm(Path(folder), "one") as one:
        one.start()
        points = [_held(one, batches) for batches in range(EACH, BATCHES + 1, EACH)]
        one.stop()
    counted = [point for point in points if point["batches"] >= WARM_UP]
    grown = {
        what: slope([(point["batches"], point[what]) for point in counted]) * 1_000
        for what in points[0]
        if what != "batches"
    }
    for what, more in grown.items():
        print(f"{what}: {counted[0][what]:.0f} after {WARM_UP} batches, {more:+.2f} for each 1,000 more")
    keep(json, [], {"points": points, "grown by 1,000 batches": grown})


def _held(one: Arm, batches: int) -> dict[str, float]:
    for _ in range(EACH // A_TURN):
        one.turn(A_TURN)
    held = one.memory()
    point: dict[str, float] = {"batches": batches, "driver MB": held["driver"], "jvm MB": held["jvm"]}
    point |= {"workers MB": one.workers(), "live heap MB": one.live_heap()}
    print(point, flush=True)
    return point


if __name__ == "__main__":
    typer.run(main)
