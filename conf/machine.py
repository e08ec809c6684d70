"""This clone, and the machine on which it lies."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / ".lake" / "tools"
"""What set-up puts into the folder: jars, Java, MinIO."""
HOST = "127.0.0.1"
"""Where everything of a local stack listens."""


def environment(*names: str) -> dict[str, str]:
    """This process's environment: the named variables that are set, or all of it when none is named."""
    return {name: os.environ[name] for name in names or os.environ if name in os.environ}
