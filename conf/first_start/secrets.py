"""A stack's random secrets, one file for each part; there are no defaults anywhere.

`python -m conf.first_start.secrets .secrets` makes them for compose. Needs nothing but Python: it runs before anything is
installed.
"""

import os
import secrets
import stat
import sys
import tempfile
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from pathlib import Path

from conf.errors import LakeError

PARTS: dict[str, tuple[str, ...]] = {
    "minio": ("MINIO_ROOT_USER", "MINIO_ROOT_PASSWORD"),
    "lander": ("LANDER_ACCESS_KEY", "LANDER_SECRET_KEY"),
    "stream": ("STREAM_ACCESS_KEY", "STREAM_SECRET_KEY"),
    "trainer": ("TRAINER_ACCESS_KEY", "TRAINER_SECRET_KEY", "MLFLOW_TRAINER_USER", "MLFLOW_TRAINER_PASSWORD"),
    "mlflow": ("MLFLOW_ACCESS_KEY", "MLFLOW_SECRET_KEY", "MLFLOW_SESSION_SECRET"),
    "mlflow-admin": ("MLFLOW_ADMIN_USER", "MLFLOW_ADMIN_PASSWORD"),
    "mlflow-database": ("MLFLOW_DATABASE_PASSWORD",),
    "airflow": ("AIRFLOW_FERNET_KEY", "AIRFLOW_JWT_SECRET", "AIRFLOW_API_SECRET"),
    "airflow-admin": ("AIRFLOW_ADMIN_USER", "AIRFLOW_ADMIN_PASSWORD"),
    "airflow-database": ("AIRFLOW_DATABASE_PASSWORD",),
    "jupyter": ("JUPYTER_TOKEN",),
}
"""What each file holds. A service is given the files that it needs, and no others.

The name of a secret says what it is: `…_USER` and `…_ACCESS_KEY` may be seen, an access key is the name of its part.
"""

NAMES = tuple(name for names in PARTS.values() for name in names)

KNOWN_DEFAULTS = frozenset({"minioadmin", "minio123", "password", "password1234", "admin", "airflow", "changeme"})
"""Secrets that services ship with: whoever finds the port knows them."""

NOT_PLAIN = frozenset("$\"'`\\# \t\r\n")
"""Characters that compose, the shell or supervisor do not read as themselves."""


class SecretsError(LakeError):
    """The secrets cannot be used as they are."""


def is_secret(name: str) -> bool:
    """Whether the value of this name must not be seen; a user's name may be."""
    return not name.endswith(("_USER", "_ACCESS_KEY"))


def file_of(name: str, folder: Path) -> Path:
    """The file of the part to which this name belongs. Raises `SecretsError` for a name that no part has."""
    for part, names in PARTS.items():
        if name in names:
            return folder / f"{part}.env"
    raise SecretsError(f"{name} is no secret of any part: write it into PARTS of conf/first_start/secrets.py.")


