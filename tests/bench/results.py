"""Where a benchmark keeps its figures: as JSON, with what they are worth nothing without."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from tests.bench.machine import machine

Json = Annotated[Path | None, typer.Option("--json", help="Where the figures are written to.")]


def keep(file: Path | None, figures: dict[str, Any]) -> None:
    """They lie in the file, if one is named, with commit, versions and machine."""
    if file:
        file.write_text(json.dumps(figures | machine(), indent=1), "utf-8")
