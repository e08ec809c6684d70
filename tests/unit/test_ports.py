"""A port is used once, and free before its service starts."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from conf.errors import StackError
from conf.local import ports


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_taken_port_is_named_with_its_setting_and_its_holder(taken: int, tmp_path: Path) -> None:
    with pytest.raises(StackError) as error:
        ports.require_free({"MLFLOW_PORT": taken}, tmp_path)
    assert f"Port {taken} is taken by process {os.getpid()}" in str(error.value)
    assert "MLFLOW_PORT=" in str(error.value)


def test_a_port_that_was_let_go_is_free(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    ports.require_free({"MLFLOW_PORT": port}, tmp_path)


def test_one_port_for_two_services_is_refused_by_name() -> None:
    with pytest.raises(StackError, match="MLFLOW_PORT and SOURCE_API_PORT are both 8000"):
        ports.require_distinct({"MLFLOW_PORT": 8000, "SOURCE_API_PORT": 8000, "MINIO_PORT": 9000})
