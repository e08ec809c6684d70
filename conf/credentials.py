"""Random credentials, made once for each stack; there are no defaults anywhere."""

import os
import secrets
import stat
import tempfile
from base64 import urlsafe_b64encode
from pathlib import Path
from typing import NamedTuple

from conf.errors import LakeError
from conf.settings import Settings, credentials_file

PARTS = ("lander", "stream", "trainer", "mlflow")
"""Who has a MinIO user of their own; `conf/access.py` says what each may do."""

KNOWN_DEFAULTS = frozenset({"minioadmin", "minio123", "password", "password1234", "admin", "airflow", "changeme"})
"""Secrets that services ship with: whoever finds the port knows them."""


class CredentialsError(LakeError):
    """The credentials cannot be used as they are."""


class Login(NamedTuple):
    """How a person gets into one service's pages."""

    service: str
    url: str
    user: str
    password: str


def ensure(home: Path) -> Path:
    """The credentials file of the stack, made now if it was not there: complete or absent, mode 600, never overwritten.

    Raises `CredentialsError` when other accounts of the machine can read it.
    """
    file = credentials_file(home)
    if not file.exists():
        _create(file)
    if stat.S_IMODE(file.stat().st_mode) & (stat.S_IRWXG | stat.S_IRWXO):
        raise CredentialsError(f"{file} can be read by others. Type: chmod 600 '{file}'")
    return file


def refuse_known_defaults(settings: Settings) -> None:
    """Nothing, or `CredentialsError` that names the secret which is a well-known default."""
    for name in sorted(_random()):
        if settings.credential(name.lower()) in KNOWN_DEFAULTS and _is_secret(name):
            raise CredentialsError(
                f"{name} is a well-known default. Remove that line from {credentials_file(settings.lake_home)} "
                "(or that variable from the environment) and put a random value in its place."
            )


def logins(settings: Settings) -> list[Login]:
    """What a person needs to open Airflow, the MinIO console and Jupyter."""
    host, secret = "http://127.0.0.1", settings.credential
    return [
        Login(
            "Airflow", f"{host}:{settings.airflow_port}", secret("airflow_admin_user"), secret("airflow_admin_password")
        ),
        Login(
            "MinIO", f"{host}:{settings.minio_console_port}", secret("minio_root_user"), secret("minio_root_password")
        ),
        Login("Jupyter", f"{host}:{settings.jupyter_port}/lab", "(token)", secret("jupyter_token")),
    ]


def _is_secret(name: str) -> bool:
    return not name.endswith(("_USER", "_ACCESS_KEY"))


def _random() -> dict[str, str]:
    # MinIO takes secrets of 8 to 40 characters; 30 random bytes are 40 characters of base64.
    users = {f"{part.upper()}_ACCESS_KEY": part for part in PARTS}
    keys = {f"{part.upper()}_SECRET_KEY": secrets.token_urlsafe(30) for part in PARTS}
    return {
        "MINIO_ROOT_USER": "operator",
        "MINIO_ROOT_PASSWORD": secrets.token_urlsafe(30),
        **users,
        **keys,
        "AIRFLOW_ADMIN_USER": "operator",
        "AIRFLOW_ADMIN_PASSWORD": secrets.token_urlsafe(18),
        "AIRFLOW_FERNET_KEY": urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "AIRFLOW_JWT_SECRET": secrets.token_urlsafe(48),
        "AIRFLOW_API_SECRET": secrets.token_urlsafe(48),
        "JUPYTER_TOKEN": secrets.token_urlsafe(30),
    }


def _create(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    # mkstemp makes it with mode 600; a link, unlike a rename, fails when another start was quicker.
    handle, partial = tempfile.mkstemp(dir=file.parent, prefix=f"{file.name}.")
    try:
        with os.fdopen(handle, "w") as out:
            out.write("# Made at the first start. `lake credentials` shows the logins that people need.\n")
            out.writelines(f"{name}={value}\n" for name, value in _random().items())
            out.flush()
            os.fsync(out.fileno())
        try:
            os.link(partial, file)
        except FileExistsError:
            return
    finally:
        os.unlink(partial)
