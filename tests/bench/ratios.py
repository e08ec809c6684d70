"""How much larger the figures of one arm are than those of the other, and whether that stays within a limit."""

from collections.abc import Sequence
from itertools import combinations
from random import Random
from statistics import median, quantiles
from typing import NamedTuple

PAIRS = 5
"""With fewer nothing can be said."""
DRAWS = 4000
OUTSIDE = 0.025
"""The share of the draws on either side of the interval."""


class Ratio(NamedTuple):
    """The median over the pairs, and the interval in which it lies with 95 % confidence."""

    median: float
    low: float
    high: float
    pairs: int

    def within(self, least: float, most: float) -> str:
        """The whole interval must lie between the two, or outside of them."""
        if self.pairs < PAIRS:
            return "inconclusive"
        if least <= self.low and self.high <= most:
            return "holds"
        return "does not hold" if self.high < least or self.low > most else "inconclusive"

    def __str__(self) -> str:
        return f"{self.median:.3f} ({self.low:.3f} to {self.high:.3f})"


def ratio(small: Sequence[float], large: Sequence[float]) -> Ratio:
    """Large to small, pair by pair; the interval is a bootstrap's (percentiles of the medians of pairs drawn anew)."""
    pairs = [one / other for other, one in zip(small, large, strict=True)]
    rng = Random(1)  # noqa: S311  # the same interval for the same figures
    drawn = sorted(median(rng.choices(pairs, k=len(pairs))) for _ in range(DRAWS))
    return Ratio(median(pairs), drawn[int(DRAWS * OUTSIDE)], drawn[int(DRAWS * (1 - OUTSIDE)) - 1], len(pairs))


def tails(small: Sequence[float], large: Sequence[float]) -> Ratio:
    """Large to small, each at the slowest hundredth of all its figures; the interval is a bootstrap's over the figures of both."""
    rng = Random(1)  # noqa: S311  # the same interval for the same figures
    drawn = sorted(p99(rng.choices(large, k=len(large))) / p99(rng.choices(small, k=len(small))) for _ in range(DRAWS))
    found = p99(large) / p99(small)
    return Ratio(found, drawn[int(DRAWS * OUTSIDE)], drawn[int(DRAWS * (1 - OUTSIDE)) - 1], min(len(small), len(large)))


def p99(figures: Sequence[float]) -> float:
    """What 99 of a hundred do not exceed."""
    return quantiles(figures, n=100, method="inclusive")[98]


def slope(points: Sequence[tuple[float, float]]) -> float:
    """What y grows by with x: the median over all pairs of points (Theil 1950, Sen 1968), which a few outliers do not move."""
    return median((late[1] - early[1]) / (late[0] - early[0]) for early, late in combinations(points, 2))
