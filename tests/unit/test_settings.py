"""Settings in groups: the environment wins over the file, and what is missing or wrong is named with its value."""

import re
import traceback
from pathlib import Path

import pytest

from conf import settings
from conf.settings import groups
from conf.settings.groups import FOLDER, Group
from conf.settings.variables import VariableError, expanded, read

HIDDEN = "not-to-be-seen"
IMAGES_ONLY = {"BASE_IMAGE", "IMAGE_TAG"}


def all_groups() -> list[type[Group]]:
    return Group.__subclasses__()


def test_every_setting_that_has_no_default_in_python_stands_in_the_file_of_its_group() -> None:
    for group in all_groups():
        in_file = set(read(group.file(), {}))
        required = {name for field, name in group.names().items() if group.model_fields[field].is_required()}
        assert required <= in_file, group.__name__
        assert not in_file & (set(group.names().values()) - required), group.__name__
    of_blocks = {"images", "pages"}
    assert {file.stem for file in FOLDER.glob("*.env")} == {one.__name__.lower() for one in all_groups()} | of_blocks
    assert set(read(FOLDER / "images.env", {})) == IMAGES_ONLY


def test_the_environment_wins_and_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINIO_PORT", "9001")
    monkeypatch.setenv("LANDING_BUCKET", "")
    now = settings.load()
    assert (now.minio.port, now.minio.landing_bucket) == (9001, "landing")


def test_the_environment_that_a_group_prints_leads_to_the_same_group(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMS_SPAM_CSV", "some.csv")
    monkeypatch.setenv("LANDING_SCHEDULE", "every 7 seconds")
    now = settings.load()
    for name, value in now.variables().items():
        monkeypatch.setenv(name, value)
    assert settings.load() == now
    assert now.variables()["SMS_SPAM_CSV"] == str(Path("some.csv").absolute())


def test_a_wrong_value_is_named_with_what_is_expected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINIO_PORT", "nine thousand")
    with pytest.raises(settings.SettingsError, match="MINIO_PORT='nine thousand': Input should be a valid integer"):
        settings.load()


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("MINIO_PORT", "99000", "Input should be less than or equal to 65535"),
        ("JUPYTER_PORT", "0", "Input should be greater than or equal to 1"),
        ("STREAM_RECONCILE_SECONDS", "inf", "Input should be a finite number"),
        ("STREAM_RECONCILE_SECONDS", "1e10", "Input should be less than or equal to 9223372036"),
        ("STREAM_TRIGGER_SECONDS", "nan", "Input should be a finite number"),
        ("STREAM_MAX_PARSE_SECONDS", "1e10", "Input should be less than or equal to 9223372036"),
        ("SOURCE_RECORDS_PER_MINUTE", "inf", "Input should be a finite number"),
        ("SOURCE_DOWNLOAD_SECONDS", "1e9", "Input should be less than or equal to 86400"),
        ("KEEP_VERSIONS_DAYS", "1000000", "Input should be less than or equal to 36500"),
        ("KEEP_TRAINED_DAYS", "1000000", "Input should be less than or equal to 36500"),
        ("MINIO_HOST", "http://minio", "a host is a name or an address alone"),
        ("MINIO_HOST", "minio/path", "a host is a name or an address alone"),
        ("MLFLOW_HOST", "mlflow:4000", "a host is a name or an address alone"),
        ("SOURCE_API_HOST", " ", "a host is a name or an address alone"),
        ("KAFKA_HOST", "", None),
        ("KAFKA_HOST", "kafka.example.org", None),
        ("KAFKA_HOST", "[::1]", None),
        ("MLFLOW_PORT", "65535", None),
        ("KEEP_VERSIONS_DAYS", "36500", None),
    ],
)
def test_a_value_that_nothing_can_use_is_refused_when_it_is_read(
    name: str, value: str, expected: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    if expected is None:
        settings.load()
        return
    with pytest.raises(settings.SettingsError, match=f"{name}='{re.escape(value)}': .*{expected}"):
        settings.load()


def test_a_missing_setting_is_named_and_shows_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "jupyter.env").write_text("")
    monkeypatch.setattr(groups, "FOLDER", tmp_path)
    monkeypatch.delenv("JUPYTER_PORT", raising=False)
    with pytest.raises(settings.SettingsError, match=r"JUPYTER_PORT: Field required.*jupyter\.env") as raised:
        groups.Jupyter.read({"JUPYTER_TOKEN": HIDDEN})
    assert HIDDEN not in "".join(traceback.format_exception(raised.value))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("plain", "plain"),
        ("${SET}:${EMPTY}", "here:"),
        ("${SET:-other} ${UNSET:-other} ${EMPTY:-other}", "here other other"),
        ("${SET:+other} ${UNSET:+other} ${EMPTY:+other}", "other  "),
        ("${SET:?wanted}", "here"),
        ("$${SET}", "${SET}"),
    ],
)
def test_references_mean_what_compose_makes_of_them(text: str, value: str) -> None:
    assert expanded(text, {"SET": "here", "EMPTY": ""}) == value


@pytest.mark.parametrize("text", ["$SET", "${SET-other}", "${SET:-${OTHER}}", "${UNSET:-${OTHER}}", "5 $", "${SET"])
def test_a_form_that_compose_would_read_otherwise_is_refused(text: str) -> None:
    with pytest.raises(VariableError, match=r"Write \$\$ for a dollar sign"):
        expanded(text, {"SET": "here"})


def test_a_variable_that_must_be_set_is_named_with_its_message() -> None:
    with pytest.raises(VariableError, match="SECRETS is not set: run make secrets"):
        expanded("${SECRETS:?run make secrets}/minio.env", {})


def test_a_name_that_nothing_sets_is_told_and_not_empty() -> None:
    with pytest.raises(VariableError, match="UNSET is the name of no setting"):
        expanded("${UNSET}", {})


def test_a_whole_number_is_printed_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STREAM_TRIGGER_SECONDS", "1.0")
    monkeypatch.setenv("STREAM_RECONCILE_SECONDS", "0.5")
    told = settings.load().variables()
    assert (told["STREAM_TRIGGER_SECONDS"], told["STREAM_RECONCILE_SECONDS"]) == ("1", "0.5")


def test_a_file_of_variables_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(VariableError, match=r"nothing\.env is missing"):
        read(tmp_path / "nothing.env", {})
