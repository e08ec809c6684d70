"""Which landed object versions nothing will load any more, and what stops looking for them."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from conf.settings import S3Access, load
from streaming.objects import ObjectVersion
from streaming.reconciliation import ANNOUNCED_WITHIN, Reconciliation, lost
from tests.stack.conftest import free_ports

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def version(age: timedelta) -> ObjectVersion:
    return ObjectVersion("a.csv", "v1", "e1", 22, NOW - age)


@pytest.mark.parametrize(
    ("age", "known", "expected"),
    [
        pytest.param(ANNOUNCED_WITHIN, set(), True, id="nobody has told of it"),
        pytest.param(timedelta(days=9), {("a.csv", "v0"), ("b.csv", "v1")}, True, id="another version is known"),
        pytest.param(timedelta(days=9), {("a.csv", "v1")}, False, id="known"),
        pytest.param(ANNOUNCED_WITHIN - timedelta(seconds=1), set(), False, id="its notification may be under way"),
        pytest.param(timedelta(seconds=-60), set(), False, id="written by a clock that is ahead"),
    ],
)
def test_an_object_is_lost_when_it_is_old_and_nobody_has_told_of_it(
    age: timedelta, known: set[tuple[str, str]], expected: bool
) -> None:
    assert lost([version(age)], known, NOW) == ([version(age)] if expected else [])


def reconciliation(endpoint: str) -> Reconciliation:
    return Reconciliation(load(), S3Access(endpoint, "nobody", SecretStr("nothing")), set())


def test_a_service_that_is_away_puts_a_pass_off_and_ends_nothing(caplog: pytest.LogCaptureFixture) -> None:
    (port,) = free_ports(1)
    reconciling = reconciliation(f"http://127.0.0.1:{port}")
    reconciling.once()
    reconciling.check()
    assert str(port) in caplog.text


def test_what_ended_reconciliation_is_raised_where_the_query_is_watched() -> None:
    reconciling = reconciliation("http://no:such:address")
    reconciling.run()
    with pytest.raises(ValueError, match="invalid port"):
        reconciling.check()
