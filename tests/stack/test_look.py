"""`lake sql`, `quarantine`, `explain` and `trace` as people type them, on a real MinIO and a real MLflow; without Spark and Kafka."""

import csv
import io
import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import obstore
import pytest
from obstore.exceptions import PermissionDeniedError

from conf import s3
from conf.first_start import logins
from conf.machine import ROOT
from conf.places import page_key
from conf.settings import Settings
from conf.tables import MESSAGES
from lander.bucket import prepare
from tests.stack.conftest import BIN
from tests.stack.ports import free_ports
from tests.stack.servers import as_part, minio_in, part, served
from tests.unit.audited import DATASET, Lake, page

pytestmark = pytest.mark.timeout(600)

PAGES = {1: page("first", "it's £5", rejected=1), 2: page("second")}


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A MinIO whose tables have two pages, decided one after the other."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLFLOW_PORT", str(free_ports(1)[0]))
        with minio_in(tmp_path_factory.mktemp("home")) as loaded:
            prepare(loaded)
            fill(loaded, tmp_path_factory.mktemp("lake"))
            yield loaded


def fill(settings: Settings, folder: Path) -> None:
    """Lands and decides the pages in a folder, and puts the folder's tables into the bucket."""
    lake = Lake(folder)
    for number, content in PAGES.items():
        name = page_key(DATASET, number)
        minio = as_part(settings, "lander")
        put = minio.put_object(settings.minio.landing_bucket, name, io.BytesIO(content), len(content))
        told = lake.told(number, content)
        lake.load(content, name, told, version=put.version_id)
        lake.commit()
    access = settings.s3("stream")
    s3.make_bucket(s3.minio(access), settings.minio.delta_bucket)
    tables = Path(lake.place.root)
    for file in filter(Path.is_file, tables.rglob("*")):
        obstore.put(s3.store(access, settings.minio.delta_bucket), str(file.relative_to(tables)), file.read_bytes())


@dataclass(frozen=True)
class Lakes:
    """The command, asked about one stack."""

    settings: Settings

    def __call__(self, *words: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        environment = os.environ | variables
        return subprocess.run(
            [BIN / "lake", *words], env=environment, cwd=ROOT, capture_output=True, text=True, check=False
        )

    def json(self, *words: str) -> Any:
        answer = self(*words, "--json")
        assert answer.returncode == 0, answer.stderr
        return json.loads(answer.stdout)


@pytest.fixture
def lake(settings: Settings) -> Lakes:
    return Lakes(settings)


def test_a_question_is_answered_in_columns_csv_and_json(lake: Lakes) -> None:
    sql = "SELECT label, text FROM messages ORDER BY text"
    assert lake("sql", sql).stdout.splitlines() == [
        "label  text",
        "ham    first",
        "ham    it's £5",
        "ham    second",
        "(3 rows)",
    ]
    assert list(csv.reader(io.StringIO(lake("sql", sql, "--csv").stdout)))[1] == ["ham", "first"]
    assert lake.json("sql", sql, "--limit", "1") == [{"label": "ham", "text": "first"}]
    assert lake.json("sql", sql, "--version", "1") == [{"label": "ham", "text": text} for text in ("first", "it's £5")]
    assert lake.json("sql", sql, "--as-of", "2999-01-01") == lake.json("sql", sql)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("sql", "SELECT nope FROM messages"), "lake: SQL: No field named nope."),
        (
            ("sql", "SELECT 1", "--version", "9"),
            "lake: Version 9 of messages cannot be read: it does not exist. Can be read: 0 to 2.",
        ),
        (("sql", "SELECT 1", "--as-of", "2001-01-01"), "lake: At 2001-01-01 00:00:00+0000 there was no messages"),
        (("quarantine", "--rule", "x"), "lake: Nothing in quarantine breaks the rule 'x'. There are: unknown_label."),
        (("explain", "9"), "lake: Version 9 of messages cannot be read"),
        (("trace", "--page", "9"), "lake: The ledger has no entry of page 9."),
    ],
)
def test_what_is_not_there_is_said_in_one_line(lake: Lakes, words: tuple[str, ...], message: str) -> None:
    answer = lake(*words)
    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr.startswith(message)
    assert len(answer.stderr.splitlines()) == 1


def test_a_minio_that_is_away_or_refuses_is_named(lake: Lakes) -> None:
    [nobody] = free_ports(1)
    away = lake("sql", "SELECT 1", MINIO_PORT=str(nobody))
    assert away.stderr == f"lake: MinIO does not answer at http://127.0.0.1:{nobody}. Start it with `lake up`.\n"
    refused = lake("sql", "SELECT 1", TRAINER_SECRET_KEY="another-secret")  # noqa: S106  # none
    assert refused.stderr.startswith("lake: MinIO at http://127.0.0.1:")
    assert "refuses the access key trainer" in refused.stderr
    assert len(refused.stderr.splitlines()) == 1


def test_who_asks_in_sql_has_no_right_to_write(settings: Settings) -> None:
    with pytest.raises(PermissionDeniedError):
        obstore.put(s3.store(settings.s3("trainer"), settings.minio.delta_bucket), "messages/x", b"x")


