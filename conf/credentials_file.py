"""The file with a stack's random credentials; there are no defaults anywhere.

`python -m conf.credentials_file .env` makes one for compose. Needs nothing but Python: it runs before anything is installed.
"""

import os
import secrets
import stat
import sys
import tempfile
from base64 import urlsafe_b64encode
from pathlib import Path

from conf.errors import LakeError

PARTS = ("lander", "stream", "trainer", "mlflow")
"""Who has a MinIO user of their own; `conf/access.py` says what each may do."""

USER = ("_USER", "_ACCESS_KEY")
"""How the names of those end that are no secrets."""


class CredentialsError(LakeError):
    """The credentials cannot be used as they are."""


def ensure(file: Path) -> None:
    """The file is there with every credential, mode 600. What it holds already is never changed.

    Complete or absent; a file of an earlier version gets what is new. Raises `CredentialsError` when other accounts of
    the machine can read it.
    """
    if not file.exists():
        _create(file)
    if stat.S_IMODE(file.stat().st_mode) & (stat.S_IRWXG | stat.S_IRWXO):
        raise CredentialsError(f"{file} can be read by others. Type: chmod 600 '{file}'")
    present = file.read_text()
    names = {line.partition("=")[0] for line in present.splitlines()}
    missing = {name: value for name, value in made().items() if name not in names}
    if missing:
        os.replace(_written(file, present.rstrip("\n") + "\n" + _lines(missing)), file)


def made() -> dict[str, str]:
    """New values for all names."""
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
        "AIRFLOW_DATABASE_PASSWORD": secrets.token_urlsafe(30),
        "MLFLOW_ADMIN_USER": "operator",
        "MLFLOW_ADMIN_PASSWORD": secrets.token_urlsafe(18),
        "MLFLOW_TRAINER_USER": "trainer",
        "MLFLOW_TRAINER_PASSWORD": secrets.token_urlsafe(30),
        "MLFLOW_SESSION_SECRET": secrets.token_urlsafe(48),
        "MLFLOW_DATABASE_PASSWORD": secrets.token_urlsafe(30),
        "JUPYTER_TOKEN": secrets.token_urlsafe(30),
    }


def _create(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = _written(file, "# Made at the first start. Never commit this file.\n" + _lines(made()))
    try:
        # A link, unlike a rename, fails when another start was quicker.
        os.link(partial, file)
    except FileExistsError:
        return
    finally:
        os.unlink(partial)


def _lines(values: dict[str, str]) -> str:
    return "".join(f"{name}={value}\n" for name, value in values.items())


def _written(file: Path, text: str) -> str:
    """A temporary file beside `file` with this text, safely on disk; mkstemp makes it with mode 600."""
    handle, partial = tempfile.mkstemp(dir=str(file.parent), prefix=f"{file.name}.")
    with os.fdopen(handle, "w") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    return partial


if __name__ == "__main__":
    try:
        ensure(Path(sys.argv[1]))
    except LakeError as error:
        sys.exit(str(error))
