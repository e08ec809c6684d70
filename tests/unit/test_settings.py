"""A setting that is missing or wrong is named with its value; no other setting is shown beside it."""

import traceback
from pathlib import Path

import pytest

from conf import credentials, settings


@pytest.fixture(autouse=True)
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A stack of its own; its MinIO root password."""
    monkeypatch.setenv("LAKE_HOME", str(tmp_path))
    credentials.ensure(tmp_path)
    return settings.load().credential("minio_root_password")


def test_a_wrong_value_is_named_with_what_is_expected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINIO_PORT", "nine thousand")
    with pytest.raises(settings.SettingsError, match="MINIO_PORT='nine thousand': Input should be a valid integer"):
        settings.load()


def test_a_missing_setting_shows_no_other(stack: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    incomplete = tmp_path / "lake.env"
    lines = settings.SHARED_FILE.read_text().splitlines(keepends=True)
    incomplete.write_text("".join(line for line in lines if not line.startswith("MINIO_PORT")))
    monkeypatch.setattr(settings, "SHARED_FILE", incomplete)
    with pytest.raises(settings.SettingsError, match="MINIO_PORT: Field required") as raised:
        settings.load()
    assert stack not in "".join(traceback.format_exception(raised.value))