def ensure(folder: Path, older: Path) -> None:
    """Every part's file is there with all its names, mode 600. What a file holds already is never changed.

    `older` is the one file of version 0.1. Values that the folder lacks are taken from it; a value that the folder then
    holds is removed from that file. Raises `SecretsError` when a file can be read by others or holds what cannot be a secret.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    taken = _lines(older) if older.exists() else {}
    for part, names in PARTS.items():
        _complete(folder / f"{part}.env", {name: taken.get(name) or made(name) for name in names})
    here = {name: value for part in PARTS for name, value in _lines(folder / f"{part}.env").items()}
    refuse_unusable(here, str(folder))
    moved = [name for name, value in taken.items() if name in NAMES and here[name] == value]
    if moved:
        _remove(older, moved)


def refuse_unusable(values: Mapping[str, str], where: str) -> None:
    """Raises `SecretsError`, which names a secret that is a well-known default or not plain text."""
    for name in (name for name in NAMES if name in values and is_secret(name)):
        if values[name].lower() in KNOWN_DEFAULTS:
            raise SecretsError(
                f"{name} is a well-known default. Remove that line from {where}, or that variable from the environment; "
                "a random value takes its place at the next start (compose: `make secrets` first)."
            )
        if NOT_PLAIN & set(values[name]):
            raise SecretsError(f"{name} in {where} holds a quote, a space, or one of $ ` \\ #. Choose another value.")


def refuse_others(values: Mapping[str, str], folder: Path) -> None:
    """Raises `SecretsError`, which names a secret whose value in the environment is not the folder's.

    Services read the folder; with values of the environment instead, they would not know each other.
    """
    for name, value in values.items():
        file = file_of(name, folder)
        if _lines(file)[name] != value:
            raise SecretsError(
                f"{name} is set in the environment, and {file} has another value. Unset it, or change the file."
            )


def made(name: str) -> str:
    """A new value for this name."""
    users = {f"{part.upper()}_ACCESS_KEY": part for part in PARTS} | {
        "MINIO_ROOT_USER": "operator",
        "AIRFLOW_ADMIN_USER": "operator",
        "MLFLOW_ADMIN_USER": "operator",
        "MLFLOW_TRAINER_USER": "trainer",
    }
    if name == "AIRFLOW_FERNET_KEY":
        return urlsafe_b64encode(secrets.token_bytes(32)).decode()
    # People type the first kind, a signature wants 64 characters, and MinIO takes 40 at most: 30 random bytes in base64.
    length = 18 if name.endswith("_ADMIN_PASSWORD") else 48 if name.endswith("_SECRET") else 30
    return users.get(name) or secrets.token_urlsafe(length)


def _complete(file: Path, values: Mapping[str, str]) -> None:
    if not file.exists():
        partial = _written(file, "# Made at the first start. Never commit this file.\n" + _text(values))
        try:
            # A link, unlike a rename, fails when another start was quicker.
            os.link(partial, file)
        except FileExistsError:
            pass
        finally:
            os.unlink(partial)
    if stat.S_IMODE(file.stat().st_mode) & (stat.S_IRWXG | stat.S_IRWXO):
        raise SecretsError(f"{file} can be read by others. Type: chmod 600 '{file}'")
    present = _lines(file)
    missing = {name: value for name, value in values.items() if not present.get(name)}
    if missing:
        os.replace(_written(file, file.read_text().rstrip("\n") + "\n" + _text(missing)), file)


def _remove(file: Path, names: list[str]) -> None:
    """Remove these lines from the file, and the file when only comments are left."""
    rest = [line for line in file.read_text().splitlines() if line.partition("=")[0] not in names]
    if any(line.strip() and not line.startswith("#") for line in rest):
        os.replace(_written(file, "\n".join(rest) + "\n"), file)
    else:
        file.unlink()


def _lines(file: Path) -> dict[str, str]:
    pairs = (line.partition("=") for line in file.read_text().splitlines() if not line.startswith("#"))
    return {name: value for name, sign, value in pairs if sign}


def _text(values: Mapping[str, str]) -> str:
    return "".join(f"{name}={value}\n" for name, value in values.items())


def _written(file: Path, text: str) -> str:
    """A temporary file beside `file` with this text, safely on disk; mkstemp makes it with mode 600."""
    handle, partial = tempfile.mkstemp(dir=str(file.parent), prefix=f"{file.name}.")
    with os.fdopen(handle, "w") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    return partial


def for_home(home: Path) -> None:
    """The secrets of a local stack lie in the folder `secrets` of its home."""
    ensure(home / "secrets", home / "credentials.env")


def for_compose(folder: Path, env: Path) -> None:
    """The secrets lie in `folder`, or in the one that compose's own file already names. Afterwards that file names one."""
    named = _lines(env).get("SECRETS") if env.exists() else None
    ensure(Path(named) if named else folder, env)
    if not named:
        present = env.read_text().rstrip("\n") + "\n" if env.exists() else ""
        os.replace(_written(env, f"{present}SECRETS={folder}\n"), env)


if __name__ == "__main__":
    try:
        for_compose(Path(sys.argv[1]), Path(".env"))
    except LakeError as error:
        sys.exit(str(error))
