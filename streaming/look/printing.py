"""Rows for people, for spreadsheets and for programs: aligned, CSV or JSON; any number of them, a few at a time."""

import csv
import json
import math
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import chain, islice
from typing import Any, TextIO

from conf.runs import runs

Row = dict[str, Any]

# Columns are as wide as the longest value of this many rows: later ones are not waited for.
MEASURED = 200
# Aligned, a longer value is cut and ends with …; JSON, CSV and one row by itself have all of it. A SHA-256 has 64.
WIDEST = 64


def aligned(columns: Sequence[str], rows: Iterable[Row], out: TextIO | None = None) -> int:
    """Columns below their names, or one value a line where the terminal is too narrow; answers how many rows."""
    out = out or sys.stdout
    left = iter(rows)
    first = list(islice(left, MEASURED))
    cells = [[_cut(shown(row[name])) for name in columns] for row in first]
    widths = [max(map(len, column)) for column in zip(columns, *cells, strict=True)]
    if out.isatty() and sum(widths) + 2 * len(widths) - 2 > shutil.get_terminal_size().columns:
        return _one_by_one(columns, chain(first, left), out)
    numbers = [all(isinstance(row[name], int | float | Decimal | None) for row in first) for name in columns]
    count = 0
    rest = ([_cut(shown(row[name])) for name in columns] for row in left)
    for count, values in enumerate(chain([list(columns)], cells, rest)):  # noqa: B007  # the last one counts
        places = zip(values, widths, numbers, strict=True)
        line = "  ".join(text.rjust(width) if number else text.ljust(width) for text, width, number in places)
        out.write(line.rstrip() + "\n")
    return count


def _one_by_one(columns: Sequence[str], rows: Iterable[Row], out: TextIO) -> int:
    width, count = max(map(len, columns)), 0
    for count, row in enumerate(rows, 1):
        out.write(f"-- {count}\n")
        out.writelines(f"{name.rjust(width)}  {shown(row[name])}".rstrip() + "\n" for name in columns)
    return count


def as_csv(columns: Sequence[str], rows: Iterable[Row], out: TextIO | None = None) -> None:
    """CSV with a header line; bytes in hex, nothing for null."""
    writer = csv.writer(out or sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([plain(row[name]) for name in columns] for row in rows)


def as_json(rows: Iterable[Row], out: TextIO | None = None) -> None:
    """One JSON array with a row in each line; bytes in hex, moments in ISO 8601."""
    out = out or sys.stdout
    separator = "[\n"
    for row in rows:
        out.write(separator + document(row))
        separator = ",\n"
    out.write("\n]\n" if separator != "[\n" else "[]\n")


def document(value: Any, indent: int | None = None) -> str:
    """Anything as JSON."""
    return json.dumps(_jsonable(value), ensure_ascii=False, indent=indent)


def _jsonable(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _jsonable(one) for name, one in value.items()}
    return [_jsonable(one) for one in value] if isinstance(value, list | tuple) else plain(value)


def plain(value: Any) -> Any:
    """A value as JSON has it."""
    match value:
        case bytes():
            return value.hex()
        case datetime():
            return value.isoformat()
        case Decimal():
            return int(value) if value == value.to_integral_value() else str(value)
        case float() if not math.isfinite(value):
            return None
        case None | bool() | int() | float() | str():
            return value
    return str(value)


def shown(value: Any) -> str:
    """A value as people read it, on one line. What is not printable, and could move a terminal's cursor, becomes an escape."""
    match value:
        case None:
            return ""
        case bytes():
            return escaped(value)
        case datetime():
            return value.isoformat(" ", "seconds").replace("+00:00", "Z")
        case float():
            return f"{value:g}"
    return visible(str(value))


def escaped(raw: bytes) -> str:
    r"""Bytes as text where they are UTF-8; others as escapes, such as `\xd5`."""
    return visible(raw.decode("utf-8", "backslashreplace"))


def visible(text: str) -> str:
    r"""The text with `\n` for a line end, and so on."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in text)


def limited(rows: Iterable[Row], most: int | None) -> Iterator[Row]:
    """At most so many of them."""
    return iter(rows) if most is None else islice(rows, most)


def _cut(text: str) -> str:
    return text if len(text) <= WIDEST else text[: WIDEST - 1] + "…"


def in_words(numbers: Iterable[int], most: int = 20) -> str:
    """Ascending numbers in runs, at most `most` of these: 1, 2, 3, 5 as "1 to 3, 5"."""
    found = runs(numbers)
    told = ", ".join(islice(found, most))
    return told + (", …" if next(found, None) else "") or "none"
