"""The notebook, run from top to bottom by a kernel of its own, on tables that the streaming query's own code made."""

import base64
import copy
import io
import os
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient
from PIL import Image

from conf.machine import ROOT
from conf.settings import load
from source_api.dataset import chosen
from source_api.pages import ruled
from tests.unit.audited import Lake

NOTEBOOK = ROOT / "training" / "sms-spam-classifier.ipynb"
# So many records a decision; enough for five folds, few enough for a quick test.
RECORDS, DECISIONS = 450, 3
PICTURES = [
    "growth",
    "repairs",
    "roc",
    "precision-recall",
    "calibration",
    "confusion",
    "tokens",
    "learning-curve",
    "compared",
]
PATIENCE_SECONDS = 800


@pytest.fixture(scope="module")
def messages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`messages` with a decision for each page, `quarantine` and `ledger` beside it; the last page has records that are no messages."""
    lake = Lake(tmp_path_factory.mktemp("lake"))
    sheet = ruled(chosen(load()).content)
    for number in range(DECISIONS):
        content = sheet.page(number * RECORDS, RECORDS).content
        if number == DECISIONS - 1:
            content += b"eggs,not a label,,,\r\nhalf,\r\n"
        lake.load_page(number + 1, content)
        lake.commit()
    return Path(lake.place.root) / "messages"


@pytest.fixture(scope="module")
def ran(messages: Path, tmp_path_factory: pytest.TempPathFactory) -> nbformat.NotebookNode:
    """The notebook with what its cells answered; the first cell that fails fails the test, with its error."""
    notebook: nbformat.NotebookNode = nbformat.read(NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]  # it has no types
    environment = os.environ | {
        "NOTEBOOK_TABLE": str(messages),
        "LAKE_HOME": str(tmp_path_factory.mktemp("home")),
        "IPYTHONDIR": str(tmp_path_factory.mktemp("ipython")),
        "TRAINER_ACCESS_KEY": "nobody",
        "TRAINER_SECRET_KEY": "none",
    }
    client = NotebookClient(
        notebook,
        timeout=PATIENCE_SECONDS,
        kernel_name="python3",
        resources={"metadata": {"path": str(NOTEBOOK.parent)}},
    )
    # Whoever runs all cells once more does so in the same kernel, and whoever begins anew in the middle does not stop the session first.
    place, begin = next((place, cell) for place, cell in enumerate(notebook.cells) if cell.cell_type == "code")
    with client.setup_kernel(env=environment):
        for number, cell in enumerate(notebook.cells):
            client.execute_cell(cell, number)
        ran = copy.deepcopy(notebook)
        for _ in range(2):
            client.execute_cell(begin, place)
    return ran


def pictures(notebook: nbformat.NotebookNode) -> list[bytes]:
    """The PNGs, from top to bottom."""
    outputs = (output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs)
    return [base64.b64decode(output.data["image/png"]) for output in outputs if "image/png" in output.get("data", {})]


def text(notebook: nbformat.NotebookNode) -> str:
    """All that the cells answered in words."""
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    return "\n".join(output.get("text", "") or output.get("data", {}).get("text/plain", "") for output in outputs)


def test_every_cell_ran_and_none_complained(ran: nbformat.NotebookNode) -> None:
    code = [cell for cell in ran.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    kinds = {output.output_type for cell in code for output in cell.outputs}
    assert "error" not in kinds
    assert "Traceback" not in text(ran)


def test_every_picture_is_there_and_shows_something(ran: nbformat.NotebookNode, tmp_path: Path) -> None:
    drawn = dict(zip(PICTURES, pictures(ran), strict=True))
    for name, png in drawn.items():
        # Kept by pytest, to be looked at.
        (tmp_path / f"{name}.png").write_bytes(png)
        pixels = np.asarray(Image.open(io.BytesIO(png)).convert("L"))
        assert min(pixels.shape) >= 200, name
        assert 0.01 < (pixels < 250).mean() < 0.9, name


def test_it_shows_rows_quarantine_ledger_and_what_cleaning_did(ran: nbformat.NotebookNode) -> None:
    said = text(ran)
    assert "'learning curve': [1, 2, 3]" in said
    assert "source_key" in said
    assert "unknown_label" in said
    assert "notification" in said
    assert "escaped_quotes" in said


def test_it_compares_the_versions_on_the_messages_of_both(ran: nbformat.NotebookNode) -> None:
    said = text(ran)
    assert "recall_no_ham" in said
    assert "'earlier': 1," in said
    assert f"'later': {DECISIONS}," in said
