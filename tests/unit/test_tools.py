"""Set-up takes only tools that fit, and says what to type where it finds none."""

from pathlib import Path

import pytest

from conf.tools import bootstrap, java, minio


def program(folder: Path, name: str, says: str) -> Path:
    """A program that prints what a real one of some version prints."""
    file = folder / name
    file.write_text(f"#!/bin/sh\n{says}\n")
    file.chmod(0o755)
    return file


def java_of(folder: Path, version: str, code: int = 0) -> Path:
    lines = f"    java.home = /opt/java\n    java.specification.version = {version}"
    return program(folder, "java", f'echo "{lines}" >&2; exit {code}')


@pytest.mark.parametrize(
    ("version", "fits"), [("1.8", False), ("11", False), ("17", True), ("21", True), ("24", False)]
)
def test_java_fits_when_it_is_17_or_21(tmp_path: Path, version: str, *, fits: bool) -> None:
    assert java.fitting_home(java_of(tmp_path, version)) == (Path("/opt/java") if fits else None)


def test_a_java_without_the_module_that_spark_asks_for_does_not_fit(tmp_path: Path) -> None:
    assert java.fitting_home(java_of(tmp_path, "17", code=1)) is None


@pytest.mark.parametrize(
    ("version", "fits"), [("go1.23.9", False), ("go1.24", True), ("go1.26.8", True), ("go2.0", True)]
)
def test_go_fits_when_it_is_new_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, *, fits: bool
) -> None:
    go = program(tmp_path, "go", f"echo {version}")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert minio.find_go() == (go if fits else None)


@pytest.mark.parametrize("version", [(2, 7), (3, 10), (3, 14)])
def test_a_python_that_the_lock_does_not_cover_is_refused_with_what_to_type(version: tuple[int, int]) -> None:
    with pytest.raises(
        SystemExit, match=r"is Python \d\.\d+; Python 3\.11, 3\.12 or 3\.13 is needed.*make setup PYTHON="
    ):
        bootstrap.check_python(version)


@pytest.mark.parametrize("version", [(3, 11), (3, 12), (3, 13)])
def test_a_python_that_the_lock_covers_is_taken(version: tuple[int, int]) -> None:
    bootstrap.check_python(version)
