"""The compose files as the local stack reads them: the part of the format that we use, anything else refused by name."""

from pathlib import Path

import pytest

from conf.errors import StackError
from conf.local.compose_files import environment, read
from conf.local.definition import Service, on_this_machine

TOP = "name: test\ninclude:\n  - {path: part.yml, project_directory: ., env_file: [x.env]}\n"
PLAIN = """
services:
  one:
    command: [run, "${WORD:-default}"]
    restart: unless-stopped
    healthcheck: {test: [CMD, check, it]}
"""


def stack(folder: Path, part: str, top: str = TOP) -> Path:
    """The top file of a stack with one part."""
    (folder / "part.yml").write_text(part)
    (folder / "x.env").write_text("PORT=${PORT:-99}\nWORD=of the file\n")
    (folder / "top.yml").write_text(top)
    return folder / "top.yml"


def services(folder: Path, part: str, **variables: str) -> dict[str, Service]:
    return {one.name: one for one in on_this_machine(variables, stack(folder, part))}


def test_a_service_is_what_its_block_says(tmp_path: Path) -> None:
    part = PLAIN + (
        '    ports: ["127.0.0.1:${PORT}:8080"]\n    env_file: [x.env]\n    environment: {WORD: its own, EMPTY: ""}\n'
        "    stop_signal: SIGINT\n    stop_grace_period: 7s\n    depends_on: {two: {condition: service_completed_successfully}}\n"
        "    x-page: http://127.0.0.1:${PORT}/page\n"
        "  two: {command: [other]}\n"
    )
    found = services(tmp_path, part, WORD="chosen", PORT="77")
    assert found["one"] == Service(
        name="one",
        command=("run", "chosen"),
        environment={"PORT": "77", "WORD": "its own"},
        needs=frozenset({"two"}),
        stays=True,
        healthcheck=("check", "it"),
        ports={"PORT": 77},
        stop_signal="INT",
        stop_seconds=7,
        signals_group=False,
        page="http://127.0.0.1:77/page",
    )
    assert (found["two"].stays, found["two"].healthcheck) == (False, ())


def test_a_template_is_added_to_and_what_a_service_says_itself_wins(tmp_path: Path) -> None:
    (tmp_path / "templates.yml").write_text(
        "services:\n"
        "  base: {command: [base], environment: {A: base, B: base}, env_file: [a.env], stop_grace_period: 9s}\n"
        "  more: {extends: {service: base}, environment: {B: more}}\n"
    )
    part = (
        "services:\n  one:\n    extends: {file: templates.yml, service: more}\n"
        "    env_file: [b.env]\n    environment: {C: own}\n    command: [own]\n"
    )
    block = read({}, stack(tmp_path, part))["one"]
    assert block.environment == {"A": "base", "B": "more", "C": "own"}
    assert (block.env_file, block.command, block.stop_grace_period) == (["a.env", "b.env"], ["own"], "9s")


def test_what_differs_on_this_machine_stands_below_x_local(tmp_path: Path) -> None:
    part = PLAIN + (
        "    environment: {A: container, B: container}\n    depends_on: {gone: {condition: service_completed_successfully}}\n"
        '    x-local: {environment: {A: machine, B: ""}, healthcheck: [CMD, other], ports: [PORT]}\n'
        "  gone:\n    command: [gone]\n    x-local: {absent: true}\n"
        "  tool:\n    command: [tool]\n    profiles: [tools]\n"
    )
    found = services(tmp_path, part, PORT="5")
    assert set(found) == {"one"}
    one = found["one"]
    assert (one.environment, one.healthcheck, one.ports, set(one.needs)) == (
        {"A": "machine"},
        ("other",),
        {"PORT": 5},
        set(),
    )
    assert environment(read({}, tmp_path / "top.yml")["one"], {}, tmp_path) == {"A": "container", "B": "container"}


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        pytest.param(
            "    deploy: {replicas: 2}\n", "part.yml, one: deploy is .*Extra inputs", id="a key that is not read"
        ),
        pytest.param("    restart: always\n", "one: restart is 'always'", id="a value that is not read"),
        pytest.param("    environment: {A: 5}\n", "one: environment.A is 5", id="a number where a text belongs"),
        pytest.param("    environment: [A=5]\n", "one: environment is", id="a list where a mapping belongs"),
        pytest.param("    stop_grace_period: 1m30s\n", "one: stop_grace_period is '1m30s'", id="a duration"),
        pytest.param("    x-local: {user: root}\n", "one: x-local.user is 'root'", id="below x-local"),
        pytest.param(
            "    depends_on: {two: {condition: service_started}}\n", "one: depends_on.two.condition", id="condition"
        ),
        pytest.param(
            '    ports: ["8080:8080"]\n', "The port '8080:8080' is not of the form", id="a port for everybody"
        ),
        pytest.param("    command: []\n", "one: command is", id="no command"),
        pytest.param(
            "    healthcheck: {test: [CMD-SHELL, check it]}\n", "its healthcheck is .'CMD-SHELL'", id="a shell's words"
        ),
        pytest.param("    healthcheck: {test: [CMD, check], start_interval: 1s}\n", "start_interval", id="in a check"),
    ],
)
def test_anything_else_is_refused_by_name(tmp_path: Path, more: str, complaint: str) -> None:
    key = more.strip().split(":")[0]
    kept = "".join(f"{line}\n" for line in PLAIN.splitlines() if not line.strip().startswith(f"{key}:"))
    with pytest.raises(StackError, match=complaint):
        services(tmp_path, kept + more)


