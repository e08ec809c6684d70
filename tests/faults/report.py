"""What a run of the fault suite says: a table case → result → seconds, the cases that it had no test for, and JSON."""

import json
import tomllib
from collections import defaultdict
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pytest

CASES = Path(__file__).with_name("cases.toml")


@dataclass(frozen=True)
class Case:
    """One case: what happens, what must follow, and where else than here it is tested."""

    what: str
    expected: str
    priority: int
    elsewhere: list[str] = field(default_factory=list)


def cases() -> dict[str, Case]:
    """All cases that concern landing, streaming and audit, by number."""
    return {number: Case(**told) for number, told in tomllib.loads(CASES.read_text()).items()}


@dataclass
class Result:
    """How one test went."""

    test: str
    outcome: str = "passed"
    seconds: float = 0
    details: dict[str, Any] = field(default_factory=dict)


class Report:
    """A plugin that follows the tests and sums them up by case."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._cases = cases()
        self._numbers: dict[str, list[str]] = {}
        self._results: dict[str, Result] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Which cases each test is about: its marks say it here, the list of cases elsewhere."""
        elsewhere = [(node, number) for number, case in self._cases.items() for node in case.elsewhere]
        for item in items:
            marked = [number for mark in item.iter_markers("case") for number in mark.args]
            listed = [number for node, number in elsewhere if item.nodeid.startswith(node)]
            if unknown := {*marked} - {*self._cases}:
                raise pytest.UsageError(f"{item.nodeid} is about {unknown}, which {CASES.name} does not know")
            self._numbers[item.nodeid] = marked + listed

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """The worst of a test's phases counts, and the time of all."""
        result = self._results.setdefault(report.nodeid, Result(report.nodeid))
        result.seconds = round(result.seconds + report.duration, 1)
        result.details |= dict(report.user_properties)
        if report.failed or report.skipped:
            result.outcome = report.outcome

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """The table, the cases without a test, and the file."""
        by_case = self._by_case()
        terminalreporter.section("faults")
        for number, case in self._cases.items():
            found = by_case[number]
            seconds = sum(result.seconds for result in found)
            terminalreporter.line(f"{number:4} P{case.priority}  {_outcome(found):8} {seconds:7.1f} s  {case.what}")
        tested = {number for numbers in self._numbers.values() for number in numbers}
        untested = [number for number in self._cases if number not in tested]
        terminalreporter.line(f"without a test in this run: {', '.join(untested) or 'none'}")
        if file := self._config.getoption("json", None):
            file.write_text(json.dumps(self._as_dict(by_case, untested), indent=2, ensure_ascii=False) + "\n")

    def _by_case(self) -> dict[str, list[Result]]:
        by_case: dict[str, list[Result]] = defaultdict(list)
        for node, result in self._results.items():
            for number in dict.fromkeys(self._numbers.get(node, [])):
                by_case[number].append(result)
        return by_case

    def _as_dict(self, by_case: dict[str, list[Result]], untested: list[str]) -> dict[str, Any]:
        options = {name: self._config.getoption(name, None) for name in ("seed", "kills", "whole")}
        told = {number: {"result": _outcome(by_case[number]), **asdict(case)} for number, case in self._cases.items()}
        for number, case in told.items():
            case["tests"] = [result.test for result in by_case[number]]
        tests = [asdict(result) for node, result in self._results.items() if self._numbers.get(node)]
        return {**options, "cases": told, "untested": untested, "tests": tests}


def _outcome(results: list[Result]) -> str:
    """Passed when something passed and nothing failed."""
    outcomes = {result.outcome for result in results}
    return next((word for word in ("failed", "passed", "skipped") if word in outcomes), "not run")
