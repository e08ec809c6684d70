"""Where a row comes from, down to its bytes in the landing bucket; and what became of a page or an object."""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from streaming.audit.views import listed, quoted
from streaming.errors import LookError
from streaming.feeds.feed import Damage
from streaming.look import quarantine
from streaming.look.explanation import ENTRY
from streaming.look.printing import limited
from streaming.look.question import Row, Tables
from streaming.page import chain

# It imports the clients of the landing bucket, which are not needed to query the tables alone.
if TYPE_CHECKING:
    from streaming.look.landed import Landed

_ROW = """label, text, text_unescaped, text_raw, repair, rescued, source_bucket, source_key, source_version, source_etag, content_sha256,
  source_row, source_part, decision, batch_id, cleaner_version, kafka_topic, kafka_partition, kafka_offset, landed_at, row_hash"""
_ROWS = f"""SELECT {_ROW}{{own}} FROM messages WHERE {{condition}}
ORDER BY decision, source_key, source_version, source_row, source_part LIMIT {{most}}"""
_ROWS_TOTAL = "SELECT count(*) AS rows FROM messages WHERE {condition}"
_REFUSED = "SELECT * FROM quarantine WHERE {condition}"
_ENTRIES = f"""SELECT {ENTRY} FROM ledger l WHERE l.kind = 'object' AND {{condition}}
ORDER BY l.decision, l.source_key, l.source_version LIMIT {{most}}"""
_ENTRIES_TOTAL = "SELECT count(*) AS objects FROM ledger l WHERE l.kind = 'object' AND {condition}"

# The key is whatever stands in front: it may have colons and numbers of its own.
_ADDRESS = re.compile(r"(?P<key>.+):(?P<row>\d{1,9})", re.DOTALL)
_WITH_PART = re.compile(r"(?P<key>.+):(?P<row>\d{1,9}):(?P<part>\d{1,9})", re.DOTALL)


def text(tables: Tables, landed: "Landed", wanted: str, most: int) -> dict[str, Any]:
    """Rows whose text holds these words, and quarantine entries whose bytes hold them in an encoding of the feed's pages, damaged or not."""
    if not wanted:
        raise LookError("An empty text is in every row. Name some words of it.")
    found = " OR ".join(f"strpos({column}, {quoted(wanted)}) > 0" for column in ("text", "text_unescaped", "text_raw"))
    # DataFusion does not look into bytes.
    needles = _needles(wanted, landed.damages)
    entries = (entry for entry in tables.rows(_REFUSED.format(condition="true")) if _holds(entry["raw"], needles))
    return _traced(tables, landed, found, entries, most)


def row(tables: Tables, landed: "Landed", address: str, most: int) -> dict[str, Any]:
    """The row or rejected record at KEY:ROW or KEY:ROW:PART. Raises `LookError` for an address of another form."""
    if not (short := _ADDRESS.fullmatch(address)):
        raise LookError(
            f"{address!r} names no row. Write it as KEY:ROW or KEY:ROW:PART, such as sms/page-000001.csv:7."
        )
    records = [f"source_key = {quoted(short['key'])} AND source_row = {short['row']}"]
    parts = list(records)
    if long := _WITH_PART.fullmatch(address):
        records.append(f"source_key = {quoted(long['key'])} AND source_row = {long['row']}")
        parts.append(f"{records[1]} AND source_part = {long['part']}")
    entries = tables.rows(_REFUSED.format(condition=" OR ".join(f"({one})" for one in records)))
    return _traced(tables, landed, " OR ".join(f"({one})" for one in parts), entries, most)


def page(tables: Tables, number: int, most: int) -> dict[str, Any]:
    """What became of the page of this number, in each data set that has one."""
    return _became(tables, f"l.source_page = {number}", f"page {number}", most)


def key(tables: Tables, name: str, most: int) -> dict[str, Any]:
    """What became of each version of the object of this name."""
    return _became(tables, f"l.source_key = {quoted(name)}", f"object {name!r}", most)


