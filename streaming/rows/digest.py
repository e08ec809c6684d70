"""The hash of one row, and so the digest of a table version: row count and sum of the row hashes.

The sum depends on neither order nor file layout. It is a sum because with xor two equal rows would cancel out.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import date
from hashlib import blake2b
from json.encoder import encode_basestring
from typing import Any

from streaming.page.messages import Message


def row_hash(*values: str | int | None, columns: Mapping[str, Any] | None = None) -> int:
    """A signed 64-bit hash of the values in their order; null is a value of its own.

    BLAKE2b (RFC 7693) with 8 bytes of output over the values as a JSON array in UTF-8, so that any reader can compute
    it again without Spark. `columns` are the feed's own: where any has a value, the array's last element is an
    object of those that have one, sorted by name, with times and dates in ISO 8601. A column that is added changes no earlier row.
    """
    return _hashed(",".join(map(_as_json, values)) + _own(columns))


def message_hashes(messages: Iterable[Message], key: str, content_sha256: str | None) -> list[int]:
    """The row hash of each message of one object, over its columns but `text_unescaped`, in the order of their definition, and where it came from.

    The same as `row_hash`, in less than half the time: what rows share is written once.
    """
    place = f"{_as_json(key)},{_as_json(content_sha256)}"
    hashes = []
    for label, text, _, text_raw, repair, rescued, row, part, columns in messages:
        said = encode_basestring(text)
        raw = said if text_raw is text else encode_basestring(text_raw)
        marks = "null,null" if repair is rescued is None else f"{_as_json(repair)},{_as_json(rescued)}"
        own = _own(columns) if columns else ""
        hashes.append(_hashed(f"{_as_json(label)},{said},{raw},{marks},{place},{row},{part}{own}"))
    return hashes


def _own(columns: Mapping[str, Any] | None) -> str:
    found = {name: value for name, value in (columns or {}).items() if value is not None}
    return f",{json.dumps(found, ensure_ascii=False, sort_keys=True, default=_iso)}" if found else ""


def _iso(moment: date) -> str:
    return moment.isoformat()


def _hashed(values: str) -> int:
    digest = blake2b(f"[{values}]".encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def _as_json(value: str | int | None) -> str:
    """What `json.dumps` makes of it without `ensure_ascii`, by the function that `json.dumps` itself calls."""
    if value is None:
        return "null"
    return encode_basestring(value) if isinstance(value, str) else str(value)
