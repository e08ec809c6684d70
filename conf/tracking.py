"""MLflow's server: runs, models and logins in SQLite, artifacts in MinIO through the server."""

import asyncio
import os

from conf import tracking_logins
from conf.commands import run
from conf.readiness import page
from conf.services import VENV, Service, Step, fixed
from conf.settings import HOST, Settings


def mlflow(settings: Settings) -> Service:
    """The server, as a service. Only this process has the keys of MLflow's bucket."""
    user, secret = settings.s3("mlflow"), settings.credential
    port = settings.mlflow_port
    options = {
        "--backend-store-uri": _database(settings, "mlflow.db"),
        "--artifacts-destination": f"s3://{settings.mlflow_bucket}",
        "--host": HOST,
        "--port": str(port),
        "--workers": "1",
        "--allowed-hosts": f"{HOST}:{port},localhost:{port}",
        "--app-name": "basic-auth",
    }
    return Service(
        "mlflow",
        (str(VENV / "mlflow"), "server", *(word for option in options.items() for word in option)),
        page(f"{settings.mlflow_url}/health"),
        fixed("mlflow")
        | {
            "MLFLOW_S3_ENDPOINT_URL": user.endpoint,
            "AWS_ACCESS_KEY_ID": user.access_key,
            "AWS_SECRET_ACCESS_KEY": user.secret_key.get_secret_value(),
            "MLFLOW_AUTH_CONFIG_PATH": str(settings.state / "mlflow" / "logins.ini"),
            "MLFLOW_AUTH_ADMIN_USERNAME": secret("mlflow_admin_user"),
            "MLFLOW_AUTH_ADMIN_PASSWORD": secret("mlflow_admin_password"),
            "MLFLOW_FLASK_SERVER_SECRET_KEY": secret("mlflow_session_secret"),
        },
        {"MLFLOW_PORT": port},
        frozenset({"mlflow-database"}),
        url=settings.mlflow_url,
    )


def steps(settings: Settings) -> list[Step]:
    """Its tables exist before the first start, the trainer's login after each."""
    return [
        Step("mlflow-database", lambda: _make_database(settings)),
        Step("mlflow-logins", lambda: asyncio.to_thread(tracking_logins.grant, settings), frozenset({"mlflow"})),
    ]


async def _make_database(settings: Settings) -> None:
    """Made under another name first: a start that is cut short leaves nothing half made."""
    folder = settings.state / "mlflow"
    folder.mkdir(parents=True, exist_ok=True)
    # EDIT: whoever can log in may add to every experiment and model, and delete only what is their own.
    logins = f"[mlflow]\ndefault_permission = EDIT\ndatabase_uri = {_database(settings, 'logins.db')}\n"
    await asyncio.to_thread((folder / "logins.ini").write_text, logins)
    if (folder / "mlflow.db").exists():
        return
    await asyncio.to_thread((folder / "partial.db").unlink, missing_ok=True)
    command = (str(VENV / "mlflow"), "db", "upgrade", _database(settings, "partial.db"))
    await run(settings, "mlflow-database", command, fixed("mlflow"))
    os.replace(folder / "partial.db", folder / "mlflow.db")


def _database(settings: Settings, name: str) -> str:
    return f"sqlite:///{settings.state / 'mlflow' / name}"
