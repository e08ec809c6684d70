"""A service is ready when its health check says so; one that waiting cannot help ends the start with its own words."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from conf.compose import probe
from conf.errors import StackError
from conf.local.health import PROBE, is_ready
from tests.unit.served import service

STARTED = datetime(2026, 1, 2, tzinfo=UTC)


def ready(*healthcheck: str) -> bool:
    one = replace(service("one", "run", WORD="here"), healthcheck=healthcheck)
    return asyncio.run(is_ready(one, STARTED))


@pytest.mark.parametrize(
    ("healthcheck", "wanted"),
    [
        (["true"], True),
        (["false"], False),
        (["sh", "-c", "test $WORD = here"], True),
        (["test", "-e", "conf/compose/probe.py"], True),
        ([*PROBE, "http://127.0.0.1:9/"], False),
    ],
)
def test_any_program_can_be_a_health_check(healthcheck: list[str], wanted: bool) -> None:
    assert ready(*healthcheck) is wanted


def test_a_program_that_is_not_there_is_named() -> None:
    with pytest.raises(StackError, match=r"The health check of one cannot be run: .*no-such-program"):
        ready("no-such-program")


def test_what_is_broken_is_told_in_its_own_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*words: str, since: datetime, environment: dict[str, str]) -> None:
        assert (words, since, environment) == (("http://airflow", "--dag", "landing"), STARTED, {"WORD": "here"})
        raise probe.BrokenError("Airflow cannot read the DAG landing.py:\nSyntaxError: here")

    monkeypatch.setattr(probe, "check", broken)
    with pytest.raises(StackError, match=r"cannot read the DAG landing\.py"):
        ready(*PROBE, "http://airflow", "--dag", "landing")
