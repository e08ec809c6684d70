"""A real MinIO and a real Kafka, the landing bucket as the DAG makes it, and queries beside each other on them."""

import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from minio import Minio

from conf.first_start import access, secrets, topics
from conf.local.definition import Service
from conf.settings import Settings, load
from lander.bucket import prepare
from tests.faults.proxy import Proxy
from tests.faults.query import Query, make_home
from tests.stack.ports import free_ports
from tests.stack.servers import as_part, part, served

PORTS = ("MINIO_PORT", "MINIO_CONSOLE_PORT", "KAFKA_PORT", "KAFKA_CONTROLLER_PORT")


@dataclass
class Server:
    """One service of the stack, which can be killed and started again."""

    service: Service
    settings: Settings
    _running: ExitStack = field(default_factory=ExitStack)

    def start(self) -> None:
        """It runs and has shown that it is ready."""
        self._process = self._running.enter_context(served(self.service, self.settings))

    def kill(self) -> None:
        """`kill -9`; its data stay."""
        self._process.kill()
        self.stop()

    def stop(self) -> None:
        self._running.close()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """SIGSTOP, then SIGCONT: meanwhile it takes connections and answers nobody."""
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def has_ended(self) -> bool:
        """Whether it ended by itself."""
        return self._process.poll() is not None

    @property
    def log(self) -> Path:
        """All that it printed, over all its starts."""
        return self.settings.home / f"{self.service.name}.log"


@dataclass
class MiniStack:
    """What a query needs, and nothing else."""

    settings: Settings
    minio: Server
    kafka: Server
    variables: dict[str, str]
    _queries: ExitStack

    def client(self, part: str = "lander") -> Minio:
        """MinIO itself, past the proxies, asked by one part or by `root`."""
        return as_part(self.settings, part)

    def query(self, name: str = "one", **more: str) -> Query:
        """A query of this name with a home and a proxy of its own; not started yet. Ends with the stack."""
        proxy = self._queries.enter_context(Proxy(self.settings.minio.port))
        return self._query(name, proxy, more, MINIO_PORT=str(proxy.port))

    def direct_query(self, name: str = "one", **more: str) -> Query:
        """The same, but it asks MinIO itself: no proxy slows it down."""
        return self._query(name, Proxy(self.settings.minio.port), more)

    def _query(self, name: str, proxy: Proxy, more: dict[str, str], **own: str) -> Query:
        home = make_home(self.settings.home.parent / name, self.settings.home)
        [ui] = free_ports(1)
        own |= {"LAKE_HOME": str(home), "SPARK_UI_PORT": str(ui)}
        query = Query(loaded(self.variables | more | own), proxy, more)
        self._queries.callback(query.stop)
        return query


@contextmanager
def ministack(folder: Path, **more: str) -> Iterator[MiniStack]:
    """A stack of its own below this folder, with these settings."""
    ports = {name: str(port) for name, port in zip(PORTS, free_ports(len(PORTS)), strict=True)}
    variables = ports | {"LAKE_HOME": str(folder / "stack")} | more
    for room in ("run", "logs", "state"):
        (folder / "stack" / room).mkdir(parents=True, exist_ok=True)
    secrets.for_home(folder / "stack")
    settings = loaded(variables)
    minio, kafka = Server(part(settings, "minio"), settings), Server(part(settings, "kafka"), settings)
    with ExitStack() as running:
        for server in (minio, kafka):
            running.callback(server.stop)
        minio.start()
        access.grant(settings)
        kafka.start()
        topics.create(settings)
        prepare(settings)
        yield MiniStack(settings, minio, kafka, variables, running)


def loaded(variables: dict[str, str]) -> Settings:
    """The settings that these variables lead to."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(name, value)
        return load()
