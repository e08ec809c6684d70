"""The groups of settings: each one idea, with a file of the same name beside this one that holds its values."""

import re
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from conf.errors import LakeError
from conf.machine import HOST, PORTS
from conf.settings import variables as files

FOLDER = Path(__file__).parent


class SettingsError(LakeError):
    """A setting is missing or has a value that cannot be used; the message names it and says what to do."""


HOST_NAME = re.compile(r"[^\s/:@?#\[\]]+|\[[\da-fA-F:.]+\]")
"""Also an address of IPv6, in brackets."""


def _bare(host: str) -> str:
    if not HOST_NAME.fullmatch(host):
        raise ValueError(
            "a host is a name or an address alone, without scheme, port and path, such as minio or 10.0.0.5"
        )
    return host


Host = Annotated[str, AfterValidator(_bare)]
Port = Annotated[int, Field(ge=PORTS[0], le=PORTS[-1])]
Days = Annotated[float, Field(ge=0, le=36_500)]
"""So many that a date can still be reckoned with them: a hundred years."""


class Group(BaseModel):
    """Settings that belong together. Frozen. A field's variable is `prefix` and the field's name, or its alias."""

    # An error of pydantic's own would show the input beside it. Infinity and NaN are no numbers to wait or to count for.
    model_config = ConfigDict(frozen=True, hide_input_in_errors=True, allow_inf_nan=False)
    prefix: ClassVar[str] = ""

    @classmethod
    def file(cls) -> Path:
        """Where its values are."""
        return FOLDER / f"{cls.__name__.lower()}.env"

    @classmethod
    def names(cls) -> dict[str, str]:
        """The variable of each field."""
        return {field: told.alias or f"{cls.prefix}{field.upper()}" for field, told in cls.model_fields.items()}

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Self:
        """The group as its file and this environment say; a variable that is set and not empty wins over the file.

        Raises `SettingsError` that names the variable and its value.
        """
        given = files.read(cls.file(), environment) | {name: value for name, value in environment.items() if value}
        told = {
            cls.model_fields[field].alias or field: given[name] for field, name in cls.names().items() if name in given
        }
        try:
            return cls.model_validate(told)
        except ValidationError as error:
            first = error.errors()[0]
            field = str(first["loc"][0])
            name = cls.names().get(field, field)
            value = "" if first["type"] == "missing" else f"={first['input']!r}"
            raise SettingsError(
                f"{name}{value}: {first['msg']}. It is read from the environment, then from {cls.file()}."
            ) from error

    def variables(self) -> dict[str, str]:
        """The environment of a process that needs this group."""
        values = {name: getattr(self, field) for field, name in self.names().items()}
        return {name: _text(value) for name, value in values.items() if value is not None}


def values(environment: Mapping[str, str]) -> dict[str, str]:
    """Every setting of the files here, as this environment leaves it, also those that only blocks use."""
    every = (files.read(file, environment) for file in sorted(FOLDER.glob("*.env")))
    return {name: value for one in every for name, value in one.items()}


def _text(value: object) -> str:
    """As a person would write it: 1 and not 1.0."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


class Source(Group):
    """The source API: what it hands out, and where it listens."""

    prefix = "SOURCE_"
    sms_spam_csv: Annotated[Path, AfterValidator(Path.absolute)] | None = Field(None, alias="SMS_SPAM_CSV")
    page_records: int = Field(ge=1)
    records_per_minute: float = Field(ge=0)
    seed: int
    download_seconds: float = Field(ge=0, le=86_400)
    api_host: Host = HOST
    api_port: Port

    @property
    def url(self) -> str:
        return f"http://{self.api_host}:{self.api_port}"


class Landing(Group):
    """The landing DAG: when it runs, and how much it takes."""

    prefix = "LANDING_"
    schedule: str
    pages_per_run: int = Field(ge=1)
    announced: Literal["queue", "both"]


class Minio(Group):
    """MinIO and its buckets."""

    prefix = "MINIO_"
    host: Host = HOST
    port: Port
    console_port: Port
    landing_bucket: str = Field(alias="LANDING_BUCKET")
    delta_bucket: str = Field(alias="DELTA_BUCKET")
    mlflow_bucket: str = Field(alias="MLFLOW_BUCKET")

    @property
    def endpoint(self) -> str:
        return f"http://{self.host}:{self.port}"


class Kafka(Group):
    """Kafka and the topics that the query reads."""

    prefix = "KAFKA_"
    host: Host = HOST
    port: Port
    controller_port: Port
    landing_topic: str = Field(alias="LANDING_TOPIC")
    control_topic: str = Field(alias="CONTROL_TOPIC")

    @property
    def servers(self) -> str:
        return f"{self.host}:{self.port}"

    @property
    def topics(self) -> tuple[str, str]:
        """MinIO's notifications, and what the lakehouse itself asks of the query."""
        return self.landing_topic, self.control_topic


class Stream(Group):
    """The streaming query: its pace and its caps."""

    prefix = "STREAM_"
    feed: str
    trigger_seconds: float = Field(ge=0, le=threading.TIMEOUT_MAX)
    max_notifications: int = Field(ge=1)
    reconcile_seconds: float = Field(gt=0, le=threading.TIMEOUT_MAX)
    reconcile_objects: int = Field(ge=1)
    max_object_bytes: int = Field(ge=1)
    max_slice_objects: int = Field(ge=1)
    max_slice_bytes: int = Field(ge=1)
    worker_memory_bytes: int = Field(ge=2**28)
    max_lines: int = Field(ge=1)
    max_inflated_bytes: int = Field(ge=1)
    max_header_bytes: int = Field(ge=1)
    max_columns: int = Field(ge=1)
    max_line_bytes: int = Field(ge=1)
    max_text_bytes: int = Field(ge=1)
    max_recovered_parts: int = Field(ge=1)
    max_recovered_bytes: int = Field(ge=1)
    max_rows_bytes: int = Field(ge=1)
    max_parse_seconds: float = Field(gt=0, le=threading.TIMEOUT_MAX)


class Keep(Group):
    """How long versions of the tables are kept, in days."""

    prefix = "KEEP_"
    versions_days: Days
    trained_days: Days


class Spark(Group):
    """Where Spark computes, and where it shows it."""

    prefix = "SPARK_"
    master: str
    ui_port: Port
    local_ip: str = HOST
    events: Annotated[Path, AfterValidator(Path.absolute)] | None = None


class Mlflow(Group):
    """MLflow's server, and the name of the model."""

    prefix = "MLFLOW_"
    host: Host = HOST
    port: Port
    model_name: str = Field(alias="MODEL_NAME")

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"


class Airflow(Group):
    """Airflow's page."""

    prefix = "AIRFLOW_"
    port: Port


class Jupyter(Group):
    """JupyterLab's page, and what its notebook looks at."""

    prefix = "JUPYTER_"
    port: Port
    table: str | None = Field(None, alias="NOTEBOOK_TABLE")
