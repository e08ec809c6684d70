"""Several queries that start at the same moment, on nothing, make one set of tables."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import TypeVar

import pytest

from conf.tables import LEDGER, TABLES
from streaming.ledger.decisions import application
from streaming.ledger.ensure import ensure
from streaming.ledger.place import Place
from tests.sms import SMS

WRITERS = 8

Answer = TypeVar("Answer")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(str(tmp_path))


def at_once(act: Callable[[], Answer]) -> list[Answer]:
    """What each of several writers answers that begin together."""
    together = Barrier(WRITERS)

    def one(_: int) -> Answer:
        together.wait()
        return act()

    with ThreadPoolExecutor(WRITERS) as pool:
        return list(pool.map(one, range(WRITERS)))


@pytest.mark.parametrize("attempt", range(5))
def test_at_once_they_make_each_table_once(place: Place, attempt: int) -> None:
    ids = set(at_once(lambda: str(place.create(LEDGER).metadata().id)))
    ledger = place.open(LEDGER)
    assert (ids, ledger.version()) == ({str(ledger.metadata().id)}, 0)


@pytest.mark.parametrize("attempt", range(5))
def test_at_once_they_make_tables_that_belong_to_one_ledger(place: Place, attempt: int) -> None:
    at_once(lambda: ensure(place, SMS))
    ours = application(place.open(LEDGER).metadata().id)
    tables = [place.open(table) for table in TABLES if table is not LEDGER]
    assert [(table.version(), table.transaction_version(ours)) for table in tables] == [(0, 0), (0, 0)]
