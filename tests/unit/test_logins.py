"""MLflow's operator lets the trainer in; an answer that refuses the operator says which password is wrong."""

from collections.abc import Callable

import pytest

from conf import settings
from conf.errors import StackError
from conf.first_start import logins
from conf.settings import Settings
from tests.unit.answering import Answer, serving

LOGINS = ("MLFLOW_TRAINER_USER", "MLFLOW_TRAINER_PASSWORD", "MLFLOW_ADMIN_USER", "MLFLOW_ADMIN_PASSWORD")
# MLflow's own words (3.17).
UNKNOWN = Answer(
    401,
    b"You are not authenticated. Please see https://www.mlflow.org/docs/latest/auth/index.html#authenticating-to-mlflow "
    b"on how to authenticate.",
    "text/html; charset=utf-8",
)
THERE = Answer(400, b'{"error_code": "RESOURCE_ALREADY_EXISTS", "message": "User (username=trainer) already exists."}')
DONE = Answer(200, b"{}")


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Settings]:
    """The settings of a stack whose MLflow is at this address."""
    for name in LOGINS:
        monkeypatch.setenv(name, name.lower())

    def settings_at(url: str) -> Settings:
        monkeypatch.setenv("MLFLOW_PORT", url.rpartition(":")[2])
        return settings.load()

    return settings_at


def test_a_changed_password_of_the_operator_is_named(at: Callable[[str], Settings]) -> None:
    with (
        serving(lambda _: UNKNOWN) as url,
        pytest.raises(
            StackError, match=r"does not know 'mlflow_admin_user' by MLFLOW_ADMIN_PASSWORD\. .*put that value back"
        ),
    ):
        logins.grant(at(url))


def test_a_login_that_is_there_gets_the_password_of_the_settings(at: Callable[[str], Settings]) -> None:
    asked = []

    def answer(path: str) -> Answer:
        asked.append(path)
        return THERE if path.endswith("create") else DONE

    with serving(answer) as url:
        logins.grant(at(url))
    assert asked == [f"{logins.API}/create", f"{logins.API}/update-password"]
