"""The credentials of a stack in use: made at the first start, none a known default, and the logins that people need."""

from pathlib import Path
from typing import NamedTuple

from conf import credentials_file
from conf.credentials_file import CredentialsError
from conf.settings import HOST, Settings
from conf.settings import credentials_file as location

KNOWN_DEFAULTS = frozenset({"minioadmin", "minio123", "password", "password1234", "admin", "airflow", "changeme"})
"""Secrets that services ship with: whoever finds the port knows them."""


class Login(NamedTuple):
    """How a person gets into one service's pages."""

    service: str
    url: str
    user: str
    password: str


def ensure(home: Path) -> Path:
    """The credentials file of the stack, made or completed now; see `conf/credentials_file.py`."""
    file = location(home)
    credentials_file.ensure(file)
    return file


def refuse_known_defaults(settings: Settings) -> None:
    """Nothing, or `CredentialsError` that names the secret which is a well-known default."""
    for name in sorted(credentials_file.made()):
        secret = not name.endswith(credentials_file.USER)
        if secret and settings.credential(name.lower()).lower() in KNOWN_DEFAULTS:
            raise CredentialsError(
                f"{name} is a well-known default. Remove that line from {location(settings.lake_home)} (compose: .env), "
                "or that variable from the environment; a random value takes its place at the next start."
            )


def logins(settings: Settings) -> list[Login]:
    """What a person needs to open Airflow, the MinIO console, MLflow and Jupyter."""
    secret = settings.credential
    return [
        _login("Airflow", settings.airflow_port, secret("airflow_admin_user"), secret("airflow_admin_password")),
        _login("MinIO", settings.minio_console_port, secret("minio_root_user"), secret("minio_root_password")),
        _login("MLflow", settings.mlflow_port, secret("mlflow_admin_user"), secret("mlflow_admin_password")),
        Login("Jupyter", f"http://{HOST}:{settings.jupyter_port}/lab", "(token)", secret("jupyter_token")),
    ]


def _login(service: str, port: int, user: str, password: str) -> Login:
    return Login(service, f"http://{HOST}:{port}", user, password)
