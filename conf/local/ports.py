"""The ports of the stack: each is used once, and free before its service starts."""

import socket
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from conf.errors import StackError
from conf.local.processes import belongs, holder
from conf.machine import HOST


def require_distinct(ports: Mapping[str, int]) -> None:
    """No two settings claim the same port. Raises `StackError`, which names them."""
    for port, claims in Counter(ports.values()).items():
        if claims > 1:
            names = " and ".join(name for name, value in ports.items() if value == port)
            raise StackError(
                f"{names} are both {port}. Give each a port of its own, for example {names.split()[0]}=..."
            )


def require_free(ports: Mapping[str, int], home: Path) -> None:
    """Each port is free, or held by the stack itself. Raises `StackError`, which names port, setting and holder."""
    for name, port in ports.items():
        if is_taken(port) and not ((process := holder(port)) and belongs(process, home)):
            who = f"process {process.pid} ({process.name()})" if process else "a process of another account"
            raise StackError(
                f"Port {port} is taken by {who}. Stop it, or choose another port: {name}={_suggestion(port)} lake up "
                f"(or change {name} in conf/settings)."
            )


def is_taken(port: int) -> bool:
    """Whether a process listens there; a connection that is still closing does not count."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return True
    return False


def _suggestion(port: int) -> int:
    return next(other for other in range(port + 10, port + 1000) if not is_taken(other))
