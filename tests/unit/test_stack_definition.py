"""The stack of this machine, as the compose files define it: without circles, on loopback, each secret only where it is used."""

from dataclasses import replace
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from conf.first_start import secrets
from conf.first_start.secrets import NAMES, is_secret
from conf.local import stack
from conf.local.definition import Service
from conf.settings import Settings, load
from conf.settings.groups import FOLDER, Group, values
from conf.settings.variables import read

TASKS = {"init-stores", "airflow-init", "init-logins"}


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("LAKE_HOME", str(tmp_path))
    secrets.for_home(tmp_path)
    return load()


def services(settings: Settings) -> dict[str, Service]:
    return {one.name: one for one in stack.parts(settings)}


def test_every_need_is_a_part_and_there_is_an_order(settings: Settings) -> None:
    needs = {one.name: one.needs for one in stack.parts(settings)}
    assert set(TopologicalSorter(needs).static_order()) == set(needs)


def test_it_is_the_stack_of_containers_but_for_postgres(settings: Settings) -> None:
    assert {one.name for one in stack.parts(settings) if not one.stays} == TASKS
    assert {one.name for one in stack.parts(settings) if one.stays} == {
        "minio",
        "kafka",
        "source-api",
        "airflow-api-server",
        "airflow-scheduler",
        "airflow-dag-processor",
        "streaming",
        "spark-history",
        "jupyter",
        "mlflow",
    }


def test_every_port_setting_is_claimed_by_one_service(settings: Settings) -> None:
    claimed = [name for service in services(settings).values() for name in service.ports]
    wanted = [name for name in values({}) if name.endswith("_PORT")]
    assert sorted(claimed) == sorted(wanted)


def test_nothing_is_told_to_listen_everywhere(settings: Settings) -> None:
    words = [
        word for service in services(settings).values() for word in (*service.command, *service.environment.values())
    ]
    everywhere = ("0.0.0.0", "[::]", "*:")  # noqa: S104  # looked for, not bound
    assert [word for word in words if word.startswith((":", *everywhere)) or "=0.0.0.0" in word] == []


OURS = {"streaming", "init-logins"}
AIRFLOW = {"airflow-api-server", "airflow-scheduler", "airflow-dag-processor", "airflow-init"}
HOLDERS = {
    "MINIO_ROOT_PASSWORD": {"minio", "init-stores"},
    "LANDER_SECRET_KEY": {"airflow-scheduler", "init-stores"},
    "STREAM_SECRET_KEY": {"streaming", "init-stores"},
    "TRAINER_SECRET_KEY": {"jupyter", "init-logins", "init-stores"},
    "MLFLOW_TRAINER_PASSWORD": {"jupyter", "init-logins", "init-stores"},
    "MLFLOW_SECRET_KEY": {"mlflow", "init-stores"},
    "MLFLOW_SESSION_SECRET": {"mlflow", "init-stores"},
    "MLFLOW_ADMIN_PASSWORD": {"mlflow", "init-logins", "init-stores"},
    "MLFLOW_DATABASE_PASSWORD": {"mlflow", "init-stores"},
    "AIRFLOW_FERNET_KEY": AIRFLOW | {"init-stores"},
    "AIRFLOW_JWT_SECRET": AIRFLOW | {"init-stores"},
    "AIRFLOW_API_SECRET": AIRFLOW | {"init-stores"},
    "AIRFLOW_ADMIN_PASSWORD": AIRFLOW | {"init-stores"},
    "AIRFLOW_DATABASE_PASSWORD": AIRFLOW | {"init-stores"},
    "JUPYTER_TOKEN": {"jupyter", "init-stores"},
}


def test_a_secret_is_given_only_to_who_uses_it(settings: Settings) -> None:
    assert set(HOLDERS) == {name for name in NAMES if is_secret(name)}
    parts = services(settings)
    for name, holders in HOLDERS.items():
        value = settings.secret(name)
        assert {one.name for one in parts.values() if value in one.environment.values()} == holders, name
        # It refuses known defaults. Our own programs do that themselves.
        assert holders <= OURS or parts["init-stores"].environment[name] == value


def test_no_secret_stands_on_a_command_line(settings: Settings) -> None:
    values = [settings.secret(name) for name in HOLDERS]
    lines = [" ".join((*service.command, *service.healthcheck)) for service in services(settings).values()]
    assert [line for line in lines if any(value in line for value in values)] == []


@pytest.mark.parametrize(
    ("name", "value", "restarted"),
    [
        ("LANDING_SCHEDULE", "every 5 seconds", {"airflow-scheduler", "airflow-dag-processor"}),
        (
            "LANDING_BUCKET",
            "elsewhere",
            {"airflow-scheduler", "airflow-dag-processor", "streaming", "jupyter", "mlflow"},
        ),
        ("STREAM_TRIGGER_SECONDS", "7", {"streaming"}),
        ("SOURCE_DOWNLOAD_SECONDS", "7", {"source-api", "airflow-scheduler"}),
        ("JUPYTER_PORT", "18888", {"jupyter"}),
        ("MLFLOW_PORT", "14000", {"mlflow", "jupyter"}),
        ("KAFKA_HOST", "kafka.here", {"minio", "streaming"}),
        ("SPARK_LOCAL_IP", "127.0.0.2", {"streaming", "jupyter"}),
        ("NOTEBOOK_TABLE", "s3a://delta/messages_next", {"jupyter"}),
    ],
)
def test_a_changed_setting_changes_just_the_services_that_name_its_group(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, name: str, value: str, restarted: set[str]
) -> None:
    before = services(settings)
    monkeypatch.setenv(name, value)
    after = services(load())
    assert {key for key, one in before.items() if one.stays and known(one) != known(after[key])} == restarted


RARE = 31_957
"""No other number has these digits."""
OTHER = {"LANDING_ANNOUNCED": "queue", "LANDING_SCHEDULE": "every 7 seconds", "SPARK_MASTER": "local[1]"}


OF_IMAGES = read(FOLDER / "images.env", {})
SETTINGS = {name: value for name, value in values({}).items() if name not in OF_IMAGES}


@pytest.mark.parametrize(("name", "value"), sorted(SETTINGS.items()))
def test_each_setting_reaches_a_process(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    other = str(int(float(value)) + RARE) if is_number(value) else OTHER.get(name, f"another-{value}")
    monkeypatch.setenv(name, other)
    assert [one.name for one in stack.parts(load()) if holds(one, other)]


OF_PROGRAMS = {"SPARK_EVENTS"}
"""What only a program that a person starts is told."""


def test_each_setting_that_no_file_holds_reaches_a_process(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    names = {name for group in Group.__subclasses__() for name in group.names().values()} - SETTINGS.keys()
    for name in sorted(names - OF_PROGRAMS):
        monkeypatch.setenv(name, f"a-rare-{name.lower()}")
    words = " ".join(
        word for one in stack.parts(load()) for word in (*one.command, *one.healthcheck, *one.environment.values())
    )
    assert [name for name in names - OF_PROGRAMS if f"a-rare-{name.lower()}" not in words] == []


def is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdigit()


def holds(service: Service, value: str) -> bool:
    """Whether this value stands in its environment or on its command line."""
    return any(value in word for word in (*service.command, *service.environment.values()))


def known(service: Service) -> Service:
    """What supervisor compares."""
    return replace(service, ports={}, healthcheck=(), page=None)
