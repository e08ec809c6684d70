"""The folder `airflow/` must not hide the installed package of the same name, and the DAG must stay a declaration."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "airflow" / "dags"))

from lander.schedule import schedule  # noqa: E402  # found only through the line above, as Airflow does it


def test_the_folder_has_no_init_file() -> None:
    assert not (ROOT / "airflow" / "__init__.py").exists()
    assert not (ROOT / "airflow" / "dags" / "__init__.py").exists()


def test_airflow_imports_from_the_repository_root() -> None:
    probe = [sys.executable, "-c", "import airflow.sdk; print(airflow.sdk.__file__)"]
    variables = os.environ | {"PYTHONPATH": str(ROOT)}
    found = subprocess.run(probe, cwd=ROOT, env=variables, capture_output=True, text=True, check=False)
    assert "site-packages" in found.stdout, found.stderr


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("* * * * *", "* * * * *"),
        ("every 5 seconds", timedelta(seconds=5)),
        ("every 1 second", timedelta(seconds=1)),
        ("@hourly", "@hourly"),
    ],
)
def test_the_schedule_is_cron_or_a_pause_in_seconds(setting: str, expected: str | timedelta) -> None:
    assert schedule(setting) == expected
