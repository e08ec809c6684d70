"""The rules of a feed, decided by SQLite: each is a generated column of a table of its own, which holds one row.

SQLite itself requires that such an expression looks only at its own row and gives the same for the same row: no subqueries, no
aggregates, no clock, no chance (https://sqlite.org/gencol.html, "Limitations"). So a rule can be decided again at any time.
"""

import re
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import NamedTuple

from streaming.errors import OverdueError
from streaming.feeds.feed import Column, Kind, Rule

_TYPES: Mapping[Kind, str] = {"string": "TEXT", "integer": "INTEGER", "number": "REAL", "boolean": "INTEGER"}

Value = str | int | float | bool | date | None

# A value of each kind. The text is also a number, a pattern and JSON: a function that expects one of these has no reason to fail.
_SAMPLES: Mapping[Kind, Value] = {
    "string": "0",
    "integer": 1,
    "number": 1.5,
    "boolean": True,
    "timestamp": datetime(2000, 1, 1, tzinfo=UTC),
    "date": date(2000, 1, 1),
}


class PatternError(Exception):
    """A pattern that Python cannot read; the message says where it is wrong."""


class Broken(NamedTuple):
    """A rule that does not hold, and why."""

    rule: Rule
    why: str
    is_undecided: bool = False


class Rules:
    """Rules over rows with these columns, label and text among them."""

    def __init__(self, rules: Sequence[Rule], columns: Sequence[Column]) -> None:
        """Raises `ValueError` for an invalid expression; the message says where it is wrong."""
        self._rules, self._columns = rules, columns
        every = [f'"{column.name}"' for column in columns]
        names, places = ", ".join(every), ", ".join("?" * len(columns))
        self._row = f'("the row", {names}) VALUES (1, {places})'
        self._base = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        self._raised: OverdueError | PatternError | None = None
        self._base.create_function("regexp", 2, self._matches, deterministic=True)
        # No column of a feed has a blank in its name.
        stored = ['"the row" INTEGER PRIMARY KEY']
        stored += [f'"{column.name}" {_TYPES.get(column.kind, "TEXT")}' for column in columns]
        try:
            for number, rule in enumerate(rules):
                made = ", ".join([*stored, f'"it holds" AS (\n{rule.expression}\n)'])
                self._base.execute(f"CREATE TABLE record_{number} ({made})")
        except sqlite3.Error as error:
            raise ValueError(f"{error}. Columns are {', '.join(column.name for column in columns)}") from error

    def undecided(self) -> list[Broken]:
        """The rules that cannot be decided of a row without values, or of one with a value in each column."""
        sample = {column.name: _SAMPLES[column.kind] for column in self._columns}
        return [one for one in self.broken({}) + self.broken(sample) if one.is_undecided]

    def broken(self, row: Mapping[str, Value]) -> list[Broken]:
        """The rules that do not hold. A rule that is null, such as a comparison with a missing value, holds, as in SQL's CHECK."""
        values = [_stored(row.get(column.name)) for column in self._columns]
        found = (self._decided(number, rule, values) for number, rule in enumerate(self._rules))
        return [one for one in found if one]

    def _decided(self, number: int, rule: Rule, values: Sequence[str | float | None]) -> Broken | None:
        try:
            # The only row is replaced by the next. S608: the names of a contract are letters, digits and _.
            self._base.execute(f"INSERT OR REPLACE INTO record_{number} {self._row}", values)
            [holds] = self._base.execute(f'SELECT "it holds" IS NOT FALSE FROM record_{number}').fetchone()
        except sqlite3.Error as error:
            return Broken(rule, f"{rule.expression} cannot be decided: {self._reason(error)}", is_undecided=True)
        return None if holds else Broken(rule, f"{rule.expression} does not hold")

    def _matches(self, pattern: Value, value: Value) -> bool | None:
        try:
            return _matches(pattern, value)
        except (OverdueError, PatternError) as error:
            # SQLite only says that there was an exception.
            self._raised = error
            raise

    def _reason(self, error: sqlite3.Error) -> Exception:
        """Why SQLite gave up. Raises `OverdueError` where the time was up."""
        raised, self._raised = self._raised, None
        if isinstance(raised, OverdueError):
            raise raised
        return raised or error


@lru_cache(maxsize=16)
def of(rules: tuple[Rule, ...], columns: tuple[Column, ...]) -> Rules:
    """These rules, made once per process."""
    return Rules(rules, columns)


def _stored(value: Value) -> str | float | None:
    return value.isoformat() if isinstance(value, date) else value


def _matches(pattern: Value, value: Value) -> bool | None:
    """Whether the pattern is found in the value as Python writes it. A wrong pattern is told even where there is no value."""
    if pattern is None:
        return None
    try:
        found = re.compile(str(pattern))
    except (re.error, OverflowError, RecursionError) as error:
        raise PatternError(f"{str(pattern)!r:.200} is no regular expression of Python: {error}") from error
    return None if value is None else found.search(str(value)) is not None
