"""How the ledger behaves as it grows, at many points: `make bench P=slopes`.

Ledgers of 10^4 to 10^7 entries are opened and decided in, in a folder. Then 10,000 decisions are made on a real MinIO; for each hundred
it is told what one took and what lies in the tables. The same through the query: `growth_query.py`.
"""

import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import obstore
import psutil
import pyarrow as pa
import typer

from conf import s3
from conf.tables import LEDGER, TABLES
from streaming.ledger.books import Books
from streaming.ledger.decisions import Decision
from streaming.ledger.ensure import ensure
from streaming.ledger.log import Ledger
from streaming.ledger.place import Place
from streaming.patience import Patience
from streaming.rows.files import DataFile, parquet, statistics
from tests.bench.ratios import slope
from tests.bench.results import Json, keep
from tests.sms import SMS
from tests.stack.servers import minio_in
from tests.unit.decided import books_of, enter, identity_of, place_in

A_FILE = 100_000
A_BATCH = 10
DECISIONS = 100
SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
COMMITS = 10_000
STORED_EACH = 1_000
"""Commits between two looks at what lies in the bucket."""

Point = dict[str, Any]


class Known(NamedTuple):
    """An object version that the ledger has an entry about."""

    identity: str
    key: str
    version: str


def main(json: Json = None) -> None:
    """Both, and what each figure grows by."""
    sizes, hundreds = at_sizes(SIZES), after_commits(COMMITS)
    grown = slopes(hundreds)
    for what, told in grown.items():
        print(f"{what}: {told}")
    keep(json, [], {"entries": sizes, "commits": hundreds, "slopes": grown})


def at_sizes(sizes: Sequence[int]) -> list[Point]:
    """One ledger that grows from size to size."""
    points: list[Point] = []
    with TemporaryDirectory() as folder:
        home, had = Path(folder), 0
        place = place_in(home / "delta")
        for size in sizes:
            fill(place, size - had, first=had)
            had = size
            began = time.monotonic()
            books_of(place, home / "index").index.close()
            indexed = time.monotonic() - began
            began = time.monotonic()
            books = books_of(place, home / "index")
            started = time.monotonic() - began
            took = [timed(place, books, f"{uuid.uuid4()}") * 1000 for _ in range(DECISIONS)]
            books.index.close()
            point = {"entries": size, "start s": started, "index brought up s": indexed}
            points.append(point | {"decision ms": median(took), "memory MB": memory_mb()})
            print(points[-1], flush=True)
    return points


def after_commits(number: int) -> list[Point]:
    """One stack's tables on a MinIO of their own."""
    points: list[Point] = []
    with TemporaryDirectory() as folder, minio_in(Path(folder)) as settings:
        access = settings.s3("stream")
        s3.minio(access).make_bucket(settings.minio.delta_bucket)
        place = Place(settings.minio.delta_bucket, access)
        ensure(place, SMS)
        books = books_of(place, Path(folder) / "index")
        for hundred in range(number // DECISIONS):
            took = sorted(timed(place, books, f"{hundred}-{one}") * 1000 for one in range(DECISIONS))
            point: Point = {"commits": (hundred + 1) * DECISIONS, "decision ms": median(took), "p99 ms": took[-2]}
            point |= {"memory MB": memory_mb(), "live files": [len(place.open(table).file_uris()) for table in TABLES]}
            if point["commits"] % STORED_EACH == 0:
                point |= {table.name: dict(stored(place, table.name)) for table in TABLES}
            points.append(point)
            print(point, flush=True)
    return points


def slopes(points: Sequence[Point]) -> dict[str, str]:
    """What each figure is at first, and what it grows by over all points, by the line of Theil and Sen."""
    told = {}
    for what in ("decision ms", "p99 ms", "memory MB"):
        line = [(point["commits"], point[what]) for point in points]
        grown = slope(line) * (line[-1][0] - line[0][0])
        told[what] = f"{median(one for _, one in line[:10]):.1f} at first, {grown:+.1f} over {line[-1][0]} commits"
    return told


def fill(place: Place, number: int, known: Iterable[Known] = (), first: int = 0) -> None:
    """The ledger has so many entries more, `A_FILE` to a decision: these, and others that nothing else knows."""
    others = (named(f"demo/page-{one:09d}.csv") for one in range(first, first + number))
    every, ledger = islice(chain(known, others), number), Ledger(place, Patience())
    while made := list(islice(every, A_FILE)):
        mark = ledger.next_mark()
        columns: dict[str, list[Any]] = {
            "decision": [mark.number] * len(made),
            "decision_id": [mark.id] * len(made),
            "source_identity": [one.identity for one in made],
            "source_key": [one.key for one in made],
            "source_version": [one.version for one in made],
        }
        arrays = [pa.array(columns.get(field.name, [None] * len(made)), field.type) for field in LEDGER.schema]
        rows = pa.Table.from_arrays(arrays, schema=LEDGER.schema)
        content, path = parquet(rows), f"{mark.id}.parquet"
        obstore.put(place.store(), f"{LEDGER.name}/{path}", content.to_pybytes())
        files = {LEDGER.name: [DataFile(path, content.size, statistics(rows))]}
        ledger.commit(Decision(*mark, files=files, previous=ledger.previous()))


def named(key: str) -> Known:
    """An object of which there is only this."""
    return Known(identity_of(key), key, str(uuid.uuid4()))


def timed(place: Place, books: Books, name: str) -> float:
    """Seconds that one decision takes: look up, write, commit, roll forward, tidy."""
    keys = [f"{name}-{number}" for number in range(A_BATCH)]
    began = time.monotonic()
    books.index.undecided([identity_of(key) for key in keys])
    enter(place, books, *keys)
    return time.monotonic() - began


def stored(place: Place, table: str) -> Iterator[tuple[str, int]]:
    """Objects and bytes of its log and of its data, live or not."""
    listed = [one for chunk in obstore.list(place.store(), table) for one in chunk]
    kinds = {"checkpoints": ".checkpoint.parquet", "commits": ".json"}
    for kind, ending in kinds.items():
        sizes = [one["size"] for one in listed if "/_delta_log/" in one["path"] and one["path"].endswith(ending)]
        yield from {kind: len(sizes), f"bytes of {kind}": sum(sizes)}.items()
    data = [one["size"] for one in listed if "/_delta_log/" not in one["path"]]
    yield from {"files": len(data), "bytes of files": sum(data)}.items()


def memory_mb() -> int:
    """What this process holds."""
    return int(psutil.Process().memory_info().rss >> 20)


if __name__ == "__main__":
    typer.run(main)
