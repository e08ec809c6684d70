"""How much of the fault suite runs, from which seed, and where its report goes."""

import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.faults.ministack import MiniStack, ministack
from tests.faults.report import Report

Property = Callable[[str, object], None]
"""What pytest's fixture `record_property` is: the report keeps what it is told."""


@dataclass(frozen=True)
class Scale:
    """How large the load is, and how long a thing is stopped."""

    seed: int
    kills: int
    objects: int
    stops: int
    stopped_seconds: float


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("faults")
    group.addoption("--kills", type=int, default=9, help="how often the query is killed in the loop")
    group.addoption("--seed", type=int, default=1, help="what decides the load and the moments")
    group.addoption("--whole", action="store_true", help="all cases, at their full size: more than an hour")
    group.addoption("--json", type=Path, help="where the report is written to")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "case(*numbers): the cases of cases.toml that this test is about")
    config.addinivalue_line("markers", "whole: runs only with --whole")
    config.pluginmanager.register(Report(config), "faults")
    # Whoever ends the run ends its servers as well.
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("whole", False):
        for item in items:
            if item.get_closest_marker("whole"):
                item.add_marker(pytest.mark.skip(reason="runs with --whole"))


@pytest.fixture(scope="session")
def scale(pytestconfig: pytest.Config) -> Scale:
    seed, kills = pytestconfig.getoption("seed", 1), pytestconfig.getoption("kills", 9)
    if pytestconfig.getoption("whole", False):
        return Scale(seed, kills, objects=2000, stops=20, stopped_seconds=20)
    return Scale(seed, kills, objects=200, stops=3, stopped_seconds=8)


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[MiniStack]:
    """A MinIO and a Kafka of the test's own."""
    with ministack(tmp_path, STREAM_RECONCILE_SECONDS="5") as running:
        yield running
