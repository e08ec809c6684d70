"""The kill loop: the query dies again and again at points drawn from a seed, while objects land."""

import time
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from tests.faults.draining import last_batch
from tests.faults.points import POINTS, Scene
from tests.faults.query import Victim

OFTEN = 5
"""How often each named point is reached at least, in a loop of 60 kills and more."""
VICTIMS: dict[Victim, float] = {"tree": 4, "driver": 3, "jvm": 2, "workers": 1}


@dataclass
class Kill:
    """One round of the loop."""

    point: str
    victim: Victim
    reached: bool
    seconds: float
    batch_left_open: bool
    """Whether the query left a batch behind that the commit log does not have."""


@dataclass
class Loop:
    """What a kill loop did."""

    kills: list[Kill] = field(default_factory=list)

    @property
    def reached(self) -> Counter[str]:
        """How often each point was reached."""
        return Counter(kill.point for kill in self.kills if kill.reached)

    @property
    def missed(self) -> Counter[str]:
        """How often a point did not come in time."""
        return Counter(kill.point for kill in self.kills if not kill.reached)


def plan(kills: int, points: Sequence[str], rng: Random) -> list[str]:
    """So many points in any order: each as often as it must be reached, if there are kills enough; the rest anything."""
    least = min(OFTEN, kills // len(points))
    named = [point for point in points for _ in range(least)]
    rest = rng.choices([*points, "any moment"], k=kills - len(named))
    rng.shuffle(named)
    return [*named, *rest]


def run(scene: Scene, kills: int, points: Sequence[str]) -> Loop:
    """Kill so many times. A point that does not come in time is tried again at the end, a few times."""
    loop = Loop()
    waiting, tries = deque(plan(kills, points, scene.rng)), Counter[str]()
    while waiting:
        point = waiting.popleft()
        [scene.victim] = scene.rng.choices(list(VICTIMS), list(VICTIMS.values()))
        loop.kills.append(_kill(scene, point))
        tries[point] += not loop.kills[-1].reached
        if not loop.kills[-1].reached and tries[point] <= OFTEN:
            waiting.append(point)
    return loop


def _kill(scene: Scene, point: str) -> Kill:
    since = time.monotonic()
    reached = POINTS[point](scene)
    left_open = last_batch(scene.query.checkpoint, "offsets") > last_batch(scene.query.checkpoint, "commits")
    # C4 is only where the commit log does not know the batch.
    reached = reached and (left_open or point != "C4")
    return Kill(point, scene.victim, reached, round(time.monotonic() - since, 1), left_open)
