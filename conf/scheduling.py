"""Airflow: api-server, scheduler and dag-processor on SQLite, for the one DAG of this repository."""

import os
import shutil
from importlib.metadata import version
from pathlib import Path

from conf import airflow_logins
from conf.commands import run
from conf.dag_readiness import dag_read, heartbeat
from conf.readiness import page
from conf.services import VENV, Service, Step, fixed, setting
from conf.settings import HOST, ROOT, Settings


def services(settings: Settings) -> list[Service]:
    """Airflow's three processes."""
    url = f"http://{HOST}:{settings.airflow_port}"
    variables = _environment(settings)
    database = frozenset({"airflow-database"})
    airflow = str(VENV / "airflow")
    return [
        Service(
            "airflow-api-server",
            (airflow, "api-server", "--workers", "1"),
            page(f"{url}/api/v2/monitor/health"),
            variables,
            {"AIRFLOW_PORT": settings.airflow_port},
            database,
            url=url,
        ),
        Service(
            "airflow-scheduler",
            # The API server reads the tasks' logs from the same disk; a log server of its own would listen everywhere.
            (airflow, "scheduler", "--skip-serve-logs"),
            heartbeat(url, "scheduler"),
            variables,
            # The first run finds everything that it talks to.
            needs=database | {"airflow-api-server", "source-api", "topics", "users"},
            signals_group=False,
        ),
        Service(
            "airflow-dag-processor",
            (airflow, "dag-processor"),
            dag_read(url, settings),
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
        airflow_logins.write(settings, home / "passwords.json")
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


def _home(settings: Settings) -> Path:
    return settings.state / "airflow"


def _environment(settings: Settings) -> dict[str, str]:
    home, secret = _home(settings), settings.credential
    url = f"http://{HOST}:{settings.airflow_port}"
    logs = settings.lake_home / "logs" / "airflow"
    own = {
        "CORE__DAGS_FOLDER": ROOT / "airflow" / "dags",
        "CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",
        "CORE__FERNET_KEY": secret("airflow_fernet_key"),
        "CORE__SIMPLE_AUTH_MANAGER_USERS": f"{secret('airflow_admin_user')}:admin",
        "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": home / "passwords.json",
        "DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home / 'airflow.db'}",
        "API__HOST": HOST,
        "API__PORT": settings.airflow_port,
        "API__BASE_URL": url,
        "API__SECRET_KEY": secret("airflow_api_secret"),
        "API_AUTH__JWT_SECRET": secret("airflow_jwt_secret"),
        "LOGGING__BASE_LOG_FOLDER": logs,
        "LOGGING__DAG_PROCESSOR_CHILD_PROCESS_LOG_DIRECTORY": logs / "dag_processor",
    }
    used_by_the_dag = setting(
        settings, "landing_schedule", "landing_pages_per_run", "landing_bucket", "source_api_port", "minio_port"
    )
    return (
        fixed("airflow")
        | {f"AIRFLOW__{name}": str(value) for name, value in own.items()}
        | {"AIRFLOW_HOME": str(home)}
        | used_by_the_dag
    )
