"""Secrets are random, made once, one file a part, and for the owner's eyes only."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from conf.first_start import secrets
from conf.first_start.secrets import NAMES, PARTS, SecretsError, is_secret
from conf.local.logins import logins
from conf.machine import ROOT
from conf.settings import SettingsError, load
from conf.settings.variables import read


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LAKE_HOME", str(tmp_path))
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def ensure(home: Path) -> dict[str, str]:
    """All that the folder then holds."""
    secrets.for_home(home)
    return {name: value for file in (home / "secrets").iterdir() for name, value in read(file, {}).items()}


def test_every_name_has_a_value_in_the_file_of_its_part(home: Path) -> None:
    assert set(ensure(home)) == set(NAMES)
    for part, names in PARTS.items():
        assert tuple(read(home / "secrets" / f"{part}.env", {})) == names
    assert len(list((home / "secrets").iterdir())) == len(PARTS)


def test_only_the_owner_can_read_them(home: Path) -> None:
    ensure(home)
    assert {stat.S_IMODE(file.stat().st_mode) for file in (home / "secrets").iterdir()} == {0o600}
    assert stat.S_IMODE((home / "secrets").stat().st_mode) == 0o700


def test_a_second_start_leaves_them_as_they_are(home: Path) -> None:
    assert ensure(home) == ensure(home)


def test_two_stacks_share_no_secret(home: Path) -> None:
    one, other = ({value for name, value in ensure(home / which).items() if is_secret(name)} for which in "ab")
    assert len(one) == len(other) == len([name for name in NAMES if is_secret(name)])
    assert not one & other


def test_a_file_without_a_new_name_gets_it_and_keeps_the_rest(home: Path) -> None:
    before = ensure(home)
    file = home / "secrets" / "trainer.env"
    file.write_text("".join(f"{line}\n" for line in file.read_text().splitlines() if "MLFLOW" not in line))
    after = ensure(home)
    changed = {name for name in NAMES if after[name] != before[name]}
    assert changed == {"MLFLOW_TRAINER_PASSWORD"}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_one_file_of_an_older_version_is_taken_over_and_goes(home: Path) -> None:
    older = home / "credentials.env"
    older.write_text("# Made at the first start.\nMINIO_ROOT_USER=boss\nMINIO_ROOT_PASSWORD=of-old\n")
    now = ensure(home)
    assert (now["MINIO_ROOT_USER"], now["MINIO_ROOT_PASSWORD"]) == ("boss", "of-old")
    assert not older.exists()


def test_an_older_file_keeps_what_the_folder_has_otherwise_and_what_is_no_secret(home: Path) -> None:
    before = ensure(home)
    older = home / "credentials.env"
    older.write_text(f"MINIO_ROOT_PASSWORD=of-old\nJUPYTER_TOKEN={before['JUPYTER_TOKEN']}\nMINIO_PORT=9001\n")
    assert ensure(home) == before
    assert older.read_text() == "MINIO_ROOT_PASSWORD=of-old\nMINIO_PORT=9001\n"


def test_a_file_that_others_can_read_is_refused_with_the_command_to_type(home: Path) -> None:
    ensure(home)
    (home / "secrets" / "stream.env").chmod(0o644)
    with pytest.raises(SecretsError, match=r"chmod 600 '.*secrets/stream\.env'"):
        ensure(home)


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        pytest.param("minioadmin", "is a well-known default", id="known default"),
        pytest.param("Changeme", "is a well-known default", id="in capitals"),
        pytest.param("pa$$word", "holds a quote, a space, or one of", id="compose would read a variable"),
        pytest.param('say"so', "holds a quote", id="quote"),
    ],
)
def test_a_secret_that_cannot_be_one_is_named_and_not_shown(home: Path, value: str, complaint: str) -> None:
    ensure(home)
    (home / "secrets" / "jupyter.env").write_text(f"JUPYTER_TOKEN={value}\n")
    with pytest.raises(SecretsError, match=f"JUPYTER_TOKEN.* {complaint}") as refused:
        ensure(home)
    assert value not in str(refused.value)


def test_random_secrets_are_usable(home: Path) -> None:
    secrets.refuse_unusable(ensure(home), "nowhere")


def test_a_process_finds_a_secret_in_its_environment_or_in_its_part_s_file(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = ensure(home)
    (home / "secrets" / "jupyter.env").unlink()
    assert load().secret("STREAM_SECRET_KEY") == made["STREAM_SECRET_KEY"]
    monkeypatch.setenv("STREAM_SECRET_KEY", "another")
    assert load().secret("STREAM_SECRET_KEY") == "another"
    with pytest.raises(
        SettingsError, match=r"JUPYTER_TOKEN is not set: looked in the environment and in .*jupyter\.env"
    ):
        load().secret("JUPYTER_TOKEN")


def test_a_secret_of_the_environment_that_services_would_not_know_is_refused(home: Path) -> None:
    made = ensure(home)
    secrets.refuse_others({"JUPYTER_TOKEN": made["JUPYTER_TOKEN"]}, home / "secrets")
    with pytest.raises(SecretsError, match=r"JUPYTER_TOKEN is set in the environment, and .*jupyter\.env has another"):
        secrets.refuse_others({"JUPYTER_TOKEN": "another"}, home / "secrets")


def test_settings_show_no_secret(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STREAM_SECRET_KEY", "not-to-be-seen")
    assert "not-to-be-seen" not in repr(load())


def test_for_compose_they_lie_in_a_folder_that_its_env_file_names(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("MINIO_ROOT_PASSWORD=of-old\nMINIO_PORT=9001")
    command = [sys.executable, "-m", "conf.first_start.secrets", ".secrets"]
    for _ in range(2):
        subprocess.run(command, cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, check=True)
    assert (tmp_path / ".env").read_text() == "MINIO_PORT=9001\nSECRETS=.secrets\n"
    assert "MINIO_ROOT_PASSWORD=of-old\n" in (tmp_path / ".secrets" / "minio.env").read_text()


def test_a_folder_that_the_env_file_names_already_is_kept(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("SECRETS=elsewhere\n")
    command = [sys.executable, "-m", "conf.first_start.secrets", ".secrets"]
    subprocess.run(command, cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, check=True)
    assert (tmp_path / ".env").read_text() == "SECRETS=elsewhere\n"
    assert (tmp_path / "elsewhere" / "minio.env").exists()
    assert not (tmp_path / ".secrets").exists()


def test_people_are_told_where_and_as_whom_to_log_in(home: Path) -> None:
    ensure(home)
    settings = load()
    told = {login.service: (login.url, login.user) for login in logins(settings)}
    assert told == {
        "Airflow": (f"http://127.0.0.1:{settings.airflow.port}", "operator"),
        "MinIO": (f"http://127.0.0.1:{settings.minio.console_port}", "operator"),
        "MLflow": (f"http://127.0.0.1:{settings.mlflow.port}", "operator"),
        "Jupyter": (f"http://127.0.0.1:{settings.jupyter.port}/lab", "(token)"),
    }


def test_a_known_default_is_refused_where_it_is_read(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ensure(home)
    file = home / "secrets" / "stream.env"
    file.write_text(file.read_text().replace(load().secret("STREAM_SECRET_KEY"), "changeme"))
    with pytest.raises(SecretsError, match=r"STREAM_SECRET_KEY is a well-known default.*stream\.env"):
        load().secret("STREAM_SECRET_KEY")
    monkeypatch.setenv("JUPYTER_TOKEN", "password")
    with pytest.raises(SecretsError, match="JUPYTER_TOKEN is a well-known default"):
        load().secret("JUPYTER_TOKEN")


def test_a_name_of_no_part_is_refused_with_the_place_to_write_it(home: Path) -> None:
    with pytest.raises(SecretsError, match=r"STREAM_NOTHING is no secret of any part.*PARTS"):
        load().secret("STREAM_NOTHING")
