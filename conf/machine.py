"""This clone, and the machine on which it lies."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / ".lake" / "tools"
"""What set-up puts into the folder: jars, Java, MinIO."""
HOST = "127.0.0.1"
"""Where everything of a local stack listens."""
PORTS = range(1, 65_536)
"""The numbers that a port can have."""


DIRECT = ("NO_PROXY", "no_proxy")
"""The hosts that are asked without a proxy. Which of the two names counts for more differs between libraries."""


def ask_directly(*hosts: str) -> None:
    """This process, and those that it starts, ask these hosts without the proxy that the environment may name."""
    if not {"http_proxy", "all_proxy"} & {name.lower() for name in os.environ}:
        return
    known = [host.strip() for value in environment(*DIRECT).values() for host in value.split(",") if host.strip()]
    every = "*" if "*" in known else ",".join(dict.fromkeys([*known, *(host.strip("[]") for host in hosts)]))
    if environment(*DIRECT) != dict.fromkeys(DIRECT, every):
        os.environ.update(dict.fromkeys(DIRECT, every))


def environment(*names: str) -> dict[str, str]:
    """This process's environment: the named variables that are set, or all of it when none is named."""
    return {name: os.environ[name] for name in names or os.environ if name in os.environ}