def _traced(tables: Tables, landed: "Landed", condition: str, refused: Iterator[Row], most: int) -> dict[str, Any]:
    rows = list(_rows(tables, condition, most))
    entries = list(refused)
    about = _entries(tables, [*rows, *entries])
    return {
        "rows_total": tables.only(_ROWS_TOTAL.format(condition=condition))["rows"],
        "rows": [_origin(tables, landed, one, about) for one in rows],
        "quarantine_total": len(entries),
        "quarantine": [_origin(tables, landed, one, about) for one in limited(entries, most)],
    }


def _rows(tables: Tables, condition: str, most: int) -> Iterator[Row]:
    return tables.rows(_ROWS.format(own=listed(tables.own_columns), condition=condition, most=most))


def _origin(tables: Tables, landed: "Landed", found: Row, about: dict[tuple[Any, ...], Row]) -> dict[str, Any]:
    """A row with its ledger entry, the version of `messages` that brought it, and its bytes in landing."""
    is_message = "label" in found
    entry = about.get(_named(found))
    readable = found["source_row"] is not None
    with_moment = {"landed_at": entry["landed_at"] if entry else None} | found
    return {
        "row": found,
        "columns": {name: found[name] for name in tables.own_columns if name in found},
        "object": entry,
        "table_version": tables.versions.holding(found["decision"]) if is_message else None,
        "record": asdict(landed.record(with_moment)) if readable else None,
    }


def _became(tables: Tables, condition: str, what: str, most: int) -> dict[str, Any]:
    total = tables.only(_ENTRIES_TOTAL.format(condition=condition))["objects"]
    if not total:
        raise LookError(f"The ledger has no entry of {what}. What has landed and has none is counted by `lake audit`.")
    entries = tables.rows(_ENTRIES.format(condition=condition, most=most))
    return {"objects_total": total, "objects": [_outcome(tables, one, most) for one in entries]}


def _outcome(tables: Tables, entry: Row, most: int) -> dict[str, Any]:
    """An entry with its rows, what was rejected, and the version of `messages` that brought the rows."""
    of_entry = _of(entry)
    rows = _rows(tables, of_entry, most)
    refused = tables.rows(quarantine.ENTRIES.format(condition=of_entry, most=most))
    version = tables.versions.holding(entry["decision"]) if entry["rows_loaded"] else None
    return {"object": entry, "table_version": version, "rows": list(rows), "quarantine": list(refused)}


def _of(entry: Row) -> str:
    version = entry["source_version"] or entry["source_etag"]
    return (
        f"source_key = {quoted(entry['source_key'])} AND coalesce(source_version, source_etag) = {quoted(version)} "
        f"AND coalesce(decision, 1) = {entry['decision'] or 1}"
    )


def _entries(tables: Tables, rows: Sequence[Row]) -> dict[tuple[Any, ...], Row]:
    """The ledger entries about these rows' objects, by key, version and decision."""
    keys = {one["source_key"] for one in rows if one["source_key"] is not None}
    if not keys:
        return {}
    condition = f"l.source_key IN ({', '.join(map(quoted, sorted(keys)))})"
    entries = tables.rows(f"SELECT {ENTRY} FROM ledger l WHERE l.kind = 'object' AND {condition}")
    return {_named(entry): entry for entry in entries}


def _named(found: Row) -> tuple[Any, ...]:
    return found["source_key"], found["source_version"] or found["source_etag"], found["decision"] or 1


def _needles(wanted: str, damages: Iterable[Damage]) -> set[bytes]:
    """The bytes that can stand for this text on a page: UTF-8, or what a damaged page was saved as, with the damage or without."""
    utf8 = _utf8(wanted)
    found = {utf8}
    for damage in damages:
        for said in (wanted, chain.of(damage).as_it_stands(utf8)):
            with suppress(UnicodeEncodeError):
                found.add(said.encode(damage.saved_as))
    return found


def _utf8(wanted: str) -> bytes:
    """Raises `LookError` for what the shell gave us as bytes of another encoding: Python has no characters for them."""
    try:
        return wanted.encode()
    except UnicodeEncodeError as error:
        raise LookError(
            f"{wanted!r} is not UTF-8: its character {error.start + 1} is a byte of another encoding. Write the text in UTF-8, or name other words of it."
        ) from error


def _holds(raw: bytes | None, needles: set[bytes]) -> bool:
    return any(needle in (raw or b"") for needle in needles)
