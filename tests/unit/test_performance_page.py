"""docs/performance.md says of each goal what the figures in docs/bench say."""

from conf.machine import ROOT
from tests.bench import plot


def test_each_goal_stands_as_it_was_measured() -> None:
    said = (ROOT / "docs" / "performance.md").read_text("utf-8")
    found = plot.goals(plot.KEPT)
    assert len(found) >= 3
    missing = [plot.row(goal) for goal in found if plot.row(goal) not in said]
    assert not missing, "\n".join(["make bench P=plot prints the table", *missing])
