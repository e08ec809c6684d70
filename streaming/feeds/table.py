"""The table `messages` as a feed declares it."""

from collections.abc import Iterable
from dataclasses import replace

import pyarrow as pa

from conf.tables import MESSAGES, UTC_TIME, Table
from streaming.feeds.feed import Feed

_ARROW = {
    "string": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "timestamp": UTC_TIME,
    "date": pa.date32(),
}


def messages_of(feed: Feed) -> Table:
    """`messages` with the feed's own columns, which stand behind those of every feed."""
    added = pa.schema([pa.field(column.name, _ARROW[column.kind]) for column in feed.added])
    schema = pa.schema([*MESSAGES.schema, *added])
    told = {**MESSAGES.meanings, **feed.meanings, **{column.name: column.meaning for column in feed.added}}
    return replace(MESSAGES, schema=schema, meanings=told)


def own_columns(names: Iterable[str]) -> list[str]:
    """The columns among these of a table `messages` that only its feed has."""
    return [name for name in names if name not in MESSAGES.schema.names]
