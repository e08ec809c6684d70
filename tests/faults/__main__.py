"""`python -m tests.faults`: the fault suite, with the tests elsewhere that are about one of its cases."""

import sys
from pathlib import Path
from typing import Annotated

import pytest
import typer

from tests.faults.report import cases

HERE = Path(__file__).parent

Kills = Annotated[int, typer.Option(help="How often the query is killed in the loop.")]
Seed = Annotated[int, typer.Option(help="What decides the load and the moments.")]
Json = Annotated[Path, typer.Option("--json", help="Where the report is written to.")]
Short = Annotated[bool, typer.Option(help="The part that runs with the other tests.")]
Only = Annotated[str, typer.Option("-k", help="Only tests whose names match, as pytest has it.")]


def main(
    kills: Kills = 60, seed: Seed = 1, report: Json = Path(".lake/faults.json"), short: Short = False, only: Only = ""
) -> None:
    """Run every case that has a test; exit code 0 when none failed."""
    elsewhere = sorted({node for case in cases().values() for node in case.elsewhere})
    options = [f"--kills={kills}", f"--seed={seed}", f"--json={report}", *([] if short else ["--whole"])]
    chosen = ["-k", only] if only else []
    sys.exit(pytest.main([str(HERE), *elsewhere, *options, *chosen]))


if __name__ == "__main__":
    typer.run(main)
