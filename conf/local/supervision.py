"""Speaks with supervisor, which keeps the services running: one supervisord per stack, on a unix socket of its own."""

import hashlib
import os
import stat
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from xmlrpc.client import Fault, ServerProxy

from supervisor.xmlrpc import SupervisorTransport

from conf.errors import StackError
from conf.local.definition import Service
from conf.local.processes import process_environment
from conf.machine import ROOT
from conf.settings import Settings
from conf.terminal import tail

# A unix socket's path is limited to 107 bytes, and supervisor appends its process id to it.
LONGEST_SOCKET_PATH = 90
# The same for every shell, whatever its TMPDIR: each must find the running supervisord.
ELSEWHERE = Path("/tmp")  # noqa: S108  # only a folder in it is used, which nobody else may enter

SHUTDOWN_PATIENCE_SECONDS = 60


class State(NamedTuple):
    """What supervisor knows about one service."""

    name: str
    """STOPPED, STARTING, RUNNING, BACKOFF, STOPPING, EXITED or FATAL."""
    pid: int
    started: datetime
    detail: str

    @property
    def alive(self) -> bool:
        return self.name in {"STARTING", "RUNNING"}


class Supervisor:
    """The supervisord of one stack."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._run = settings.home / "run"
        self._logs = settings.home / "logs"
        self._file = self._run / "supervisord.conf"
        self._launched: subprocess.Popen[bytes] | None = None

    def log(self, service: str) -> Path:
        """Where a service's output is kept."""
        return self._logs / f"{service}.log"

    def answers(self) -> bool:
        """Whether it runs."""
        try:
            with self._asked() as ask:
                ask.getState()
        except OSError:
            return False
        except Fault:
            # SHUTDOWN_STATE: it runs until the last of its services has stopped.
            return True
        return True

    def launch(self, services: Iterable[Service]) -> None:
        """supervisord runs, but no service yet. Raises `StackError` with its last words."""
        self._write(services)
        own_log = self._logs / "supervisord.out"
        with own_log.open("w") as out:
            # A session of its own: Ctrl-C is for `lake`, which then stops the services in order.
            self._launched = subprocess.Popen(
                [sys.executable, "-m", "supervisor.supervisord", "-c", str(self._file)],
                env=process_environment(self._settings, {}),
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        patience = time.monotonic() + 30
        while not self.answers():
            if self._launched.poll() is not None or time.monotonic() > patience:
                raise StackError(f"supervisord did not start.\n{tail(own_log.read_text())}")
            time.sleep(0.1)

    def update(self, services: Iterable[Service]) -> list[str]:
        """Takes over new and changed definitions: their services stand still now, the others run on. Returns their names."""
        self._write(services)
        with self._asked() as ask:
            added, changed, removed = ask.reloadConfig()[0]
            for name in [*changed, *removed]:
                ask.stopProcessGroup(name)
                ask.removeProcessGroup(name)
            for name in [*changed, *added]:
                ask.addProcessGroup(name)
        return [*changed, *added]

    def states(self) -> dict[str, State]:
        """The state of every service, by name."""
        with self._asked() as ask:
            told = ask.getAllProcessInfo()
        return {
            one["name"]: State(one["statename"], one["pid"], datetime.fromtimestamp(one["start"], UTC), one["spawnerr"])
            for one in told
        }

    def start(self, name: str) -> None:
        """Starts a service, without waiting for it."""
        try:
            with self._asked() as ask:
                ask.startProcess(name, False)
        except Fault as fault:
            raise StackError(f"{name} cannot be started: {fault.faultString}") from fault

    def stop(self, name: str) -> None:
        """Tells a service to stop, without waiting for it; one that does not run is left alone."""
        try:
            with self._asked() as ask:
                ask.stopProcess(name, False)
        except Fault:
            # NOT_RUNNING, or gone before the order arrived: what was wanted.
            return

    def shut_down(self) -> None:
        """Tells supervisord to stop whatever still runs, and itself."""
        with self._asked() as ask:
            ask.shutdown()
        if self._launched:
            self._launched.wait(SHUTDOWN_PATIENCE_SECONDS)

    @contextmanager
    def _asked(self) -> Iterator[Any]:
        """A connection that is closed afterwards."""
        transport = SupervisorTransport(None, None, f"unix://{self.socket()}")
        with ServerProxy("http://127.0.0.1", transport=transport) as connected:
            yield connected.supervisor

    def socket(self) -> Path:
        """The unix socket: beside the other files, or in a private folder where that path would be too long."""
        beside = self._run / "supervisor.sock"
        if len(os.fsencode(beside)) <= LONGEST_SOCKET_PATH:
            return beside
        digest = hashlib.sha256(os.fsencode(self._settings.home)).hexdigest()[:16]
        folder = ELSEWHERE / f"lake-{os.getuid()}-{digest}"
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
            raise StackError(
                f"{folder} is not a folder that only this account may enter. Remove it, or choose a shorter LAKE_HOME."
            )
        return folder / "supervisor.sock"

    def _write(self, services: Iterable[Service]) -> None:
        sections = {"unix_http_server": {"file": str(self.socket()), "chmod": "0700"}}
        sections |= {
            "supervisord": self._own_section(),
            "rpcinterface:supervisor": {
                "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"
            },
            "supervisorctl": {"serverurl": f"unix://{self.socket()}"},
        }
        sections |= {f"program:{service.name}": self.program(service) for service in services}
        self._file.touch(mode=0o600)
        self._file.write_text(render(sections))

    def _own_section(self) -> dict[str, str]:
        return {
            "nodaemon": "true",
            "silent": "true",
            "umask": "077",
            "directory": str(self._run),
            "logfile": str(self._logs / "supervisord.log"),
            "pidfile": str(self._run / "supervisord.pid"),
            "childlogdir": str(self._logs),
        } | ({"user": "root"} if os.getuid() == 0 else {})

    def program(self, service: Service) -> dict[str, str]:
        """A service's section of the file."""
        return {
            "command": " ".join(_quoted(service.name, word) for word in service.command),
            "environment": ",".join(
                f"{name}={_quoted(name, value)}" for name, value in sorted(service.environment.items())
            ),
            "directory": str(ROOT),
            "autostart": "false",
            "autorestart": "true",
            # A service that ends within this time has failed to start: each next try waits a second longer.
            "startsecs": "30",
            "startretries": "60",
            "stopsignal": service.stop_signal,
            "stopwaitsecs": str(service.stop_seconds),
            "stopasgroup": str(service.signals_group).lower(),
            "killasgroup": "true",
            "redirect_stderr": "true",
            "stdout_logfile": str(self.log(service.name)),
            "stdout_logfile_maxbytes": "10MB",
            "stdout_logfile_backups": "3",
        }


def render(sections: Mapping[str, Mapping[str, str]]) -> str:
    """supervisord's file. Raises `StackError` for a value that cannot be written in it."""
    return "\n".join(
        f"[{name}]\n" + "".join(f"{key}={_value(key, value)}\n" for key, value in section.items())
        for name, section in sections.items()
    )


def _quoted(name: str, value: str) -> str:
    if set(value) & set('"\\') or value != value.strip("'"):
        raise StackError(f"supervisor cannot take a quote or a backslash in {name}: {value!r}. Choose another value.")
    return f'"{value}"'


def _value(key: str, value: str) -> str:
    if "\n" in value or " ;" in value or " #" in value:
        raise StackError(
            f"supervisor cannot take a line break, ' ;' or ' #' in {key}: {value!r}. Choose another value."
        )
    return value.replace("%", "%%")
