"""The local stack as data: what runs, with which settings and ports, what it needs first, and how it shows it is ready."""

import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dotenv import dotenv_values

from conf import java
from conf.readiness import Probe, page
from conf.settings import HOST, ROOT, Settings

VENV = Path(sys.prefix, "bin")


@dataclass(frozen=True)
class Service:
    """One process that stays. A change of its definition restarts it, and only it."""

    name: str
    command: tuple[str, ...]
    ready: Probe
    environment: Mapping[str, str] = field(default_factory=dict)
    ports: Mapping[str, int] = field(default_factory=dict)
    """The ports it listens on, by the name of their setting."""
    needs: frozenset[str] = frozenset()
    """The services and steps that come first."""
    stop_seconds: int = 15
    signals_group: bool = True
    """Whether its children get the signal to stop as well, or only itself."""
    url: str | None = None
    """The page that a person opens."""


@dataclass(frozen=True)
class Step:
    """Something done before or between the services; it can be repeated."""

    name: str
    run: Callable[[], Awaitable[None]]
    needs: frozenset[str] = frozenset()


Part = Service | Step


def setting(settings: Settings, *names: str) -> dict[str, str]:
    """These settings as environment variables, so that a change of one restarts whoever uses it."""
    values = {name.upper(): getattr(settings, name) for name in names}
    return {name: str(value) for name, value in values.items() if value is not None}


def fixed(service: str) -> dict[str, str]:
    """What a service is told in every stack, as environment variables: `conf/SERVICE.env`, which compose reads as well."""
    return {name: value or "" for name, value in dotenv_values(ROOT / "conf" / f"{service}.env").items()}


def source_api(settings: Settings) -> Service:
    """The source API: hands out the dataset, page by page."""
    url = settings.source_api_url
    dataset = settings.sms_spam_csv
    given = {"SMS_SPAM_CSV": str(dataset.absolute())} if dataset else {}
    return Service(
        "source-api",
        (str(VENV / "python"), "-m", "source_api"),
        page(f"{url}/health"),
        given | setting(settings, "source_api_port", "source_page_records", "source_seed", "source_records_per_minute"),
        {"SOURCE_API_PORT": settings.source_api_port},
        url=f"{url}/docs",
    )


def streaming(settings: Settings) -> Service:
    """The streaming query. Python is the parent: SIGTERM reaches the driver, which stops the query and then the JVM."""
    ui = f"http://{HOST}:{settings.spark_ui_port}"
    names = ["minio_port", "kafka_port", "spark_ui_port", "spark_master"]
    names += ["landing_bucket", "delta_bucket", "landing_topic", "control_topic"]
    names += [name for name in type(settings).model_fields if name.startswith("stream_") and "_key" not in name]
    return Service(
        "streaming",
        (str(VENV / "python"), str(ROOT / "streaming" / "ingest.py")),
        page(f"{ui}/StreamingQuery/", "Active Streaming Queries (1)"),
        setting(settings, *names) | {"JAVA_HOME": str(java.HOME)},
        {"SPARK_UI_PORT": settings.spark_ui_port},
        frozenset({"topics", "users"}),
        stop_seconds=30,
        signals_group=False,
        url=f"{ui}/StreamingQuery/",
    )


def jupyter(settings: Settings) -> Service:
    """JupyterLab on the repository. Its own files stay in the folder; it asks nobody for news."""
    url, state = f"http://{HOST}:{settings.jupyter_port}", settings.state / "jupyter"
    folders = {"JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "JUPYTER_RUNTIME_DIR": "runtime"}
    options = {
        "ServerApp.ip": HOST,
        "ServerApp.port": settings.jupyter_port,
        "ServerApp.port_retries": 0,
        "ServerApp.root_dir": ROOT,
        "LabApp.check_for_updates_class": "jupyterlab.handlers.announcements.NeverCheckForUpdate",
        "LabApp.news_url": "",
    }
    return Service(
        "jupyter",
        (
            str(VENV / "jupyter-lab"),
            "--no-browser",
            "--allow-root",
            *(f"--{name}={value}" for name, value in options.items()),
        ),
        page(f"{url}/api"),
        {name: str(state / folder) for name, folder in folders.items()}
        | {"IPYTHONDIR": str(state / "ipython"), "JUPYTER_TOKEN": settings.credential("jupyter_token")}
        | {"JUPYTER_PLATFORM_DIRS": "1"},
        {"JUPYTER_PORT": settings.jupyter_port},
        url=f"{url}/lab",
    )
