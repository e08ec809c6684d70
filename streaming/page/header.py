"""The header line of a page: which column holds what."""

import csv
from collections import Counter
from typing import NamedTuple

from streaming.feeds.feed import Feed
from streaming.page.limits import Limits

BYTE_ORDER_MARK = b"\xef\xbb\xbf"

_OTHER_SEPARATORS = {";": "semicolon", "\t": "tab", "|": "vertical bar"}


class PageError(Exception):
    """The whole object cannot be loaded; `rule` is a short id, `detail` says what was found and what is expected."""

    def __init__(self, rule: str, detail: str) -> None:
        super().__init__(rule, detail)
        self.rule, self.detail = rule, detail

    def __str__(self) -> str:
        return f"{self.rule}: {self.detail}"


class Header(NamedTuple):
    """The indexes of a page's columns: label, text, the unnamed ones behind the text, the feed's own, the rest.

    A text that was cut at its commas spills into the columns behind it. An unnamed column elsewhere is an unknown
    column and gets a name by its place (`column 1`).
    """

    width: int
    label: int | None
    text: int
    spill: slice
    extra: dict[str, int]
    own: dict[str, int]


def bound(line: bytes, limits: Limits) -> None:
    """Raises `PageError` (`too_many_columns`, `line_too_long`) for a header line that is too large to be read."""
    if (commas := line.count(b",")) >= limits.columns:
        raise PageError("too_many_columns", f"{commas} commas in the header, at most {limits.columns} columns are read")
    if len(line) > (most := min(limits.header_bytes, limits.line_bytes)):
        raise PageError("line_too_long", f"the header has {len(line)} bytes, at most {most} are read: {line[:80]!r}")


def read(line: str, feed: Feed) -> Header:
    """The columns that a header line names, in any order and case, by any name that the feed declares.

    Raises `PageError`: `broken_header`, `wrong_separator`, `missing_columns`, `duplicate_columns`.
    """
    named = [feed.names.get(name.casefold(), name) for name in _names(line, ",")]
    if missing := set(feed.required) - set(named):
        raise _without(missing, line, feed)
    text = named.index("text")
    end = next((index for index in range(text + 1, len(named)) if named[index]), len(named))
    others = {index: name or f"column {index + 1}" for index, name in enumerate(named) if not text < index < end}
    if repeated := [name for name, count in Counter(others.values()).items() if count > 1]:
        raise PageError("duplicate_columns", f"{', '.join(repeated):.200}: more than once in header {line[:200]!r}")
    label = named.index("label") if feed.labels else None
    own = {column.name: named.index(column.name) for column in feed.columns if column.name in named}
    extra = {name: index for index, name in others.items() if index not in (label, text, *own.values())}
    return Header(len(named), label, text, slice(text + 1, end), extra, own)


def _names(line: str, separator: str) -> list[str]:
    try:
        return [name.strip() for name in next(csv.reader([line], strict=True, delimiter=separator), [])]
    except csv.Error as error:
        raise PageError("broken_header", f"{line[:200]!r}: {error}") from error


def _without(missing: set[str], line: str, feed: Feed) -> PageError:
    for separator, called in _OTHER_SEPARATORS.items():
        if set(feed.required) <= {feed.names.get(name.casefold()) for name in _names(line, separator)}:
            return PageError("wrong_separator", f"columns are separated by {called}, expected a comma: {line[:200]!r}")
    names = [name for name, column in feed.names.items() if column in missing]
    return PageError("missing_columns", f"no column {' or '.join(names)} in header {line[:200]!r}")
