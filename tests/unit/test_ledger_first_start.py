"""Several queries that start at the same moment, on nothing, make one set of tables."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from conf.tables import LEDGER, TABLES
from streaming.ledger.decisions import application
from streaming.ledger.ensure import ensure
from streaming.ledger.place import Place

WRITERS = 8


@pytest.mark.parametrize("attempt", range(5))
def test_at_once_they_make_each_table_once(tmp_path: Path, attempt: int) -> None:
    together = Barrier(WRITERS)

    def make(_: int) -> str:
        place = Place(str(tmp_path))
        together.wait()
        return str(place.create(LEDGER).metadata().id)

    with ThreadPoolExecutor(WRITERS) as pool:
        ids = set(pool.map(make, range(WRITERS)))
    ledger = Place(str(tmp_path)).open(LEDGER)
    assert (ids, ledger.version()) == ({str(ledger.metadata().id)}, 0)


@pytest.mark.parametrize("attempt", range(5))
def test_at_once_they_make_tables_that_belong_to_one_ledger(tmp_path: Path, attempt: int) -> None:
    together = Barrier(WRITERS)

    def start(_: int) -> None:
        together.wait()
        ensure(Place(str(tmp_path)))

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(start, range(WRITERS)))
    place = Place(str(tmp_path))
    ours = application(place.open(LEDGER).metadata().id)
    tables = [place.open(table) for table in TABLES if table is not LEDGER]
    assert [(table.version(), table.transaction_version(ours)) for table in tables] == [(0, 0), (0, 0)]
