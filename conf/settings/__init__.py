"""Every setting of the lakehouse: in groups, read once from the environment and from the files beside this one."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import SecretStr

from conf.first_start import secrets
from conf.machine import HOST, ROOT, ask_directly, environment
from conf.settings.groups import (
    Airflow,
    Group,
    Jupyter,
    Kafka,
    Keep,
    Landing,
    Minio,
    Mlflow,
    SettingsError,
    Source,
    Spark,
    Stream,
)
from conf.settings.variables import read

__all__ = ["MlflowAccess", "S3Access", "Settings", "SettingsError", "load"]


class S3Access(NamedTuple):
    """Where MinIO is and who is asking."""

    endpoint: str
    access_key: str
    secret_key: SecretStr


class MlflowAccess(NamedTuple):
    """Where MLflow is, who is asking, and where people find its pages."""

    url: str
    user: str
    password: SecretStr
    page: str


@dataclass(frozen=True)
class Settings:
    """The settings of one stack, and the secrets that this process may know."""

    home: Path
    """State, logs and secrets of one stack. A second stack beside the first has a home of its own."""
    source: Source
    landing: Landing
    minio: Minio
    kafka: Kafka
    stream: Stream
    keep: Keep
    spark: Spark
    mlflow: Mlflow
    airflow: Airflow
    jupyter: Jupyter
    _given: Mapping[str, str] = field(repr=False, default_factory=dict)
    """The secrets that stood in the environment."""

    @property
    def state(self) -> Path:
        """What must survive a restart, one folder per service."""
        return self.home / "state"

    @property
    def stream_lock(self) -> Path:
        """Held by the query that has the checkpoint."""
        return self.state / "checkpoint.lock"

    @property
    def stream_index(self) -> Path:
        """What the ledger has decided, for quick look-ups; rebuilt when it is missing."""
        return self.state / "decided.sqlite"

    @property
    def checkpoint(self) -> Path:
        """The streaming query's checkpoint. On a local disk: it needs an atomic rename, which S3A lacks."""
        return self.state / "checkpoint"

    @property
    def events(self) -> Path:
        """What Spark's history server reads: the event logs of the query and of trainings."""
        return self.spark.events or self.state / "spark-events"

    @property
    def trainings(self) -> Path:
        """Finished trainings that MLflow does not have yet, or has only in part."""
        return self.state / "trainings"

    def variables(self) -> dict[str, str]:
        """The environment that leads to these settings, without secrets."""
        groups = (value for value in vars(self).values() if isinstance(value, Group))
        return {name: value for group in groups for name, value in group.variables().items()}

    def s3(self, part: str) -> S3Access:
        """The MinIO identity of one part: `lander`, `stream`, `trainer` or `mlflow`.

        Raises `SettingsError` when its key or secret is not set.
        """
        key, secret = self.secret(f"{part.upper()}_ACCESS_KEY"), self.secret(f"{part.upper()}_SECRET_KEY")
        return S3Access(self.minio.endpoint, key, SecretStr(secret))

    def tracking(self) -> MlflowAccess:
        """MLflow as the trainer sees it. Raises `SettingsError` when its login is not set."""
        user, password = self.secret("MLFLOW_TRAINER_USER"), self.secret("MLFLOW_TRAINER_PASSWORD")
        return MlflowAccess(self.mlflow.url, user, SecretStr(password), f"http://{HOST}:{self.mlflow.port}")

    def secret(self, name: str) -> str:
        """One login or secret in plain text: from the environment, or from its part's file.

        Raises `SettingsError` when neither has it, `SecretsError` for one that cannot be used.
        """
        file = secrets.file_of(name, self.home / "secrets")
        value = self._given.get(name) or (read(file, {}).get(name) if file.exists() else None)
        if not value:
            raise SettingsError(
                f"{name} is not set: looked in the environment and in {file}. "
                "`lake up` (compose: `make secrets`) makes what is missing."
            )
        secrets.refuse_unusable({name: value}, str(file))
        return value


def load() -> Settings:
    """The settings as they stand now. A proxy of the machine is not asked for the hosts that they name.

    Raises `SettingsError` that names the variable, its value and where it was looked for.
    """
    now = environment()
    home = Path(now.get("LAKE_HOME") or ROOT / ".lake").absolute()
    kinds = {one.name: one.type for one in fields(Settings)}
    groups: dict[str, Any] = {
        name: kind.read(now) for name, kind in kinds.items() if isinstance(kind, type) and issubclass(kind, Group)
    }
    settings = Settings(home, **groups, _given=environment(*secrets.NAMES))
    # Here, because every command and every program begins with it, before it makes a client.
    ask_directly(HOST, settings.source.api_host, settings.minio.host, settings.mlflow.host)
    return settings
