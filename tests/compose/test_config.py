"""What `docker compose` itself makes of the files. Needs its client, and no engine."""

from pathlib import Path

import pytest

from conf import credentials_file
from tests.compose import engine
from tests.compose.engine import Docker

pytestmark = pytest.mark.timeout(1200)  # the first time, compose itself is built


@pytest.fixture(scope="module")
def docker() -> Docker:
    return engine.client()


def test_with_the_secrets_file_all_of_it_is_valid(docker: Docker, tmp_path: Path) -> None:
    file = tmp_path / "env"
    credentials_file.ensure(file)
    docker.run("compose", "--env-file", str(file), "--profile", "*", "config", "--quiet")


def test_without_the_secrets_file_it_says_what_to_type(docker: Docker) -> None:
    answer = docker.run("compose", "--env-file", "/dev/null", "config", "--quiet", check=False)
    assert answer.returncode != 0
    assert "run make secrets" in answer.stderr
