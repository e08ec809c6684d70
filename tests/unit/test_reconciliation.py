"""Which landed object versions are overdue, and what stops looking for them."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from conf.settings import S3Access, load
from streaming.objects import ObjectVersion
from streaming.reconciliation import ANNOUNCED_WITHIN, Reconciliation, overdue
from tests.stack.conftest import free_ports

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        pytest.param(timedelta(days=9), True, id="old"),
        pytest.param(ANNOUNCED_WITHIN, True, id="just old enough"),
        pytest.param(ANNOUNCED_WITHIN - timedelta(seconds=1), False, id="its notification may be under way"),
        pytest.param(timedelta(seconds=-60), False, id="written by a clock that is ahead"),
    ],
)
def test_an_object_is_overdue_when_its_notification_cannot_be_under_way(age: timedelta, expected: bool) -> None:
    version = ObjectVersion("a.csv", "v1", "e1", 22, NOW - age)
    assert overdue([version], NOW) == ([version] if expected else [])


def reconciliation(endpoint: str) -> Reconciliation:
    return Reconciliation(load(), S3Access(endpoint, "nobody", SecretStr("nothing")), set())


def test_a_service_that_is_away_puts_a_pass_off_and_ends_nothing(caplog: pytest.LogCaptureFixture) -> None:
    (port,) = free_ports(1)
    reconciliation(f"http://127.0.0.1:{port}").once()
    [said] = [record.getMessage() for record in caplog.records if record.name == "streaming.reconciliation"]
    assert str(port) in said


def test_what_ended_reconciliation_is_raised_where_the_query_is_watched() -> None:
    reconciling = reconciliation("http://no:such:address")
    reconciling.run()
    with pytest.raises(ValueError, match="invalid port"):
        reconciling.check()
