r"""Undoes what happened to messages with double quotes when the export was made.

The source escaped them as `\"` and quoted every field; the reader knew only `""`. So the first `\"` of a message
closed its field and lost its quote, the rest went on as it stood, commas in it began new columns, and the quote that
should have closed the field was kept at the end. Where the only quote of a message was its last character, `\"` and
the closing quote made `\""`, which the reader took for a quote inside the field: the field went on into the next
record, to the quote in front of that record's label.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

# Possessive (`*+`), as no other way to read a text can succeed: each regex sees a character once, and keeps no trail of
# its tries, which cost 100 bytes a character. The parts inside are possessive too: Python before 3.11.5 needs it.
# In front of the lost quote there is no quote, and a backslash only before an apostrophe (`don\'t`, genuine in the
# original).
_FRONT = r"""([^"\\]*+(?:\\'[^"\\]*+)*+)"""
# Behind it, every quote but the last is escaped.
_REST = r"""([^"\\]*+(?:\\.[^"\\]*+)*+)\""""
_LOST_QUOTE = re.compile(_FRONT + r"""\\(?!["'])""" + _REST, re.DOTALL)
# A lost quote right before an apostrophe looks the same: it counts only where its closing quote is there.
_LOST_BEFORE_APOSTROPHE = re.compile(r"""([^"\\]*+)\\(?='[^"]*\\")""" + _REST, re.DOTALL)

ESCAPED = "escaped_quotes"
SPILLED = "spilled_columns"
SWALLOWED = "swallowed_record"
SWALLOWED_LABEL = "swallowed_label"


class Part(NamedTuple):
    """A message found in a record, and the rules that were applied to get it, in order."""

    label: str
    text: str
    rules: tuple[str, ...] = ()


def parts(label: str, text: str, labels: tuple[str, ...], spilled: Sequence[str] = ()) -> list[Part]:
    """The record's own message, then those of the records it swallowed.

    `labels` are written as the text is, with a character for each byte. `spilled` are the values of the unnamed columns
    behind the text. The list is empty where there are such values and no escaped quote explains them. A swallowed record
    of which only the label is left gives no part, only the rule `swallowed_label`.
    """
    filled = _without_empty_end(spilled) if any(spilled) else ()
    if "\\" not in text:
        return [] if filled else [Part(label, text)]
    found: list[Part] = []
    begin = 0
    while labels and (swallowed := _swallowed(labels).fullmatch(text)):
        own = swallowed[1] + '"'
        if begin == len(filled):
            return [*found, Part(label, own, (*_recovered(found), SWALLOWED_LABEL))]
        found.append(Part(label, own, (SWALLOWED,)))
        label, text = swallowed[2], filled[begin]
        begin += 1
    last = _own(label, text, filled[begin:])
    return [*found, last._replace(rules=_recovered(found) + last.rules)] if last else []


def joined(text: str, spilled: Sequence[str]) -> str:
    """The text column and what spilled out of it, with the commas between them."""
    return ",".join([text, *_without_empty_end(spilled)]) if any(spilled) else text


@lru_cache(maxsize=64)
def _swallowed(labels: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(_FRONT + rf"""\\"(?:\r\n?|\n)({"|".join(map(re.escape, labels))})\"""")


def _own(label: str, text: str, filled: Sequence[str]) -> Part | None:
    whole = ",".join([text, *filled])
    match = _LOST_QUOTE.fullmatch(whole) or _LOST_BEFORE_APOSTROPHE.fullmatch(whole)
    if match and match.end(1) < len(text):
        rules = (SPILLED, ESCAPED) if filled else (ESCAPED,)
        return Part(label, match[1] + '"' + match[2].replace('\\"', '"'), rules)
    return None if filled else Part(label, text)


def _recovered(before: Sequence[Part]) -> tuple[str, ...]:
    return (SWALLOWED,) if before else ()


def _without_empty_end(values: Sequence[str]) -> Sequence[str]:
    end = len(values)
    while end and not values[end - 1]:
        end -= 1
    return values[:end]