@pytest.mark.parametrize(
    ("part", "complaint"),
    [
        ("services:\n  one: {image: x}\n", "one needs a command and no entrypoint"),
        ("services:\n  one: {command: [x], restart: unless-stopped}\n", "one stays and has no healthcheck"),
        ("services:\n  one: {command: [x], entrypoint: [y]}\n", "one needs a command and no entrypoint"),
        ("networks: {}\nservices: {}\n", "part.yml: networks is .*Extra inputs"),
        ("services:\n  one:\n", "part.yml: services.one is None"),
        ("services:\n  one: {command: [x], command: [y]}\n", "'command' stands twice"),
        ("services:\n  one: {command: [x]}\n  one: {command: [y]}\n", "'one' stands twice"),
        ("services: [\n", "part.yml cannot be read"),
        ("", "part.yml: services is .*Field required"),
        ("services:\n  one: {command: [x], extends: two}\n", "one: extends: .* is 'two'"),
        ("services:\n  one: {command: [x], extends: {service: two}}\n", "extends 'two', which is not in"),
        ("services:\n  one: {command: ['${TYPO}']}\n", "part.yml, one: command is '.{TYPO}': TYPO is the name of no"),
        ("services:\n  one: {command: [x], x-local: {ports: [TYPO]}}\n", "one listens on TYPO, which is no setting"),
        ("services:\n  one: {command: [x], x-local: {healthcheck: []}}\n", "x-local.healthcheck is \\[\\]"),
    ],
)
def test_what_cannot_run_on_this_machine_is_refused_by_name(tmp_path: Path, part: str, complaint: str) -> None:
    with pytest.raises(StackError, match=complaint):
        services(tmp_path, part)


ON = "    depends_on: {{two: {{condition: {}}}}}\n"
TASK = "  two: {command: [task]}\n"


@pytest.mark.parametrize(
    ("part", "complaint"),
    [
        (PLAIN + ON.format("service_healthy"), "one depends on 'two', which is no service"),
        (PLAIN + ON.format("service_healthy") + TASK, "two is service_healthy: a task completes"),
        (
            PLAIN
            + ON.format("service_completed_successfully")
            + "  two: {command: [task], depends_on: {one: {condition: service_healthy}}}\n",
            "These wait for each other: ",
        ),
    ],
)
def test_what_would_be_waited_for_in_vain_is_refused(tmp_path: Path, part: str, complaint: str) -> None:
    with pytest.raises(StackError, match=complaint):
        services(tmp_path, part)


@pytest.mark.parametrize("port", ["abc", "70000", "0", "-1", "8_0", " 80", "9" * 5000])
def test_a_port_that_is_none_is_named_with_its_setting(tmp_path: Path, port: str) -> None:
    with pytest.raises(StackError, match=f"PORT='{port}': a port is a whole number from 1 to 65535"):
        services(tmp_path, PLAIN + '    ports: ["127.0.0.1:${PORT}:8080"]\n', PORT=port)


def test_a_service_in_two_files_is_refused(tmp_path: Path) -> None:
    second = "  - {path: second.yml, project_directory: ., env_file: [x.env]}\n"
    (tmp_path / "second.yml").write_text(PLAIN)
    with pytest.raises(StackError, match=r"second\.yml, one: a service of that name stands in another file"):
        read({}, stack(tmp_path, PLAIN, TOP + second))


def test_a_top_file_that_does_more_than_include_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StackError, match=r"services is .*Extra inputs"):
        read({}, stack(tmp_path, PLAIN, TOP + "services: {}\n"))
