"""The compose files as they are written down: hardened, on loopback, with settings and secrets by group and by part."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from conf.errors import LakeError
from conf.first_start.secrets import NAMES, PARTS
from conf.local.compose_files import Block, read
from conf.machine import ROOT
from conf.settings.groups import FOLDER, values
from conf.settings.variables import REFERENCE

TOP = ROOT / "docker-compose.yml"
SETTINGS = values({})
LOCAL = {"LAKE_LOCAL_HOST", "LAKE_LOCAL_HOME", "LAKE_LOCAL_CLONE"}


def loaded(file: Path) -> dict[str, Any]:
    return dict(yaml.safe_load(file.read_text()))


def files() -> list[Path]:
    """The files that the top one includes."""
    return [ROOT / one["path"] for one in loaded(TOP)["include"]]


@pytest.fixture
def blocks() -> dict[str, Block]:
    return read(SETTINGS | {"SECRETS": "secrets"})


def test_every_part_is_read_with_every_group_of_settings() -> None:
    for one in loaded(TOP)["include"]:
        assert {ROOT / path for path in one["env_file"]} == set(FOLDER.glob("*.env"))


def test_every_container_is_hardened(blocks: dict[str, Block]) -> None:
    for name, one in blocks.items():
        assert one.cap_drop == ["ALL"], name
        assert one.security_opt == ["no-new-privileges:true"], name
        assert one.read_only, name
        assert one.user == "10001:10001", name
        assert one.mem_limit, name
        assert one.restart == "no" or one.healthcheck, name


def test_every_port_is_published_on_this_machine_only(blocks: dict[str, Block]) -> None:
    ports = [port for one in blocks.values() for port in one.ports]
    assert [port for port in ports if not re.fullmatch(r"127\.0\.0\.1:\$\{\w+_PORT\}:\S+", port)] == []


def test_files_of_settings_and_of_secrets_are_those_that_there_are(blocks: dict[str, Block]) -> None:
    known = {f"conf/settings/{file.name}" for file in FOLDER.glob("*.env")} | {f"secrets/{part}.env" for part in PARTS}
    assert {path for one in blocks.values() for path in one.env_file} <= known


def test_without_secrets_it_says_what_to_type() -> None:
    with pytest.raises(LakeError, match="SECRETS is not set: run make secrets"):
        read(SETTINGS)


def references(file: Path) -> list[tuple[str, str]]:
    """The name and the sign of each."""
    return [(found["name"] or "", found["sign"] or "") for found in REFERENCE.finditer(file.read_text())]


def test_no_secret_is_a_reference_and_every_reference_has_a_value() -> None:
    """A secret in a reference would be one in `docker compose config` of every service; one without a value would be empty."""
    for file in files():
        for name, sign in references(file):
            assert name not in NAMES, (file.name, name)
            assert sign or not name or name in SETTINGS, (file.name, name)


def test_what_only_this_machine_sets_has_a_value_for_containers() -> None:
    for file in files():
        for name, sign in references(file):
            assert name not in LOCAL or sign in (":-", ":+"), (file.name, name)


OURS = {"streaming", "lake", "trainer", "deliver", "reproduce", "scorer", "init-logins"}
AIRFLOW = {"airflow-init", "airflow-api-server", "airflow-scheduler", "airflow-dag-processor"}
HOLDERS = {
    "minio": {"minio", "init-stores"},
    "lander": {"airflow-scheduler", "init-stores"},
    "stream": {"streaming", "lake", "init-stores"},
    "trainer": {"trainer", "deliver", "reproduce", "scorer", "jupyter", "init-logins", "lake", "init-stores"},
    "mlflow": {"mlflow", "init-stores"},
    "mlflow-admin": {"mlflow", "init-logins", "init-stores"},
    "mlflow-database": {"mlflow", "postgres", "init-stores"},
    "airflow": AIRFLOW | {"init-stores"},
    "airflow-admin": AIRFLOW | {"init-stores"},
    "airflow-database": AIRFLOW | {"postgres", "init-stores"},
    "jupyter": {"jupyter", "init-stores"},
}


@pytest.mark.parametrize("part", PARTS)
def test_a_file_of_secrets_is_given_only_to_who_uses_it(blocks: dict[str, Block], part: str) -> None:
    given = {name for name, one in blocks.items() if f"secrets/{part}.env" in one.env_file}
    assert given == HOLDERS[part]
    # It refuses known defaults. Our own programs do that themselves.
    assert "init-stores" in given or given <= OURS


def test_executors_of_a_cluster_find_the_driver_of_a_service_by_its_name(blocks: dict[str, Block]) -> None:
    """A container of `docker compose run` has no name: conf/compose/submit.sh gives its address."""
    drivers = {
        name: one for name, one in blocks.items() if "conf/settings/spark.env" in one.env_file and not one.profiles
    }
    assert set(drivers) == {"streaming", "spark-history", "jupyter"}
    for name, one in drivers.items():
        assert (one.hostname, one.environment["SPARK_LOCAL_IP"]) == (name, name)


def test_trainings_share_the_folder_of_their_models_with_the_workers_of_a_cluster(blocks: dict[str, Block]) -> None:
    for name in ("trainer", "deliver", "reproduce", "scorer", "spark-worker"):
        assert "trainings:/lake/state/trainings" in blocks[name].volumes, name
        assert blocks[name].environment.get("TMPDIR") == (None if name == "spark-worker" else "/lake/state/trainings")


def test_the_base_image_is_pinned_by_digest() -> None:
    assert re.fullmatch(r"[\w./:-]+@sha256:[0-9a-f]{64}", SETTINGS["BASE_IMAGE"])


def test_every_volume_is_in_the_backup_but_the_history() -> None:
    volumes = {name for file in files() for name in loaded(file).get("volumes", {})}
    [loop] = re.findall(r"for volume in (.*); do", (ROOT / "docs" / "backup.md").read_text("utf-8"))
    assert set(loop.split()) == volumes - {"spark-events"}


def test_state_lies_on_volumes() -> None:
    for file in files():
        told = loaded(file)
        shared = {name for one in files() for name in loaded(one).get("volumes", {})}
        named = {volume.split(":")[0] for one in told["services"].values() for volume in one.get("volumes", ())}
        assert {name for name in named if "/" not in name and "$" not in name} <= shared
        assert set(told.get("volumes", {})) <= named | {"airflow"}
