"""What is written for supervisor is what supervisor reads."""

import tempfile
from configparser import RawConfigParser
from pathlib import Path

import pytest
from supervisor.datatypes import dict_of_key_value_pairs

from conf.errors import StackError
from conf.first_start import secrets
from conf.local import supervision
from conf.local.supervision import Supervisor, render
from conf.settings import load
from tests.unit.served import service


@pytest.fixture
def supervisor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Supervisor:
    monkeypatch.setenv("LAKE_HOME", str(tmp_path))
    secrets.for_home(tmp_path)
    return Supervisor(load())


def test_an_environment_arrives_as_it_was_given(supervisor: Supervisor) -> None:
    given = {"LANDING_SCHEDULE": "*/5 * * * *", "SMS_SPAM_CSV": "/a folder/100 %/x,y.csv", "EMPTY": ""}
    section = supervisor.program(service("one", "/bin/true", **given))
    assert dict_of_key_value_pairs(section["environment"]) == given


def test_a_percent_sign_is_doubled_because_supervisor_expands_it() -> None:
    assert render({"program:one": {"command": "date +%s"}}) == "[program:one]\ncommand=date +%%s\n"


@pytest.mark.parametrize("value", ['say "so"', "'ends'", "a\\b"])
def test_what_supervisor_would_change_is_refused(supervisor: Supervisor, value: str) -> None:
    with pytest.raises(StackError, match="cannot take a quote or a backslash in WORD"):
        supervisor.program(service("one", "/bin/true", WORD=value))


@pytest.mark.parametrize("value", ["a\nb", "a ;b", "a #b"])
def test_what_supervisor_would_cut_is_refused(value: str) -> None:
    with pytest.raises(StackError, match="cannot take"):
        render({"program:one": {"environment": value}})


def test_a_folder_with_a_long_path_gets_its_socket_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / ("long" * 30)
    monkeypatch.setenv("LAKE_HOME", str(home))
    secrets.for_home(home)
    socket = Supervisor(load()).socket()
    socket.parent.rmdir()
    assert len(str(socket)) < 90


@pytest.fixture
def long_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home whose socket lies elsewhere: here in a folder of this test's own."""
    monkeypatch.setattr(supervision, "ELSEWHERE", tmp_path)
    home = tmp_path / ("long" * 30)
    monkeypatch.setenv("LAKE_HOME", str(home))
    secrets.for_home(home)
    return home


@pytest.mark.usefixtures("long_home")
def test_a_shell_with_another_folder_for_temporary_files_finds_the_same_socket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Supervisor(load()).socket()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "other"))
    monkeypatch.setattr(tempfile, "tempdir", None)  # as in a process of its own
    assert Supervisor(load()).socket() == first


@pytest.mark.usefixtures("long_home")
def test_a_folder_that_others_may_enter_holds_no_socket() -> None:
    folder = Supervisor(load()).socket().parent
    folder.chmod(0o755)
    with pytest.raises(StackError, match=f"{folder} is not a folder that only this account may enter"):
        Supervisor(load()).socket()
    folder.rmdir()
    folder.symlink_to(folder.parent)
    with pytest.raises(StackError, match=f"{folder} is not a folder that only this account may enter"):
        Supervisor(load()).socket()


def test_the_written_file_is_an_ini_file(supervisor: Supervisor) -> None:
    parser = RawConfigParser()
    parser.read_string(render({"program:one": supervisor.program(service("one", "/bin/true", "a b"))}))
    assert parser["program:one"]["command"] == '"/bin/true" "a b"'
