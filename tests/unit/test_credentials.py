"""Credentials are random, made once, and for the owner's eyes only."""

import stat
from pathlib import Path

import pytest

from conf import credentials
from conf.credentials_file import CredentialsError
from conf.settings import Settings, credentials_file, load


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LAKE_HOME", str(tmp_path))
    return tmp_path


def settings_of(home: Path) -> Settings:
    credentials.ensure(home)
    return load()


def test_only_the_owner_can_read_them(home: Path) -> None:
    file = credentials.ensure(home)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_second_start_leaves_them_as_they_are(home: Path) -> None:
    first = credentials.ensure(home).read_text()
    assert credentials.ensure(home).read_text() == first


def test_nothing_half_written_is_left_beside_them(home: Path) -> None:
    credentials.ensure(home)
    assert list(home.iterdir()) == [credentials_file(home)]


def test_two_stacks_share_no_secret(tmp_path: Path) -> None:
    one, other = (
        {line for line in credentials.ensure(tmp_path / name).read_text().splitlines() if is_secret(line)}
        for name in ("one", "other")
    )
    assert len(one) == len(other) == 15
    assert not one & other


def is_secret(line: str) -> bool:
    return "=" in line and not line.partition("=")[0].endswith(("_USER", "_ACCESS_KEY"))


def test_a_file_of_an_earlier_version_gets_what_is_new_and_keeps_the_rest(home: Path) -> None:
    file = credentials.ensure(home)
    before = file.read_text()
    line = next(line for line in before.splitlines() if line.startswith("MLFLOW_ADMIN_PASSWORD="))
    file.write_text(before.replace(f"{line}\n", ""))
    credentials.ensure(home)
    after = file.read_text().splitlines()
    assert after[:-1] == before.replace(f"{line}\n", "").splitlines()
    assert after[-1].startswith("MLFLOW_ADMIN_PASSWORD=")
    assert after[-1] != line
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_file_that_others_can_read_is_refused_with_the_command_to_type(home: Path) -> None:
    file = credentials.ensure(home)
    file.chmod(0o644)
    with pytest.raises(CredentialsError, match=r"chmod 600 '.*credentials\.env'"):
        credentials.ensure(home)


def test_every_setting_that_is_a_secret_has_a_value(home: Path) -> None:
    settings = settings_of(home)
    names = [name for name, field in Settings.model_fields.items() if field.default is None and name != "sms_spam_csv"]
    assert len(names) == 23
    assert [name for name in names if not settings.credential(name)] == []


def test_a_known_default_is_refused_by_name(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    credentials.ensure(home)
    monkeypatch.setenv("MINIO_ROOT_PASSWORD", "minioadmin")
    with pytest.raises(CredentialsError, match="MINIO_ROOT_PASSWORD is a well-known default"):
        credentials.refuse_known_defaults(load())


def test_random_credentials_are_no_known_defaults(home: Path) -> None:
    credentials.refuse_known_defaults(settings_of(home))


def test_people_are_told_where_and_as_whom_to_log_in(home: Path) -> None:
    settings = settings_of(home)
    told = {login.service: (login.url, login.user) for login in credentials.logins(settings)}
    assert told == {
        "Airflow": (f"http://127.0.0.1:{settings.airflow_port}", "operator"),
        "MinIO": (f"http://127.0.0.1:{settings.minio_console_port}", "operator"),
        "MLflow": (f"http://127.0.0.1:{settings.mlflow_port}", "operator"),
        "Jupyter": (f"http://127.0.0.1:{settings.jupyter_port}/lab", "(token)"),
    }
