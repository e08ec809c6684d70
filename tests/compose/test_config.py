"""What `docker compose` itself makes of the files, and that the local stack understands the same. Needs its client, no engine."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from conf.first_start import secrets
from conf.local.compose_files import Block, environment, read
from conf.machine import environment as machine
from conf.settings.groups import values
from tests.compose import engine
from tests.compose.engine import Docker

pytestmark = pytest.mark.timeout(1200)  # the first time, compose itself is built


@pytest.fixture(scope="module")
def docker() -> Docker:
    return engine.client()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The secrets of a stack."""
    made = tmp_path_factory.mktemp("compose") / "secrets"
    secrets.ensure(made, made / "credentials.env")
    return made


def config(docker: Docker, folder: Path, **more: str) -> dict[str, dict[str, Any]]:
    """Every service as Docker understands it."""
    env = folder.parent / "env"
    env.write_text("".join(f'{name}="{value}"\n' for name, value in (more | {"SECRETS": str(folder)}).items()))
    words = ("--env-file", str(env), "--profile", "*", "config", "--format", "json")
    return dict(json.loads(docker.run("compose", *words).stdout)["services"])


def understood(folder: Path, **more: str) -> tuple[dict[str, Block], dict[str, str]]:
    """Every service as the local stack reads it for a container, and the variables that it was read with."""
    chosen = machine() | more | {"SECRETS": str(folder)}
    given = values(chosen)
    return read(chosen | given), chosen | given


OTHER = {
    "MINIO_PORT": "19000",
    "LANDING_SCHEDULE": "*/5 * * * *",
    "STREAM_TRIGGER_SECONDS": "7",
    "KAFKA_HOST": "elsewhere",
}


@pytest.mark.parametrize("more", [{}, OTHER], ids=["as it comes", "with other settings"])
def test_docker_and_the_local_stack_understand_each_service_alike(
    docker: Docker, folder: Path, more: dict[str, str]
) -> None:
    told = config(docker, folder, **more)
    blocks, given = understood(folder, **more)
    assert set(told) == set(blocks)
    for name, block in blocks.items():
        assert as_docker_says(told[name]) == as_we_read(block, given), name


def as_docker_says(one: Mapping[str, Any]) -> dict[str, Any]:
    """What both must agree on."""
    health = one.get("healthcheck", {})
    return {
        "command": one.get("command"),
        "environment": one.get("environment", {}),
        "needs": {name: told["condition"] for name, told in one.get("depends_on", {}).items()},
        "healthcheck": health.get("test"),
        "restart": one["restart"],
        "stop_signal": one.get("stop_signal", "SIGTERM"),
        "stop_seconds": seconds(one["stop_grace_period"]),
        "ports": [f"{port['host_ip']}:{port['published']}:{port['target']}" for port in one.get("ports", ())],
        "profiles": one.get("profiles", []),
    }


def as_we_read(block: Block, given: Mapping[str, str]) -> dict[str, Any]:
    return {
        "command": block.command,
        "environment": environment(block, given),
        "needs": {name: told.condition for name, told in block.depends_on.items()},
        "healthcheck": block.healthcheck.test if block.healthcheck else None,
        "restart": block.restart,
        "stop_signal": block.stop_signal,
        "stop_seconds": int(block.stop_grace_period.removesuffix("s")),
        "ports": [re.sub(r"\$\{(\w+)\}", lambda found: given[found[1]], port) for port in block.ports],
        "profiles": block.profiles,
    }


def seconds(duration: str) -> int:
    """Of Docker's own form: 1m30s."""
    return sum(int(number) * {"m": 60, "s": 1}[unit] for number, unit in re.findall(r"(\d+)([ms])", duration))


def changed(name: str, value: str) -> str:
    """Another value of the same kind."""
    if re.fullmatch(r"\d+", value):
        return str(int(value) + 1)
    return {"LANDING_ANNOUNCED": "queue", "LANDING_SCHEDULE": "every 7 seconds", "SPARK_MASTER": "local[1]"}.get(
        name, f"another-{value}"
    )


SETTINGS = values({})


@pytest.mark.parametrize("name", sorted(set(SETTINGS) - {"BASE_IMAGE", "IMAGE_TAG"}))
def test_each_setting_reaches_a_container(docker: Docker, folder: Path, name: str) -> None:
    value = changed(name, SETTINGS[name])
    told = config(docker, folder, **{name: value})
    before = config(docker, folder)
    assert [one for one in told if as_docker_says(told[one]) != as_docker_says(before[one])]
    assert value in json.dumps(told)


def test_without_secrets_it_says_what_to_type(docker: Docker) -> None:
    answer = docker.run("compose", "--env-file", "/dev/null", "config", "--quiet", check=False)
    assert answer.returncode != 0
    assert "run make secrets" in answer.stderr
