"""docs/cleaning.md names each rule and each repair that there is, and no other."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

from conf.machine import ROOT
from streaming.events import intake
from streaming.page import encoding, lost_bytes, misreading, structure
from tests.sms import SMS

# What is raised or returned with a rule, and where among its words the rule is.
TOLD_BY = {"PageError": 0, "_BrokenError": 0, "Flaw": 0, "UnexplainedBytesError": 0, "unread": 1, "refused": 1}
REPAIRS = {
    *(damage.name for damage in SMS.damages),
    *(encoding.LEFT, encoding.REPLACED, lost_bytes.BY_EVIDENCE, lost_bytes.BY_TABLE),
    *(f"{misreading.GUESSED}…", misreading.LOOKS_DAMAGED),
    *(structure.ESCAPED, structure.SPILLED, structure.SWALLOWED, structure.SWALLOWED_LABEL),
}


def named(title: str) -> set[str]:
    """The names in the first column of the table below this title."""
    page = (ROOT / "docs" / "cleaning.md").read_text("utf-8")
    rows = page.partition(f"\n## {title}\n")[2].partition("\n## ")[0].splitlines()
    return {name for row in rows if row.startswith("| `") for name in re.findall("`(.*?)`", row.split("|")[1])}


def rules(file: Path) -> Iterator[str]:
    """Those that stand in the code of a file."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            rule = node.args[TOLD_BY[name]] if name in TOLD_BY and len(node.args) > TOLD_BY[name] else None
            if isinstance(rule, ast.Constant) and isinstance(rule.value, str):
                yield rule.value


def test_each_rule_is_explained() -> None:
    files = [*(ROOT / "streaming" / "page").glob("*.py"), ROOT / "streaming" / "decide" / "worker.py"]
    in_code = {rule for file in files for rule in rules(file)}
    assert len(in_code) > 15
    assert named("What is kept in quarantine, and why") == in_code | set(get_args(intake.Rule))


def test_each_repair_is_explained() -> None:
    assert named("What `repair` says") == REPAIRS
