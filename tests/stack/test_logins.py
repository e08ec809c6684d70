"""Nobody gets into Airflow, MLflow, MinIO or Jupyter without a password, nor with one that such services ship with."""

from collections.abc import Callable

import httpx
import pytest

from conf.first_start.secrets import KNOWN_DEFAULTS
from tests.stack.conftest import Stack

pytestmark = pytest.mark.timeout(1800)

OPERATOR = "operator"
DENIED = {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}


def airflow(stack: Stack, user: str, password: str) -> int:
    url = f"http://127.0.0.1:{stack.settings.airflow.port}/auth/token"
    return httpx.post(url, json={"username": user, "password": password}, timeout=30).status_code


def mlflow(stack: Stack, user: str, password: str) -> int:
    url = f"{stack.settings.mlflow.url}/api/2.0/mlflow/experiments/search?max_results=1"
    return httpx.get(url, auth=(user, password), timeout=30).status_code


def minio_console(stack: Stack, user: str, password: str) -> int:
    url = f"http://127.0.0.1:{stack.settings.minio.console_port}/api/v1/login"
    return httpx.post(url, json={"accessKey": user, "secretKey": password}, timeout=30).status_code


def jupyter(stack: Stack, user: str, password: str) -> int:
    url = f"http://127.0.0.1:{stack.settings.jupyter.port}/api/contents"
    return httpx.get(url, headers={"Authorization": f"token {password}".rstrip()}, timeout=30).status_code


Service = Callable[[Stack, str, str], int]

SERVICES: dict[Service, str] = {
    airflow: "AIRFLOW_ADMIN_PASSWORD",
    mlflow: "MLFLOW_ADMIN_PASSWORD",
    minio_console: "MINIO_ROOT_PASSWORD",
    jupyter: "JUPYTER_TOKEN",
}
each_service = pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.__name__)


@each_service
def test_the_operator_gets_in(stack: Stack, service: Service) -> None:
    password = stack.settings.secret(SERVICES[service])
    assert httpx.codes.is_success(service(stack, OPERATOR, password))


@each_service
@pytest.mark.parametrize("user", [OPERATOR, "admin", "minioadmin", "airflow"])
@pytest.mark.parametrize("password", ["", *sorted(KNOWN_DEFAULTS)])
def test_a_known_default_gets_nobody_in(stack: Stack, service: Service, user: str, password: str) -> None:
    assert service(stack, user, password) in DENIED | {httpx.codes.BAD_REQUEST, httpx.codes.UNPROCESSABLE_ENTITY}


@pytest.mark.parametrize(
    "page",
    [
        "http://127.0.0.1:{airflow}/api/v2/dags",
        "http://127.0.0.1:{mlflow}/api/2.0/mlflow/experiments/search?max_results=1",
        "http://127.0.0.1:{mlflow}/api/2.0/mlflow-artifacts/artifacts",
        "http://127.0.0.1:{console}/api/v1/buckets",
        "http://127.0.0.1:{minio}/landing/",
        "http://127.0.0.1:{jupyter}/api/contents",
    ],
)
def test_without_a_login_nothing_is_shown(stack: Stack, page: str) -> None:
    ports = stack.settings
    url = page.format(
        airflow=ports.airflow.port,
        mlflow=ports.mlflow.port,
        console=ports.minio.console_port,
        minio=ports.minio.port,
        jupyter=ports.jupyter.port,
    )
    assert httpx.get(url, timeout=30).status_code in DENIED


def test_the_trainer_is_no_administrator_of_mlflow(stack: Stack) -> None:
    access = stack.settings.tracking()
    answer = httpx.post(
        f"{access.url}/api/2.0/mlflow/users/create",
        json={"username": "another", "password": "a-long-password-of-its-own"},
        auth=(access.user, access.password.get_secret_value()),
        timeout=30,
    )
    assert answer.status_code in DENIED
