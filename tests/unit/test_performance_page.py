"""docs/performance.md says of each goal what the figures in docs/bench say, and so does the README of some."""

from conf.machine import ROOT
from tests.bench import plot


def test_each_goal_stands_as_it_was_measured() -> None:
    said = (ROOT / "docs" / "performance.md").read_text("utf-8")
    found = plot.goals(plot.KEPT)
    assert len(found) >= 3
    missing = [plot.row(goal) for goal in found if plot.row(goal) not in said]
    assert not missing, "\n".join(["make bench P=plot prints the table", *missing])


def test_the_readme_says_nothing_else() -> None:
    said = [line for line in (ROOT / "README.md").read_text("utf-8").splitlines() if line.startswith("| P")]
    assert len(said) >= 5
    assert set(said) <= {plot.row(goal) for goal in plot.goals(plot.KEPT)}
