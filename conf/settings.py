"""Every setting of the lakehouse, read once from the environment, `conf/lake.env` and the credentials file."""

import os
from functools import cached_property
from pathlib import Path
from typing import Annotated, NamedTuple

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from conf.errors import LakeError

ROOT = Path(__file__).resolve().parent.parent
SHARED_FILE = ROOT / "conf" / "lake.env"
HOST = "127.0.0.1"


class SettingsError(LakeError):
    """A setting is missing or has a value that cannot be used; the message names it and says what to do."""


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


class Settings(BaseSettings):
    """The settings of one stack. Frozen; a variable in the environment wins over both files."""

    # An error of pydantic's own would show all settings, secrets included, where one is missing.
    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True, hide_input_in_errors=True)

    lake_home: Annotated[Path, AfterValidator(Path.absolute)] = ROOT / ".lake"
    """State, logs and credentials of one stack. A second stack beside the first has a home of its own."""

    sms_spam_csv: Path | None = None
    source_page_records: int = Field(ge=1)
    source_records_per_minute: float = Field(ge=0)
    source_seed: int
    source_download_seconds: float = Field(ge=0)
    source_api_host: str = HOST
    source_api_port: int

    minio_host: str = HOST
    minio_port: int
    minio_console_port: int
    kafka_host: str = HOST
    kafka_port: int
    kafka_controller_port: int
    mlflow_host: str = HOST
    mlflow_port: int
    airflow_port: int
    jupyter_port: int
    spark_ui_port: int

    landing_bucket: str
    delta_bucket: str
    mlflow_bucket: str
    landing_topic: str
    control_topic: str
    model_name: str

    landing_schedule: str
    landing_pages_per_run: int = Field(ge=1)
    spark_master: str
    stream_trigger_seconds: float = Field(ge=0)
    stream_max_notifications: int = Field(ge=1)
    stream_reconcile_seconds: float = Field(gt=0)
    stream_reconcile_objects: int = Field(ge=1)
    stream_max_object_bytes: int = Field(ge=1)
    stream_max_slice_objects: int = Field(ge=1)
    stream_max_slice_bytes: int = Field(ge=1)
    stream_worker_memory_bytes: int = Field(ge=2**28)
    stream_max_lines: int = Field(ge=1)
    stream_max_header_bytes: int = Field(ge=1)
    stream_max_columns: int = Field(ge=1)
    stream_max_line_bytes: int = Field(ge=1)
    stream_max_text_bytes: int = Field(ge=1)
    stream_max_recovered_parts: int = Field(ge=1)
    stream_max_recovered_bytes: int = Field(ge=1)
    stream_max_rows_bytes: int = Field(ge=1)

    minio_root_user: str | None = None
    minio_root_password: SecretStr | None = None
    lander_access_key: str | None = None
    lander_secret_key: SecretStr | None = None
    stream_access_key: str | None = None
    stream_secret_key: SecretStr | None = None
    trainer_access_key: str | None = None
    trainer_secret_key: SecretStr | None = None
    mlflow_access_key: str | None = None
    mlflow_secret_key: SecretStr | None = None
    airflow_admin_user: str | None = None
    airflow_admin_password: SecretStr | None = None
    airflow_fernet_key: SecretStr | None = None
    airflow_jwt_secret: SecretStr | None = None
    airflow_api_secret: SecretStr | None = None
    airflow_database_password: SecretStr | None = None
    mlflow_admin_user: str | None = None
    mlflow_admin_password: SecretStr | None = None
    mlflow_trainer_user: str | None = None
    mlflow_trainer_password: SecretStr | None = None
    mlflow_session_secret: SecretStr | None = None
    mlflow_database_password: SecretStr | None = None
    jupyter_token: SecretStr | None = None

    @cached_property
    def minio_endpoint(self) -> str:
        return f"http://{self.minio_host}:{self.minio_port}"

    @cached_property
    def source_api_url(self) -> str:
        return f"http://{self.source_api_host}:{self.source_api_port}"

    @cached_property
    def kafka_servers(self) -> str:
        return f"{self.kafka_host}:{self.kafka_port}"

    @property
    def topics(self) -> tuple[str, str]:
        """What the query reads: MinIO's notifications, and what the lakehouse itself asks of it."""
        return self.landing_topic, self.control_topic

    @cached_property
    def mlflow_url(self) -> str:
        return f"http://{self.mlflow_host}:{self.mlflow_port}"

    @property
    def state(self) -> Path:
        """What must survive a restart, one folder a service."""
        return self.lake_home / "state"

    @property
    def stream_lock(self) -> Path:
        """Held by the query that has the checkpoint."""
        return self.state / "checkpoint.lock"

    @property
    def stream_index(self) -> Path:
        """What the ledger has decided, for quick look-ups; made anew when it is missing."""
        return self.state / "decided.sqlite"

    @property
    def checkpoint(self) -> Path:
        """The streaming query's checkpoint. On a local disk: it needs an atomic rename, which S3A lacks."""
        return self.state / "checkpoint"

    def s3(self, part: str) -> S3Access:
        """The MinIO identity of one part: `lander`, `stream`, `trainer` or `mlflow`.

        Raises `SettingsError` when its key or secret is not set.
        """
        return S3Access(
            self.minio_endpoint,
            self.credential(f"{part}_access_key"),
            SecretStr(self.credential(f"{part}_secret_key")),
        )

    def mlflow(self) -> MlflowAccess:
        """MLflow as the trainer sees it. Raises `SettingsError` when its login is not set."""
        return MlflowAccess(
            self.mlflow_url,
            self.credential("mlflow_trainer_user"),
            SecretStr(self.credential("mlflow_trainer_password")),
            f"http://{HOST}:{self.mlflow_port}",
        )

    def credential(self, name: str) -> str:
        """One login or secret in plain text. Raises `SettingsError` when it is not set."""
        value = getattr(self, name)
        if value is None:
            raise SettingsError(
                f"{name.upper()} is not set: looked in the environment and in {credentials_file(self.lake_home)}. "
                "`make demo` (or `lake up`) makes that file at the first start."
            )
        return value.get_secret_value() if isinstance(value, SecretStr) else str(value)


def credentials_file(home: Path) -> Path:
    """Where the random credentials of a stack are kept."""
    return home / "credentials.env"


def load() -> Settings:
    """The settings as they stand now.

    Raises `SettingsError` that names the variable, its value and where it was looked for.
    """
    home = Path(os.environ.get("LAKE_HOME") or ROOT / ".lake")
    try:
        return Settings(_env_file=(SHARED_FILE, credentials_file(home)))  # type: ignore[call-arg]  # filled from files
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]).upper()
        told = f"{name}: {first['msg']}" if first["type"] == "missing" else f"{name}={first['input']!r}: {first['msg']}"
        raise SettingsError(
            f"{told}. It is read from the environment, then from {SHARED_FILE} and {credentials_file(home)}."
        ) from error


def environment(*names: str) -> dict[str, str]:
    """This process's environment: the named variables that are set, or all of it when none is named."""
    return {name: os.environ[name] for name in names or os.environ if name in os.environ}
