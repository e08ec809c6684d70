"""The definition of the local stack: complete, without circles, on loopback, each secret only where it is used."""

from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from conf import credentials, stack
from conf.services import Service
from conf.settings import Settings, load


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("LAKE_HOME", str(tmp_path))
    credentials.ensure(tmp_path)
    return load()


def services(settings: Settings) -> dict[str, Service]:
    return {part.name: part for part in stack.parts(settings) if isinstance(part, Service)}


def test_every_need_is_a_part_and_there_is_an_order(settings: Settings) -> None:
    needs = {part.name: part.needs for part in stack.parts(settings)}
    assert set(TopologicalSorter(needs).static_order()) == set(needs)


def test_every_port_setting_is_claimed_by_one_service(settings: Settings) -> None:
    claimed = [name for service in services(settings).values() for name in service.ports]
    wanted = [name.upper() for name in Settings.model_fields if name.endswith("_port")]
    assert sorted(claimed) == sorted(wanted)


def test_nothing_is_told_to_listen_everywhere(settings: Settings) -> None:
    words = [
        word for service in services(settings).values() for word in (*service.command, *service.environment.values())
    ]
    everywhere = ("0.0.0.0", "[::]", "*:")  # noqa: S104  # looked for, not bound
    assert [word for word in words if word.startswith((":", *everywhere))] == []


@pytest.mark.parametrize(
    ("secret", "holders"),
    [
        ("minio_root_password", {"minio"}),
        ("mlflow_secret_key", {"mlflow"}),
        ("jupyter_token", {"jupyter"}),
        ("mlflow_admin_password", {"mlflow"}),
        ("mlflow_trainer_password", set()),
        ("airflow_fernet_key", {"airflow-api-server", "airflow-scheduler", "airflow-dag-processor"}),
        ("airflow_admin_password", set()),
        ("lander_secret_key", set()),
        ("stream_secret_key", set()),
        ("trainer_secret_key", set()),
    ],
)
def test_a_secret_is_given_only_to_who_uses_it(settings: Settings, secret: str, holders: set[str]) -> None:
    value = settings.credential(secret)
    given = {name for name, service in services(settings).items() if value in service.environment.values()}
    assert given == holders


def test_no_secret_stands_on_a_command_line(settings: Settings) -> None:
    secrets = [
        settings.credential(name) for name in Settings.model_fields if name.endswith(("_secret_key", "_password"))
    ]
    secrets.append(settings.credential("jupyter_token"))
    lines = [" ".join(service.command) for service in services(settings).values()]
    assert [line for line in lines if any(secret in line for secret in secrets)] == []


@pytest.mark.parametrize(
    ("name", "value", "restarted"),
    [
        ("LANDING_SCHEDULE", "every 5 seconds", {"airflow-api-server", "airflow-scheduler", "airflow-dag-processor"}),
        ("STREAM_TRIGGER_SECONDS", "7", {"streaming"}),
        ("SOURCE_PAGE_RECORDS", "7", {"source-api"}),
        ("JUPYTER_PORT", "18888", {"jupyter"}),
        ("MLFLOW_PORT", "14000", {"mlflow"}),
    ],
)
def test_a_changed_setting_changes_just_the_services_that_use_it(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, name: str, value: str, restarted: set[str]
) -> None:
    before = services(settings)
    monkeypatch.setenv(name, value)
    after = services(load())
    changed = {key for key in before if definition(before[key]) != definition(after[key])}
    assert changed == restarted


def definition(service: Service) -> tuple[object, ...]:
    """What supervisor compares."""
    return service.command, dict(service.environment)
