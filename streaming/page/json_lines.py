"""A page of JSON lines (https://jsonlines.org): each line is an object whose members are the columns."""

import json
from collections import Counter
from typing import Any, Never

from streaming.page import encoding
from streaming.page.checks import Flaw
from streaming.page.encoding import Restored, UnexplainedBytesError
from streaming.page.messages import Beside, Message, Reading, checked, unexplained
from streaming.page.records import Record
from streaming.page.structure import Part


class _BrokenError(Exception):
    """A line that is not a record; the arguments are those of its flaw."""


def is_begun_by(line: bytes) -> bool:
    """Whether this first line of a page begins JSON lines: it starts with a brace."""
    return line.lstrip().startswith(b"{")


def messages(number: int, record: Record, raw: bytes, reading: Reading) -> list[Message] | Flaw:
    """The message on a line, or why it is rejected. Members that the feed does not know are rescued."""
    try:
        characters = encoding.of(raw, reading.chains)
        restored = characters.restore(raw)
        members = _members(restored.text)
        places = _places(members, reading)
        label = _string(members, places["label"]) if "label" in places else ""
        text = _string(members, places["text"])
        landed = _string(_members(characters.raw(raw)), places["text"]) if restored.rules else text
        beside = _beside(members, places)
    except UnexplainedBytesError as error:
        return unexplained(error, record, reading)
    except _BrokenError as error:
        return Flaw(*error.args)
    if b"\\u" in raw and not restored.rules:
        # Escaped characters did not count in deciding how to read the line.
        restored = _unescaped(text)
        text = restored.text
    return checked(number, Part(label, text, restored.rules), landed, beside, reading)


def _unescaped(text: str) -> Restored:
    return encoding.of(text.encode(), ()).restore(text.encode())


def _members(line: str) -> dict[str, Any]:
    """The members in order. What could not be written again is refused: half of a surrogate pair, a number beyond all floats."""
    try:
        found = json.loads(line, object_pairs_hook=_once, parse_constant=_no_number)
        json.dumps(found, ensure_ascii=False, allow_nan=False).encode()
    except RecursionError as error:
        raise _BrokenError("broken_json", "nested too deep to be read") from error
    except ValueError as error:
        raise _BrokenError("broken_json", str(error)[:200]) from error
    if not isinstance(found, dict):
        raise _BrokenError("broken_json", f"an object is expected, the line holds {line[:80]!r}")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(members := dict(pairs)) < len(pairs):
        [(name, _)] = Counter(name for name, _ in pairs).most_common(1)
        raise ValueError(f"{name[:80]!r} stands twice")
    return members


def _no_number(name: str) -> Never:
    raise ValueError(f"{name} is no number of JSON")


def _places(members: dict[str, Any], reading: Reading) -> dict[str, int]:
    """Each column's place among the members."""
    places: dict[str, int] = {}
    for place, name in enumerate(members):
        column = reading.feed.names.get(name.casefold())
        if column in places:
            raise _BrokenError("broken_json", f"{column} stands twice, once as {name[:80]!r}")
        if column:
            places[column] = place
    lacking = set(reading.feed.required) - places.keys()
    if missing := [name for name, column in reading.feed.names.items() if column in lacking]:
        raise _BrokenError("missing_fields", f"no {' or '.join(missing)} among {list(members)!r:.200}")
    return places


def _string(members: dict[str, Any], place: int) -> str:
    name, value = list(members.items())[place]
    if not isinstance(value, str):
        raise _BrokenError("missing_fields", f"{name[:80]} is {value!r:.80}, a text is expected")
    return value


def _beside(members: dict[str, Any], places: dict[str, int]) -> Beside:
    known, found = set(places.values()), list(members.items())
    rest = {name: value for place, (name, value) in enumerate(found) if place not in known}
    told = {column: found[place][1] for column, place in places.items()}
    return Beside(json.dumps(rest, ensure_ascii=False) if rest else None, told)
