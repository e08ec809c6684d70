"""How the ledger behaves as it grows: `python -m tests.bench.growth entries 1000000`, `… commits 10000`.

`entries` compares a ledger with that many entries with an empty one; `commits` makes that many decisions on a real MinIO and
tells, for each hundred, what one took and what lies in the tables. Both print; `docs/design.md` has what they said. The same
through the query: `growth_query.py`.
"""

import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import obstore
import psutil
import pyarrow as pa
import typer

from conf import s3
from conf.tables import LEDGER, TABLES
from streaming.ledger.books import Books
from streaming.ledger.decisions import Decision
from streaming.ledger.ensure import ensure
from streaming.ledger.place import Place
from streaming.rows.files import DataFile, parquet, statistics
from tests.sms import SMS
from tests.stack.servers import minio_in
from tests.unit.decided import books_of, enter, identity_of, place_in

A_FILE = 100_000
A_BATCH = 10
DECISIONS = 100

app = typer.Typer(add_completion=False)


@app.command()
def entries(number: int) -> None:
    """Start, time of a decision and memory, beside an empty ledger."""
    with TemporaryDirectory() as folder:
        home = Path(folder)
        large = place_in(home / "large")
        fill(large, books_of(large, home / "filling"), number)
        began = time.monotonic()
        books_of(large, home / "large.index").index.close()
        print(f"index made anew from {number} entries: {time.monotonic() - began:.1f} s, {memory_mb()} MB in all")
        for name, place in (("empty", place_in(home / "empty")), ("large", large)) * 2:
            books_of(place, home / f"{name}.index").index.close()
            began = time.monotonic()
            books = books_of(place, home / f"{name}.index")
            started = time.monotonic() - began
            took = [timed(place, books, f"{uuid.uuid4()}") for _ in range(DECISIONS)]
            print(f"{name}: start {started:.3f} s, a decision {median(took) * 1000:.1f} ms, {memory_mb()} MB")


@app.command()
def commits(number: int) -> None:
    """Time of a decision, live files, and what the logs hold, after each hundred."""
    with TemporaryDirectory() as folder, minio_in(Path(folder)) as settings:
        access = settings.s3("stream")
        s3.minio(access).make_bucket(settings.minio.delta_bucket)
        place = Place(settings.minio.delta_bucket, access)
        ensure(place, SMS)
        books = books_of(place, Path(folder) / "index")
        for hundred in range(number // DECISIONS):
            took = sorted(timed(place, books, f"{hundred}-{one}") for one in range(DECISIONS))
            files = [len(place.open(table).file_uris()) for table in TABLES]
            p99 = took[int(DECISIONS * 0.99)] * 1000
            told = f"median {median(took) * 1000:.0f} ms, p99 {p99:.0f} ms, live files {files}, {memory_mb()} MB"
            print(f"{(hundred + 1) * DECISIONS} decisions: {told}", flush=True)
        for table in TABLES:
            print(f"{table.name}: {dict(stored(place, table.name))}")


def fill(place: Place, books: Books, number: int) -> None:
    """The ledger has this many entries, `A_FILE` to a decision."""
    for start in range(0, number, A_FILE):
        mark = books.ledger.next_mark()
        keys = [f"demo/page-{one:09d}.csv" for one in range(start, min(start + A_FILE, number))]
        known: dict[str, list[Any]] = {
            "decision": [mark.number] * len(keys),
            "decision_id": [mark.id] * len(keys),
            "source_identity": [identity_of(key) for key in keys],
            "source_key": keys,
            "source_version": [str(uuid.uuid4()) for _ in keys],
        }
        columns = [pa.array(known.get(field.name, [None] * len(keys)), field.type) for field in LEDGER.schema]
        rows = pa.Table.from_arrays(columns, schema=LEDGER.schema)
        content, path = parquet(rows), f"{mark.id}.parquet"
        obstore.put(place.store(), f"{LEDGER.name}/{path}", content.to_pybytes())
        files = {LEDGER.name: [DataFile(path, content.size, statistics(rows))]}
        books.ledger.commit(Decision(*mark, files=files, previous=books.ledger.previous()))


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
    logs = [one["size"] for one in listed if "/_delta_log/" in one["path"]]
    data = [one["size"] for one in listed if "/_delta_log/" not in one["path"]]
    yield from {"log objects": len(logs), "log bytes": sum(logs), "files": len(data), "bytes": sum(data)}.items()


def memory_mb() -> int:
    """What this process holds."""
    return int(psutil.Process().memory_info().rss >> 20)


if __name__ == "__main__":
    app()
