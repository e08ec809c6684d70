"""One compose stack for all these tests: a project, ports, credentials and volumes of its own, beside any other stack."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from conf.first_start import secrets
from conf.machine import ROOT
from conf.settings import Settings, load
from conf.settings.groups import values
from conf.settings.variables import read
from tests.compose import engine as engines
from tests.compose.engine import Docker
from tests.compose.stand_in import base_image
from tests.stack.conftest import PORTS
from tests.stack.ports import free_ports

PROJECT = "lake-compose-test"
HOME = ROOT / ".lake" / "compose-test"
PATIENCE_SECONDS = 600


@dataclass(frozen=True)
class Compose:
    """A stack in containers, used through the commands that a person has."""

    docker: Docker
    env_file: Path
    project: str = PROJECT
    healthy_after: float = 0
    """Seconds that it took to start."""

    @property
    def values(self) -> dict[str, str]:
        """Its settings: what the shared file says, and its own."""
        own = read(self.env_file, {})
        return values(own) | own

    @property
    def secrets(self) -> dict[str, str]:
        """All its secrets."""
        files = Path(self.values["SECRETS"]).glob("*.env")
        return {name: value for file in files for name, value in read(file, {}).items()}

    def run(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """`docker compose` for this stack."""
        return self.docker.run("compose", "-p", self.project, "--env-file", str(self.env_file), *words, check=check)

    def config(self) -> dict[str, Any]:
        return dict(json.loads(self.run("--profile", "*", "config", "--format", "json").stdout))

    def up(self, *options: str) -> None:
        """All services are healthy; the log of those that are not is in the error."""
        answer = self.run(*options, "up", "-d", "--wait", "--no-build", check=False)
        if answer.returncode:
            logs = self.run("logs", "--tail", "30", check=False)
            raise AssertionError(f"{answer.stderr[-3000:]}\n{self.run('ps', '-a').stdout}\n{logs.stdout[-15000:]}")

    def containers(self) -> dict[str, dict[str, Any]]:
        """What the engine knows of each container, by the name of its service."""
        ids = self.run("ps", "-a", "-q").stdout.split()
        told = json.loads(self.docker.run("inspect", *ids).stdout) if ids else []
        return {one["Config"]["Labels"]["com.docker.compose.service"]: one for one in told}

    def healthy(self) -> dict[str, str]:
        """The health of each service that stays."""
        states = {name: one["State"] for name, one in self.containers().items()}
        return {name: state["Health"]["Status"] for name, state in states.items() if "Health" in state}

    def memory(self) -> float:
        """GiB that all its containers take together."""
        ids = self.run("ps", "-q").stdout.split()
        told = self.docker.run("stats", "--no-stream", "--format", "{{.MemUsage}}", *ids).stdout.splitlines()
        return sum(gib(line.partition(" / ")[0]) for line in told)

    def lake(self, *words: str) -> dict[str, Any]:
        """`lake … --json` in its container."""
        answer = self.run("run", "--rm", "--no-deps", "lake", *words, "--json", check=False)
        assert answer.stdout.strip(), answer.stderr
        return dict(json.loads(answer.stdout))

    def arrived(self) -> dict[str, Any]:
        """The audit in which all has arrived."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            audit = self.lake("audit")
            if audit["clean"] and not audit["remaining"] and not audit["pending"] and not audit["unconfirmed"]:
                return audit
            assert time.monotonic() < deadline, audit
            # Each audit is a container that imports a lot: asked more often it takes the processors from what it waits for.
            time.sleep(20)


def gib(size: str) -> float:
    """Of Docker's own form: 512.3MiB."""
    unit = {"KiB": 2**-20, "MiB": 2**-10, "GiB": 1}
    return float(size[:-3]) * unit[size[-3:]]


@pytest.fixture(scope="session")
def docker() -> Iterator[Docker]:
    with engines.running() as docker:
        print(f"\nEngine: {'started for this proof' if docker.own else 'the machine’s own'}", flush=True)
        yield docker


@pytest.fixture(scope="session")
def env_file() -> Path:
    """New credentials, free ports, and a load that lasts while ten containers are killed."""
    HOME.mkdir(parents=True, exist_ok=True)
    file = HOME / "env"
    shutil.rmtree(HOME / "secrets", ignore_errors=True)
    secrets.for_home(HOME)
    dataset = os.environ.get("SMS_SPAM_CSV")
    own = dict(zip(PORTS, map(str, free_ports(len(PORTS))), strict=True))
    own |= {"SECRETS": str(HOME / "secrets"), "LANDING_SCHEDULE": "every 10 seconds", "LANDING_PAGES_PER_RUN": "1"}
    own |= {"SMS_SPAM_CSV": str(Path(dataset).absolute())} if dataset else {}
    file.write_text("".join(f"{name}={value}\n" for name, value in own.items()))
    return file


@pytest.fixture(scope="session")
def images(docker: Docker, env_file: Path) -> Compose:
    """Every image is built, as the compose file says; in the proof's own engine with the machine's network."""
    compose = Compose(docker, env_file)
    base = base_image(docker)
    for name, build in targets(compose.config()).items():
        since = time.monotonic()
        words = ["--network", "host", "--target", build["target"], "--build-arg", f"BASE_IMAGE={base}"]
        place = ["-f", f"{build['context']}/{build['dockerfile']}", build["context"]]
        docker.build(*words, "-t", name, *place)
        size = int(docker.run("image", "inspect", "--format", "{{.Size}}", name).stdout) / 1e6
        print(f"Image {name}: {size:.0f} MB, {time.monotonic() - since:.0f} s", flush=True)
    return compose


def targets(config: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What is to be built, by the image's name."""
    return {one["image"]: one["build"] for one in config["services"].values() if "build" in one}


@pytest.fixture(scope="session")
def stack(images: Compose) -> Iterator[Compose]:
    images.run("--profile", "*", "down", "--volumes", "--remove-orphans")
    before = engines.bridges()
    try:
        since = time.monotonic()
        images.up()
        yield replace(images, healthy_after=time.monotonic() - since)
    finally:
        images.run("--profile", "*", "down", "--volumes", "--remove-orphans")
        assert engines.bridges() <= before


@pytest.fixture
def settings(stack: Compose, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The stack's settings, as a program on this machine has them."""
    for name, value in (stack.values | stack.secrets).items():
        monkeypatch.setenv(name, value)
    return load()
