"""A Docker engine to prove the stack on: the machine's own, or one that is started for the proof and taken down after it."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from conf.machine import ROOT
from conf.tools.minio import find_go

HOME = ROOT / ".lake" / "engine"
"""What the proof's own engine keeps: images and layers, so that a second proof need not build them again."""

COMPOSE_MODULE = "github.com/docker/compose/v5/cmd@v5.0.2"
PLUGIN = ROOT / ".lake" / "tools" / "docker" / "cli-plugins" / "docker-compose"
# Debian's engine without the parts that want to change the machine: no firewall rules, no bridge of its own.
QUIET_ENGINE = ("--iptables=false", "--ip6tables=false", "--bridge=none")
PATIENCE_SECONDS = 60
# What BuildKit says of steps: that a program is run, and that one took ten seconds or more.
STEP = re.compile(r"#\d+ (\[.+\] RUN |DONE \d{2,}\.)")


class EngineError(Exception):
    """There is no engine and none can be had; the message says what to install."""


@dataclass(frozen=True)
class Docker:
    """The client of one engine."""

    program: str
    own: bool
    variables: dict[str, str] = field(default_factory=dict)

    def run(self, *words: str, check: bool = True, **variables: str) -> subprocess.CompletedProcess[str]:
        """One docker command; its output is in the error when it fails."""
        environment = os.environ | self.variables | variables
        answer = subprocess.run(
            [self.program, *words], env=environment, cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert not check or answer.returncode == 0, f"docker {' '.join(words)}\n{answer.stdout}\n{answer.stderr}"
        return answer

    def build(self, *words: str) -> None:
        """One image. Each step that runs a program is told as it begins, and how long it took: one that hangs has a name."""
        command = [self.program, "build", "--progress", "plain", *words]
        environment = os.environ | self.variables | {"DOCKER_BUILDKIT": "1"}
        said: list[str] = []
        with subprocess.Popen(command, env=environment, cwd=ROOT, stderr=subprocess.PIPE, text=True) as running:
            for line in running.stderr or ():
                said.append(line)
                if STEP.match(line):
                    print(f"  {line.strip():.150}", flush=True)
        assert running.returncode == 0, f"{' '.join(command)}\n{''.join(said[-100:])}"


@contextmanager
def running() -> Iterator[Docker]:
    """A client whose engine answers and which knows compose. What was started for it does not outlive the block."""
    found = shutil.which("docker")
    if found and subprocess.run([found, "info"], capture_output=True, check=False).returncode == 0:
        yield _with_compose(Docker(found, own=False))
        return
    with _own_engine() as socket:
        yield _with_compose(Docker("/usr/bin/docker", own=True, variables={"DOCKER_HOST": f"unix://{socket}"}))


def client() -> Docker:
    """A client that knows compose, for what needs no engine."""
    found = shutil.which("docker")
    if found is None:
        _install()
    return _with_compose(Docker(found or "/usr/bin/docker", own=False))


def _with_compose(docker: Docker) -> Docker:
    """The client with the plugin compose: its own, or one built from the pinned Go module."""
    if docker.run("compose", "version", check=False).returncode == 0:
        return docker
    if not PLUGIN.exists():
        _build_plugin()
    return Docker(docker.program, docker.own, docker.variables | {"DOCKER_CONFIG": str(PLUGIN.parent.parent)})


def _build_plugin() -> None:
    go = find_go()
    if go is None:
        raise EngineError("Neither `docker compose` nor Go was found. Install Docker's compose plugin, or Go.")
    print(f"Building docker compose from {COMPOSE_MODULE}: once, 3 minutes on 2 cores", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        variables = os.environ | {"GOBIN": folder, "CGO_ENABLED": "0", "GOTOOLCHAIN": "local"}
        subprocess.run([str(go), "install", "-ldflags", "-s -w", COMPOSE_MODULE], env=variables, check=True)
        PLUGIN.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(Path(folder, "cmd"), PLUGIN)


@contextmanager
def _own_engine() -> Iterator[Path]:
    _install()
    HOME.mkdir(parents=True, exist_ok=True)
    # A unix socket's path is limited to 107 bytes: its folder is a short one.
    with tempfile.TemporaryDirectory(prefix="lake-engine-") as run:
        socket = Path(run, "docker.sock")
        places = ("--data-root", str(HOME / "data"), "--exec-root", f"{run}/exec", "--pidfile", f"{run}/pid")
        with (HOME / "dockerd.log").open("w") as log:
            engine = subprocess.Popen(
                ["dockerd", *QUIET_ENGINE, *places, "-H", f"unix://{socket}"],
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            _await(engine, socket)
            yield socket
        finally:
            engine.send_signal(signal.SIGTERM)
            engine.wait(PATIENCE_SECONDS)
            clear_up(Path(run))


def _install() -> None:
    if shutil.which("dockerd"):
        return
    if os.getuid() != 0 or not shutil.which("apt-get"):
        raise EngineError("No Docker engine answers and none can be installed without root. Start Docker, then again.")
    print("Installing a Docker engine from the distribution's packages", flush=True)
    for words in (["update", "-q"], ["install", "-y", "-q", "--no-install-recommends", "docker.io"]):
        subprocess.run(["apt-get", *words], check=True, stdout=subprocess.DEVNULL)


def _await(engine: subprocess.Popen[bytes], socket: Path) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    command = ["/usr/bin/docker", "-H", f"unix://{socket}", "info"]
    while subprocess.run(command, capture_output=True, check=False).returncode:
        if engine.poll() is not None or time.monotonic() > deadline:
            raise EngineError(f"dockerd did not start:\n{(HOME / 'dockerd.log').read_text()[-2000:]}")
        time.sleep(0.5)


def clear_up(run: Path) -> None:
    """No process, mount or control group of the proof's own engine is left."""
    for process in psutil.process_iter():
        try:
            if any(str(run) in word for word in process.cmdline()):
                process.kill()
        except psutil.Error:
            continue
    for place in sorted(mounts(run), reverse=True):
        subprocess.run(["umount", "--lazy", place], check=False)
    for group in control_groups():
        group.rmdir()


def mounts(run: Path) -> list[str]:
    """What the engine has mounted."""
    places = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
    return [place for place in places if place.startswith((f"{HOME}/", f"{run}/"))]


def control_groups() -> list[Path]:
    """What is left of the containers' control groups, innermost first. Only the engine of the proof uses this name here."""
    found = [path for top in Path("/sys/fs/cgroup").glob("**/docker") for path in [top, *top.glob("**/")]]
    return sorted({path for path in found if path.is_dir()}, key=lambda path: -len(path.parts))


def bridges() -> set[str]:
    """The networks that engines have made on this machine."""
    return {name for name in psutil.net_if_stats() if name.startswith(("br-", "veth"))}
