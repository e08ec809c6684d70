"""The compose stack as it is written down: the settings and secrets of the local stack, hardened, on loopback."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from dotenv import dotenv_values

from conf import credentials, stack
from conf.credentials_file import USER, made
from conf.services import Service
from conf.settings import ROOT, SHARED_FILE, Settings, load

TOP = ROOT / "docker-compose.yml"
TEMPLATES = ROOT / "conf" / "compose" / "templates.yml"
INTERPOLATED = re.compile(r"\$\{(\w+)([^}]*)\}")
IMAGES_ONLY = {"BASE_IMAGE", "IMAGE_TAG"}


def read(file: Path) -> dict[str, Any]:
    return dict(yaml.safe_load(file.read_text()))


def files() -> list[Path]:
    """The files that the top one includes."""
    return [ROOT / one["path"] for one in read(TOP)["include"]]


def services() -> dict[str, dict[str, Any]]:
    return {name: one for file in files() for name, one in read(file)["services"].items()}


def template(name: str) -> dict[str, Any]:
    """A template with what it extends."""
    own = dict(read(TEMPLATES)["services"][name])
    parent = own.pop("extends", None)
    return template(parent["service"]) | own if parent else own


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("LAKE_HOME", str(tmp_path))
    credentials.ensure(tmp_path)
    return load()


def test_every_file_gets_the_shared_settings() -> None:
    assert {one["env_file"] for one in read(TOP)["include"]} == {str(SHARED_FILE.relative_to(ROOT))}


def test_the_same_ports_are_published_as_the_local_stack_listens_on(settings: Settings) -> None:
    local = {name for part in stack.parts(settings) if isinstance(part, Service) for name in part.ports} - {
        "KAFKA_CONTROLLER_PORT"
    }
    published = [port for one in services().values() for port in one.get("ports", ())]
    assert sorted(published) == sorted(f"127.0.0.1:${{{name}}}:${{{name}}}" for name in local)


def test_the_settings_of_the_shared_file_reach_the_programs() -> None:
    given = template("settings-service")["environment"]
    assert set(dotenv_values(SHARED_FILE)) - IMAGES_ONLY <= set(given)
    fixed = {name for name, value in given.items() if value is not None}
    assert fixed == {"HOME", "SOURCE_API_HOST", "MINIO_HOST", "KAFKA_HOST", "KAFKA_PORT", "MLFLOW_HOST"}


def test_every_local_service_is_there_as_a_container(settings: Settings) -> None:
    local = {part.name for part in stack.parts(settings) if isinstance(part, Service)}
    assert local <= set(services())


def test_every_container_is_hardened() -> None:
    for name, one in services().items():
        assert one["extends"]["file"] == str(TEMPLATES.relative_to(ROOT)), name
        made_of = template(one["extends"]["service"]) | one
        assert made_of["cap_drop"] == ["ALL"], name
        assert made_of["read_only"], name
        assert made_of["user"] == "10001:10001", name
        assert "mem_limit" in made_of, name
        assert made_of["restart"] == "no" or "healthcheck" in made_of, name


def test_every_secret_is_asked_for_by_name() -> None:
    """Nothing has a value of its own: without the secrets file compose says what to type."""
    for file in files():
        for name, rest in INTERPOLATED.findall(file.read_text()):
            assert (name in made()) == (rest == ":?run make secrets"), (file.name, name)


@pytest.mark.parametrize(
    ("secret", "holders"),
    [
        ("MINIO_ROOT_PASSWORD", {"minio"}),
        ("LANDER_SECRET_KEY", {"airflow-scheduler"}),
        ("STREAM_SECRET_KEY", {"streaming", "lake"}),
        ("TRAINER_SECRET_KEY", {"trainer", "jupyter"}),
        ("MLFLOW_SECRET_KEY", {"mlflow"}),
        ("MLFLOW_ADMIN_PASSWORD", {"mlflow", "init-logins"}),
        ("MLFLOW_TRAINER_PASSWORD", {"trainer", "jupyter", "init-logins"}),
        ("AIRFLOW_ADMIN_PASSWORD", {"airflow-init"}),
        ("JUPYTER_TOKEN", {"jupyter"}),
    ],
)
def test_a_secret_is_given_only_to_who_uses_it(secret: str, holders: set[str]) -> None:
    given = {name for name, one in services().items() if f"${{{secret}:" in str(one.get("environment"))}
    assert given - {"init-stores"} == holders


def test_the_one_that_refuses_known_defaults_sees_every_secret() -> None:
    assert {name for name in made() if not name.endswith(USER)} <= set(services()["init-stores"]["environment"])


def test_the_base_image_is_pinned_by_digest() -> None:
    assert re.fullmatch(r"[\w./:-]+@sha256:[0-9a-f]{64}", dotenv_values(SHARED_FILE)["BASE_IMAGE"] or "")


def test_state_lies_on_volumes() -> None:
    for file in files():
        told = read(file)
        named = {volume.split(":")[0] for one in told["services"].values() for volume in one.get("volumes", ())}
        assert set(told.get("volumes", {})) == {name for name in named if "/" not in name and "$" not in name}
