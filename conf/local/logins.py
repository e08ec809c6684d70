"""The pages of the local stack, and how a person gets in."""

from typing import NamedTuple

from conf.machine import HOST
from conf.settings import Settings


class Login(NamedTuple):
    """How a person gets into one service's pages."""

    service: str
    url: str
    user: str
    password: str


def logins(settings: Settings) -> list[Login]:
    """What a person needs to open Airflow, the MinIO console, MLflow and Jupyter."""
    secret, page = settings.secret, f"http://{HOST}"
    return [
        Login(
            "Airflow", f"{page}:{settings.airflow.port}", secret("AIRFLOW_ADMIN_USER"), secret("AIRFLOW_ADMIN_PASSWORD")
        ),
        Login(
            "MinIO", f"{page}:{settings.minio.console_port}", secret("MINIO_ROOT_USER"), secret("MINIO_ROOT_PASSWORD")
        ),
        Login("MLflow", f"{page}:{settings.mlflow.port}", secret("MLFLOW_ADMIN_USER"), secret("MLFLOW_ADMIN_PASSWORD")),
        Login("Jupyter", f"{page}:{settings.jupyter.port}/lab", "(token)", secret("JUPYTER_TOKEN")),
    ]
