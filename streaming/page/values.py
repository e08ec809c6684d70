"""The values of the columns that a feed declares beside label and text, in their types."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from streaming.feeds.feed import Column, Kind
from streaming.page import checks
from streaming.page.checks import Flaw

_INTEGER = re.compile(r"[+-]?[0-9]+")
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
# What a `long` of Delta holds.
_LEAST, _MOST = -(2**63), 2**63 - 1

_EXPECTED: Mapping[Kind, str] = {
    "string": "a text",
    "integer": "a whole number of 64 bits",
    "number": "a number",
    "boolean": "true or false",
    "timestamp": "a time of ISO 8601 with its offset from UTC",
    "date": "a date as 2026-01-31",
}


def typed(told: Mapping[str, Any], columns: Sequence[Column]) -> dict[str, Any] | Flaw:
    """The values by column without the missing ones, or the first rule that one breaks: `missing_value`, `wrong_type`, `unknown_label`.

    `told` has texts or JSON values; None is a missing one. Times are in UTC.
    """
    values = {}
    for column in columns:
        if (value := told.get(column.name)) is None:
            if column.required:
                return Flaw("missing_value", f"{column.name} has none")
            continue
        try:
            values[column.name] = _READ[column.kind](value)
        except (ValueError, TypeError, OverflowError):
            return Flaw("wrong_type", f"{column.name} is {value!r:.80}, expected {_EXPECTED[column.kind]}")
        if column.values and value not in column.values:
            return checks.unlisted(column.name, value, column.values)
    return values


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _integer(value: Any) -> int:
    found = int(_matching(_INTEGER, value)) if isinstance(value, str) else value
    if not isinstance(found, int) or isinstance(found, bool) or not _LEAST <= found <= _MOST:
        raise ValueError
    return found


def _number(value: Any) -> float:
    if isinstance(value, bool):
        raise TypeError
    found = float(_matching(_NUMBER, value) if isinstance(value, str) else value)
    if not math.isfinite(found):
        raise ValueError
    return found


def _boolean(value: Any) -> bool:
    found = {"true": True, "false": False}.get(value.casefold()) if isinstance(value, str) else value
    if not isinstance(found, bool):
        raise TypeError
    return found


def _timestamp(value: Any) -> datetime:
    found = datetime.fromisoformat(_string(value))
    if found.tzinfo is None:
        raise ValueError
    return found.astimezone(UTC)


def _date(value: Any) -> date:
    return date.fromisoformat(_string(value))


_READ: Mapping[Kind, Callable[[Any], Any]] = {
    "string": _string,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "timestamp": _timestamp,
    "date": _date,
}


def _matching(pattern: re.Pattern[str], text: str) -> str:
    if not pattern.fullmatch(text):
        raise ValueError
    return text
