"""`lake audit` prints what it finds as it is, each finding in one line that can be searched."""

from pathlib import Path

import pytest
import typer

import lake as command
from streaming.audit import certificate
from streaming.audit.certificate import Audit
from tests.unit.audited import Lake, page

KEY = "in:100:a.csv"


def printed(
    result: Audit, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[int, list[str]]:
    """The exit code and the lines."""
    monkeypatch.setattr(certificate, "audit", lambda *_, **__: result)
    with pytest.raises(typer.Exit) as ended:
        command.audit()
    return ended.value.exit_code, capsys.readouterr().out.splitlines()


@pytest.mark.parametrize(
    ("key", "shown"),
    [(KEY, KEY), ("[red]x[/red] " + "y" * 200, "[red]x[/red] " + "y" * 200), ("a\n\x1b[2J", r"a\n\x1b[2J")],
)
def test_a_key_is_printed_as_it_is_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], key: str, shown: str
) -> None:
    lake = Lake(tmp_path)
    lake.load(page("one"), key)
    lake.messages.clear()
    code, lines = printed(lake.commit().audit(), monkeypatch, capsys)
    assert (code, lines[-1]) == (1, f"rows: {shown} version v1: decision 1: 0 rows in messages, expected 1")


def test_an_audit_that_finds_nothing_prints_its_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lake = Lake(tmp_path)
    lake.load(page("one"), KEY)
    code, lines = printed(lake.commit().audit(), monkeypatch, capsys)
    assert (code, lines[-1].split()) == (0, ["clean", "True"])
