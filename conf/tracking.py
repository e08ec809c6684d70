"""MLflow's server: runs and models in SQLite, artifacts in MinIO through the server."""

import asyncio
import os

from conf.commands import run
from conf.readiness import page
from conf.services import VENV, Service, Step
from conf.settings import HOST, Settings

QUIET = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    # Two further processes for jobs that nobody here submits.
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
}


def mlflow(settings: Settings) -> Service:
    """The server, as a service. Only this process has the keys of MLflow's bucket."""
    user = settings.s3("mlflow")
    port = settings.mlflow_port
    options = {
        "--backend-store-uri": _database(settings, "mlflow.db"),
        "--artifacts-destination": f"s3://{settings.mlflow_bucket}",
        "--host": HOST,
        "--port": str(port),
        "--workers": "1",
        "--allowed-hosts": f"{HOST}:{port},localhost:{port}",
    }
    return Service(
        "mlflow",
        (str(VENV / "mlflow"), "server", *(word for option in options.items() for word in option)),
        page(f"{settings.mlflow_url}/health"),
        QUIET
        | {
            "MLFLOW_S3_ENDPOINT_URL": user.endpoint,
            "AWS_ACCESS_KEY_ID": user.access_key,
            "AWS_SECRET_ACCESS_KEY": user.secret_key.get_secret_value(),
            "AWS_DEFAULT_REGION": "us-east-1",
        },
        {"MLFLOW_PORT": port},
        frozenset({"mlflow-database"}),
        url=settings.mlflow_url,
    )


def database(settings: Settings) -> Step:
    """MLflow's tables exist. Made under another name first: a start that is cut short leaves nothing half made."""

    async def make() -> None:
        folder = settings.state / "mlflow"
        if (folder / "mlflow.db").exists():
            return
        folder.mkdir(parents=True, exist_ok=True)
        await asyncio.to_thread((folder / "partial.db").unlink, missing_ok=True)
        command = (str(VENV / "mlflow"), "db", "upgrade", _database(settings, "partial.db"))
        await run(settings, "mlflow-database", command, QUIET)
        os.replace(folder / "partial.db", folder / "mlflow.db")

    return Step("mlflow-database", make)


def _database(settings: Settings, name: str) -> str:
    return f"sqlite:///{settings.state / 'mlflow' / name}"
