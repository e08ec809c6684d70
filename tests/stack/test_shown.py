"""What others on the machine can see of the stack: no secret, and nothing beyond this machine."""

from contextlib import suppress
from pathlib import Path

import psutil
import pyarrow as pa
import pytest

from conf.first_start.secrets import NAMES, is_secret
from conf.local.processes import of_stack
from tests.stack.conftest import Stack
from tests.stack.spark_ui import environment

pytestmark = pytest.mark.timeout(1800)


@pytest.fixture(scope="module")
def secrets(stack: Stack) -> dict[str, str]:
    stack.wait()
    return {name: stack.settings.secret(name) for name in NAMES if is_secret(name)}


def test_all_services_listen_on_the_loopback_address_only(stack: Stack) -> None:
    addresses = {address for process in of_stack(stack.home) for address in listened_on(process)}
    assert addresses
    assert {address.removeprefix("::ffff:") for address in addresses} <= {"127.0.0.1", "::1"}


def listened_on(process: psutil.Process) -> list[str]:
    """The addresses; none for a process that has ended meanwhile."""
    with suppress(psutil.NoSuchProcess):
        found = process.net_connections("inet")
        return [connection.laddr.ip for connection in found if connection.status == psutil.CONN_LISTEN]
    return []


def command_line(process: psutil.Process) -> str:
    """Nothing for a process that has ended meanwhile."""
    with suppress(psutil.NoSuchProcess):
        return " ".join(process.cmdline())
    return ""


def test_no_secret_stands_on_a_command_line(stack: Stack, secrets: dict[str, str]) -> None:
    lines = [command_line(process) for process in of_stack(stack.home)]
    assert any("java" in line and "spark" in line for line in lines)
    assert [(line[:80], name) for line in lines for name, value in secrets.items() if value in line] == []


def test_no_secret_is_in_a_log_an_event_log_or_the_spark_ui(stack: Stack, secrets: dict[str, str]) -> None:
    logs = [file for file in (stack.home / "logs").rglob("*") if file.is_file()]
    events = list(stack.settings.events.rglob("events_*"))
    shown = {str(file): file.read_text(errors="replace") for file in logs}
    shown |= {str(file): unpacked(file) for file in events} | environment(stack.settings)
    assert len(logs) > 10
    assert any("spark.hadoop.fs.s3a.secret.key" in shown[str(file)] for file in events)
    assert [(place, name) for place, text in shown.items() for name, value in secrets.items() if value in text] == []


def unpacked(events: Path) -> str:
    """An event log, as far as it is written; the last block of a running application is not."""
    text = b""
    with pa.input_stream(str(events), compression="zstd") as stream:
        try:
            while block := stream.read(2**20):
                text += block
        except OSError:
            pass
    return text.decode(errors="replace")
