"""What a training takes, stage by stage: `python -m tests.bench.trainer` (P14 of docs/performance.md).

`lake train` on the whole export, loaded by the query from pages of a hundred records, with MLflow's own server. The first run is
dropped: it fills the machine's cache of files.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Annotated, Any, NamedTuple

import typer

from conf.first_start import logins
from tests.bench.corpus import land, whole
from tests.bench.results import Json, counted, keep
from tests.faults.draining import drain
from tests.faults.landing import Load
from tests.faults.ministack import MiniStack, ministack
from tests.stack.ports import free_ports
from tests.stack.servers import part, served
from training import launch

MOST_READ, MOST_TOLD = 5, 6
TOLD = ("log", "register")

Times = Annotated[int, typer.Option(help="How often it is trained, beside the first time.")]


class Trained(NamedTuple):
    """One training: how long its process ran, and how long each of its stages took."""

    whole: float
    seconds: dict[str, float]


def main(times: Times = 5, json: Json = None) -> None:
    """Loads the export once, and trains on it again and again."""
    with trainable("trainer-") as stack:
        _first, *found = [train(stack) for _ in range(times + 1)]
    for one in found:
        print(
            f"{one.whole:.1f} s: " + ", ".join(f"{name} {took:.1f}" for name, took in one.seconds.items()), flush=True
        )
    stages = {name: median(one.seconds[name] for one in found) for name in found[0].seconds}
    goals = [
        counted("P14", "seconds to read, median", stages["read"], most=MOST_READ),
        counted("P14", "seconds to log and register, median", sum(stages[name] for name in TOLD), most=MOST_TOLD),
    ]
    print(f"the whole, median: {median(one.whole for one in found):.1f} s")
    keep(json, goals, {"stages": stages, "trained": [one._asdict() for one in found]})


@contextmanager
def trainable(prefix: str) -> Iterator[MiniStack]:
    """MinIO with the loaded export, and MLflow; the query has ended."""
    [port] = free_ports(1)
    with TemporaryDirectory(prefix=prefix) as folder, ministack(Path(folder), MLFLOW_PORT=str(port)) as stack:
        load, query = Load(stack, "trainer"), stack.direct_query()
        load.landed += land(stack, whole())
        with query:
            drain(stack, load, [query])
        with served(part(stack.settings, "mlflow"), stack.settings):
            logins.grant(stack.settings)
            yield stack


def train(stack: MiniStack) -> Trained:
    """What a user types, without the start of the command."""
    os.environ.update(stack.variables)
    since = time.monotonic()
    told: dict[str, Any] = launch.train(stack.settings)
    return Trained(time.monotonic() - since, told["seconds"])


if __name__ == "__main__":
    typer.run(main)
