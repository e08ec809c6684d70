"""Ports for servers that tests start."""

import socket
from contextlib import ExitStack


def free_ports(number: int) -> list[int]:
    """Ports that nobody listens on; all are held until all are found, so they differ."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(number)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
