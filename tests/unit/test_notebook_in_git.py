"""The notebook as it lies in git: cleared of what a run left in it, and without logic of its own."""

import ast
import json
from typing import Any

import pytest

from conf.machine import ROOT

NOTEBOOK = ROOT / "training" / "sms-spam-classifier.ipynb"


@pytest.fixture(scope="module")
def cells() -> list[dict[str, Any]]:
    return list(json.loads(NOTEBOOK.read_text())["cells"])


def test_it_is_cleared_of_output(cells: list[dict[str, Any]]) -> None:
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert code
    assert [cell["outputs"] for cell in code] == [[]] * len(code)
    assert [cell["execution_count"] for cell in code] == [None] * len(code)
    assert [cell["metadata"] for cell in cells] == [{}] * len(cells)


def test_it_calls_functions_and_has_none(cells: list[dict[str, Any]]) -> None:
    """No function, loop, branch or class: those are in `training/`, where they are tested."""
    logic = (ast.FunctionDef, ast.ClassDef, ast.Lambda, ast.For, ast.While, ast.If, ast.IfExp, ast.Try)
    for cell in cells:
        if cell["cell_type"] == "code":
            lines = [line for line in "".join(cell["source"]).splitlines() if not line.startswith("%")]
            found = [type(node).__name__ for node in ast.walk(ast.parse("\n".join(lines))) if isinstance(node, logic)]
            assert found == [], lines
