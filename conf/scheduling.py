"""Airflow: api-server, scheduler and dag-processor on SQLite, for the one DAG of this repository."""

import asyncio
import contextlib
import json
import os
import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import httpx

from conf.commands import run, tail
from conf.errors import StackError
from conf.readiness import client, heartbeat, page
from conf.services import VENV, Service, Step, setting
from conf.settings import HOST, ROOT, Settings


def services(settings: Settings) -> list[Service]:
    """Airflow's three processes."""
    url = f"http://{HOST}:{settings.airflow_port}"
    health = f"{url}/api/v2/monitor/health"
    variables = _environment(settings)
    database = frozenset({"airflow-database"})
    airflow = str(VENV / "airflow")
    return [
        Service(
            "airflow-api-server",
            (airflow, "api-server", "--workers", "1"),
            page(health),
            variables,
            {"AIRFLOW_PORT": settings.airflow_port},
            database,
            url=url,
        ),
        Service(
            "airflow-scheduler",
            # The API server reads the tasks' logs from the same disk; a log server of its own would listen everywhere.
            (airflow, "scheduler", "--skip-serve-logs"),
            heartbeat(health, "scheduler"),
            variables,
            # The first run finds everything that it talks to.
            needs=database | {"airflow-api-server", "source-api", "topics", "users"},
            signals_group=False,
        ),
        Service(
            "airflow-dag-processor",
            (airflow, "dag-processor"),
            heartbeat(health, "dag_processor"),
            variables,
            needs=database,
        ),
    ]


def database(settings: Settings) -> Step:
    """Airflow's tables are those of this version. Made on a copy: a start that is cut short leaves nothing half made."""

    async def migrate() -> None:
        home = _home(settings)
        current, partial, stamp = home / "airflow.db", home / "partial.db", home / "airflow.db.version"
        wanted = version("apache-airflow")
        _write_passwords(settings)
        if stamp.exists() and stamp.read_text() == wanted and current.exists():
            return
        partial.unlink(missing_ok=True)
        if current.exists():
            shutil.copyfile(current, partial)
        variables = _environment(settings) | {"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{partial}"}
        await run(settings, "airflow-database", (str(VENV / "airflow"), "db", "migrate"), variables)
        os.replace(partial, current)
        stamp.write_text(wanted)

    return Step("airflow-database", migrate)


def dag(settings: Settings) -> Step:
    """The DAG was read without an error since this start: otherwise nothing would ever land, and nobody be told."""

    async def read() -> None:
        since = datetime.now(UTC)
        async with api_client(settings) as http:
            while not await _was_read(http, since):
                await asyncio.sleep(0.5)

    return Step("landing-dag", read, frozenset({"airflow-api-server", "airflow-dag-processor"}))


@contextlib.asynccontextmanager
async def api_client(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """Speaks with Airflow's API as the operator."""
    login = {"username": settings.credential("airflow_admin_user")}
    login["password"] = settings.credential("airflow_admin_password")
    async with client() as http:
        http.base_url = httpx.URL(f"http://{HOST}:{settings.airflow_port}")
        answer = await http.post("/auth/token", json=login, timeout=60)
        http.headers["Authorization"] = f"Bearer {answer.raise_for_status().json()['access_token']}"
        yield http


async def _was_read(http: httpx.AsyncClient, since: datetime) -> bool:
    """Raises `StackError` with Airflow's own words when the file has an error."""
    errors = (await http.get("/api/v2/importErrors", timeout=60)).raise_for_status().json()["import_errors"]
    for error in errors:
        if _time(error["timestamp"]) >= since:
            raise StackError(f"Airflow cannot read the DAG {error['filename']}:\n{tail(error['stack_trace'])}")
    answer = await http.get("/api/v2/dags/landing", timeout=60)
    return answer.is_success and _time(answer.json()["last_parsed_time"]) >= since


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _home(settings: Settings) -> Path:
    return settings.state / "airflow"


def _write_passwords(settings: Settings) -> None:
    home = _home(settings)
    home.mkdir(parents=True, exist_ok=True)
    logins = {settings.credential("airflow_admin_user"): settings.credential("airflow_admin_password")}
    file = home / "passwords.json"
    file.touch(mode=0o600)
    file.write_text(json.dumps(logins))


def _environment(settings: Settings) -> dict[str, str]:
    home, secret = _home(settings), settings.credential
    url = f"http://{HOST}:{settings.airflow_port}"
    logs = settings.lake_home / "logs" / "airflow"
    own = {
        "CORE__DAGS_FOLDER": ROOT / "airflow" / "dags",
        "CORE__LOAD_EXAMPLES": False,
        "CORE__DAGS_ARE_PAUSED_AT_CREATION": False,
        "CORE__EXECUTOR": "LocalExecutor",
        "CORE__PARALLELISM": 2,
        "CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",
        "CORE__FERNET_KEY": secret("airflow_fernet_key"),
        "CORE__SIMPLE_AUTH_MANAGER_USERS": f"{secret('airflow_admin_user')}:admin",
        "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": home / "passwords.json",
        "DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home / 'airflow.db'}",
        "API__HOST": HOST,
        "API__PORT": settings.airflow_port,
        "API__BASE_URL": url,
        "API__WORKERS": 1,
        "API__SECRET_KEY": secret("airflow_api_secret"),
        "API_AUTH__JWT_SECRET": secret("airflow_jwt_secret"),
        "DAG_PROCESSOR__PARSING_PROCESSES": 1,
        "LOGGING__BASE_LOG_FOLDER": logs,
        "LOGGING__DAG_PROCESSOR_CHILD_PROCESS_LOG_DIRECTORY": logs / "dag_processor",
    }
    used_by_the_dag = setting(
        settings, "landing_schedule", "landing_pages_per_run", "landing_bucket", "source_api_port", "minio_port"
    )
    return (
        {f"AIRFLOW__{name}": str(value) for name, value in own.items()}
        | {"AIRFLOW_HOME": str(home), "DO_NOT_TRACK": "1"}
        | used_by_the_dag
    )