def test_options_that_exclude_each_other_are_refused(lake: Lakes) -> None:
    assert "exclude each other" in lake("sql", "SELECT 1", "--json", "--csv").stderr
    assert "exclude each other" in lake("trace", "--page", "1", "--text", "x").stderr
    assert "Name one of --text" in lake("trace").stderr


def test_quarantine_is_shown(lake: Lakes) -> None:
    found = lake.json("quarantine")
    assert [(one["rule"], one["entries"]) for one in found["rules"]] == [("unknown_label", 1)]
    assert [bytes.fromhex(one["raw"]) for one in found["entries"]] == [b"eggs,not a label 0\n"]


def test_a_version_is_explained(lake: Lakes) -> None:
    found = lake.json("explain", "2")
    assert (found["what"], found["decision"], found["rows_added"]) == ("decision", 2, 1)
    assert [one["source_page"] for one in found["objects"]] == [2]


def test_a_text_is_traced_to_its_bytes_in_minio(lake: Lakes) -> None:
    [one] = lake.json("trace", "--text", "it's £5")["rows"]
    assert (one["record"]["page"], bytes.fromhex(one["record"]["raw"])) == ("verified", "ham,it's £5\n".encode())
    assert (one["object"]["source_page"], one["table_version"]) == (1, 1)
    assert "SHA-256 verified" in lake("trace", "--row", f"{page_key(DATASET, 1)}:2").stdout


def test_a_page_and_an_object_are_traced_to_their_rows(lake: Lakes) -> None:
    assert lake.json("trace", "--page", "2") == lake.json("trace", "--object", page_key(DATASET, 2))
    assert "second" in lake("trace", "--page", "2").stdout


@pytest.fixture(scope="module")
def mlflow(settings: Settings) -> Iterator[httpx.Client]:
    """MLflow, asked as the trainer; it knows one training on version 1, registered as version 1 with the alias `champion`."""
    with served(part(settings, "mlflow"), settings):
        logins.grant(settings)
        access = settings.tracking()
        login = (access.user, access.password.get_secret_value())
        with httpx.Client(base_url=f"{access.url}/api/2.0/mlflow", auth=login, timeout=60) as client:
            register(client, MESSAGES.location(settings.minio.delta_bucket))
            yield client


def register(mlflow: httpx.Client, table: str) -> None:
    """What a training writes into MLflow of its table version; then another run, which says nothing of one."""
    experiment = post(mlflow, "experiments/create", name="sms-spam")["experiment_id"]
    post(mlflow, "registered-models/create", name="sms-spam")
    for parameters in ({"table": table, "table_version": "1", "table_digest": "2:5"}, {}):
        run = post(mlflow, "runs/create", experiment_id=experiment, start_time=1)["run"]["info"]
        for key, value in parameters.items():
            post(mlflow, "runs/log-parameter", run_id=run["run_id"], key=key, value=value)
        post(mlflow, "model-versions/create", name="sms-spam", source=f"{run['artifact_uri']}/x", run_id=run["run_id"])
    post(mlflow, "registered-models/alias", name="sms-spam", alias="champion", version="1")


def post(mlflow: httpx.Client, path: str, **told: Any) -> dict[str, Any]:
    answer = mlflow.post(f"/{path}", json=told)
    assert answer.is_success, answer.text
    return dict(answer.json())


@pytest.mark.usefixtures("mlflow")
def test_a_model_is_traced_to_its_pages(lake: Lakes) -> None:
    found = lake.json("trace", "--model", "sms-spam@champion")
    assert (found["model"]["model_version"], found["version"], found["made_of"]["pages"]) == (
        "1",
        1,
        [{"dataset": DATASET, "pages": 1, "numbers": "1"}],
    )
    assert [one["source_page"] for one in found["objects"]] == [1]
    assert lake.json("trace", "--model", "sms-spam/1") == found
    assert "pages" in lake("trace", "--model", "sms-spam/1").stdout


@pytest.mark.usefixtures("mlflow")
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("sms-spam", "names no version of a model. Write it as NAME@ALIAS"),
        ("sms-spam@nobody", "Registered model alias nobody not found."),
        ("sms-spam/9", "Model Version (name=sms-spam, version=9) not found"),
        ("other/1", "shows no such model"),
        ("sms-spam/2", "of the model sms-spam/2 names no table version among its parameters."),
    ],
)
def test_a_model_that_is_not_there_is_named(lake: Lakes, name: str, message: str) -> None:
    answer = lake("trace", "--model", name)
    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr.startswith("lake: ")
    assert message in answer.stderr
    assert len(answer.stderr.splitlines()) == 1


@pytest.mark.usefixtures("mlflow")
def test_mlflow_that_refuses_or_is_away_is_named(lake: Lakes) -> None:
    refused = lake("trace", "--model", "sms-spam/1", MLFLOW_TRAINER_PASSWORD="wrong-password")  # noqa: S106  # none
    assert "refuses the login" in refused.stderr
    [nobody] = free_ports(1)
    away = lake("trace", "--model", "sms-spam/1", MLFLOW_PORT=str(nobody))
    assert away.stderr.startswith(f"lake: MLflow at http://127.0.0.1:{nobody} does not answer")
