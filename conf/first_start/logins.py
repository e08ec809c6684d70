"""Who may log in to MLflow: the operator, whom the server makes at its first start, and the trainer."""

import httpx

from conf.errors import StackError
from conf.settings import Settings

PATIENCE_SECONDS = 30
API = "/api/2.0/mlflow/users"


def grant(settings: Settings) -> None:
    """The trainer's login exists with the password of the settings. Can be repeated.

    Raises `StackError` when MLflow does not accept the operator's password from the settings.
    """
    login = {
        "username": settings.secret("MLFLOW_TRAINER_USER"),
        "password": settings.secret("MLFLOW_TRAINER_PASSWORD"),
    }
    operator = (settings.secret("MLFLOW_ADMIN_USER"), settings.secret("MLFLOW_ADMIN_PASSWORD"))
    with httpx.Client(base_url=settings.mlflow.url, auth=operator, timeout=PATIENCE_SECONDS, trust_env=False) as http:
        answer = http.post(f"{API}/create", json=login)
        # Its body is plain text then.
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            raise StackError(
                f"MLflow at {settings.mlflow.url} does not know {operator[0]!r} by MLFLOW_ADMIN_PASSWORD. Its first start "
                "set another one: put that value back, or change it through MLflow's update-password."
            )
        if answer.is_client_error and answer.json().get("error_code") == "RESOURCE_ALREADY_EXISTS":
            answer = http.patch(f"{API}/update-password", json=login)
    answer.raise_for_status()
