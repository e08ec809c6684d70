"""Reads the compose files: the part of their format that we use; anything else is refused by name.

They are read for the stack of this machine (`definition.py`), and for the comparison with what `docker compose config` makes of them.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from conf.errors import StackError
from conf.machine import ROOT
from conf.settings import variables as files

TOP = ROOT / "docker-compose.yml"
ADDED_UP = frozenset({"env_file", "volumes", "ports", "tmpfs", "cap_drop", "security_opt", "profiles"})
"""Lists that a service adds to those it takes over by `extends`; other lists replace them."""
Words = Annotated[list[str], Field(min_length=1)]


class Checked(BaseModel):
    """A part of the format: other keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Kind = TypeVar("Kind", bound=Checked)


class Include(Checked):
    """A part of the definition."""

    path: str
    project_directory: Literal["."]
    env_file: Any = None


class Top(Checked):
    """The file that Docker is given."""

    name: Any = None
    include: list[Include]


class Part(Checked):
    """A file that is included."""

    services: dict[str, dict[str, Any]]
    volumes: Any = None


class Template(Checked):
    """The service that another one extends."""

    service: str
    file: str | None = None


class Healthcheck(Checked):
    """How a service shows that it is ready. The times are Docker's; on this machine it is asked until it is ready, for ten minutes."""

    test: Words
    interval: str = ""
    timeout: str = ""
    start_period: str = ""
    retries: int = 0


class Dependency(Checked):
    """The condition that another service must meet first."""

    condition: Literal["service_healthy", "service_completed_successfully"]


class Local(Checked):
    """How the process on this machine differs from the container."""

    absent: bool = False
    environment: dict[str, str] = {}
    healthcheck: Words | None = None
    ports: list[str] = []
    """Settings that hold further ports, which are not visible outside its container."""


class Block(Checked):
    """A service in a compose file. Keys that only a container has are `Any`."""

    command: Words | None = None
    environment: dict[str, str] = {}
    env_file: list[str] = []
    depends_on: dict[str, Dependency] = {}
    healthcheck: Healthcheck | None = None
    ports: list[str] = []
    restart: Literal["unless-stopped", "no"] = "no"
    stop_signal: Literal["SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP"] = "SIGTERM"
    stop_grace_period: Annotated[str, Field(pattern=r"^\d+s$")] = "10s"
    profiles: list[str] = []
    page: str | None = Field(None, alias="x-page")
    local: Local = Field(default=Local(), alias="x-local")
    image: Any = None
    build: Any = None
    entrypoint: Any = None
    user: Any = None
    hostname: Any = None
    read_only: Any = None
    cap_drop: Any = None
    security_opt: Any = None
    tmpfs: Any = None
    shm_size: Any = None
    pull_policy: Any = None
    logging: Any = None
    mem_limit: Any = None
    volumes: Any = None


def read(variables: Mapping[str, str], file: Path = TOP) -> dict[str, Block]:
    """Every service, with references and `extends` replaced; `env_file` not read yet.

    Raises `StackError` that names file, service and key.
    """
    blocks: dict[str, Block] = {}
    for include in _checked(Top, str(file), _yaml(file)).include:
        part = file.parent / include.path
        for name, raw in _checked(Part, include.path, _yaml(part)).services.items():
            where = f"{include.path}, {name}"
            if name in blocks:
                raise StackError(f"{where}: a service of that name stands in another file as well.")
            try:
                block = _expanded(_extended(part, where, raw, file.parent), variables)
            except files.VariableError as error:
                raise StackError(f"{where}: {error}") from error
            blocks[name] = _checked(Block, where, block)
    return blocks


def environment(block: Block, variables: Mapping[str, str], folder: Path = ROOT) -> dict[str, str]:
    """The variables and secrets from the files that it names, and its own, which win."""
    named = (files.read(folder / path, variables) for path in block.env_file)
    return {name: value for one in named for name, value in one.items()} | block.environment


class _Loader(yaml.SafeLoader):
    """Refuses a key that stands twice, as Docker does: YAML itself would take the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value if key.value != "<<"]
        if twice := [key for number, key in enumerate(keys) if key in keys[:number]]:
            raise yaml.MarkedYAMLError(problem=f"{twice[0]!r} stands twice", problem_mark=node.start_mark)
        return super().construct_mapping(node, deep)


def _yaml(file: Path) -> dict[str, Any]:
    try:
        content = yaml.load(file.read_text(), _Loader) or {}  # noqa: S506  # it is a SafeLoader
    except (OSError, yaml.YAMLError) as error:
        raise StackError(f"{file} cannot be read: {error}") from error
    return {key: value for key, value in content.items() if not key.startswith("x-")}


def _extended(file: Path, where: str, raw: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """The service with what it takes over: mappings and some lists are merged; otherwise its own value wins."""
    own = {key: value for key, value in raw.items() if key != "extends"}
    if "extends" not in raw:
        return own
    template = _checked(Template, f"{where}: extends", raw["extends"])
    source = folder / template.file if template.file else file
    bases = _checked(Part, str(source), _yaml(source)).services
    if template.service not in bases:
        raise StackError(f"{where}: extends {template.service!r}, which is not in {source}.")
    merged = _extended(source, where, bases[template.service], folder)
    for key, value in own.items():
        if isinstance(value, dict) and isinstance(merged.get(key), dict):
            merged[key] = merged[key] | value
        elif key in ADDED_UP and isinstance(value, list):
            merged[key] = [*merged.get(key, []), *value]
        else:
            merged[key] = value
    return merged


def _expanded(value: Any, variables: Mapping[str, str], key: str = "") -> Any:
    """References replaced in all texts but those of `ports`, which name the settings."""
    if isinstance(value, str):
        try:
            return value if key == "ports" else files.expanded(value, variables)
        except files.VariableError as error:
            raise files.VariableError(f"{key} is {value!r}: {error}") from error
    if isinstance(value, dict):
        return {name: _expanded(one, variables, name) for name, one in value.items()}
    if isinstance(value, list):
        return [_expanded(one, variables, key) for one in value]
    return value


def _checked(kind: type[Kind], where: str, raw: Any) -> Kind:
    try:
        return kind.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise StackError(
            f"{where}: {place} is {first['input']!r}: {first['msg']}. docs/stack.md says what is read."
        ) from error
