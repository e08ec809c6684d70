"""A second table of messages beside the first, made from landing by the present cleaner: for comparison.

The lakehouse itself never reads it. It is compared with the rows of the decisions that existed when it was begun.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

import pyarrow as pa
from deltalake import QueryBuilder, write_deltalake

from conf.settings import Settings
from conf.tables import LEDGER, MESSAGES, TABLES, Table
from conf.versions import readable
from streaming.decide import worker
from streaming.decide.fetch import PassingError
from streaming.decide.slices import Item, cut
from streaming.decide.worker import Fetch, Job
from streaming.errors import LookError, ServiceError
from streaming.events.intake import Announced
from streaming.feeds import declaration
from streaming.feeds.feed import Feed
from streaming.feeds.table import messages_of
from streaming.ledger.log import Ledger
from streaming.ledger.place import Place
from streaming.page.parser import CLEANER_VERSION
from streaming.patience import Patience
from streaming.rows.stamp import Stamp

NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
# What is held at a time, as in one task of the query.
SLICE_OBJECTS, SLICE_BYTES = 500, 1 << 24
SHOWN = 5

_OBJECTS = """
SELECT source_bucket AS bucket, source_key AS key, source_version AS version, source_etag AS etag, size, landed_at, kafka_topic,
  kafka_partition, kafka_offset
FROM (
  SELECT *, row_number() OVER (PARTITION BY source_identity ORDER BY revision DESC, decision DESC) AS age
  FROM ledger WHERE kind = 'object' AND decision <= {newest}
) WHERE age = 1 AND state IN ('loaded', 'quarantined') ORDER BY decision, key
"""
_BOTH = """
FROM (SELECT * FROM messages WHERE decision <= {newest}) a FULL JOIN rebuilt b
ON a.source_identity = b.source_identity AND a.source_row = b.source_row AND a.source_part = b.source_part
"""
_COUNTS = f"""
SELECT count(CASE WHEN a.row_hash = b.row_hash THEN 1 END) AS same, count(CASE WHEN a.row_hash <> b.row_hash THEN 1 END) AS changed,
  count(CASE WHEN a.row_hash IS NULL THEN 1 END) AS added, count(CASE WHEN b.row_hash IS NULL THEN 1 END) AS missing
{_BOTH}
"""
_CHANGED = f"""
SELECT coalesce(a.source_key, b.source_key) AS key, coalesce(a.source_row, b.source_row) AS row, a.text AS before, b.text AS after,
  a.repair AS repair_before, b.repair AS repair_after
{_BOTH} WHERE a.row_hash IS DISTINCT FROM b.row_hash ORDER BY key, row LIMIT {SHOWN}
"""


class Rebuilt(NamedTuple):
    """How many objects were read, and how the rows compare: by what they hold, their repair included."""

    objects: int
    same: int
    changed: int
    added: int
    """Rows that `messages` does not have."""
    missing: int
    """Rows that only `messages` has."""
    examples: list[dict[str, Any]]
    """Some of those that differ."""


def named(name: str, place: Place, feed: Feed) -> Table:
    """The table to be made. Raises `LookError` for a name that is not valid, or is taken."""
    if not NAME.fullmatch(name):
        raise LookError(
            f"{name!r} is no name for a table: small letters, digits and underscores are, such as messages_next."
        )
    table = replace(messages_of(feed), name=name)
    if name in {one.name for one in TABLES} or place.opened(table) is not None:
        raise LookError(f"There is a table {name} already. Give another name: nothing is written over.")
    return table


def rebuild(table: Table, job: Job, fetch: Fetch | None = None) -> Rebuilt:
    """Every object that the ledger has as loaded or quarantined is read again, and its messages are in the new table.

    `job` is as for a decision, with the number of the newest. Raises `ServiceError` when MinIO does not answer; then the table is there
    in part, and a new one needs another name.
    """
    newest = {"newest": job.stamp.decision}
    items = [_item(row) for row in _rows(job.place, _OBJECTS.format(**newest), LEDGER)]
    handle = job.place.create(table)
    for slice_ in cut(items, SLICE_OBJECTS, SLICE_BYTES, tasks=1):
        try:
            found, _ = worker.decided(job, slice_, fetch)
        except PassingError as error:
            raise ServiceError(f"MinIO cannot be read: {error}. The table {table.name} is there in part.") from error
        for rows in found.parts(MESSAGES.name):
            write_deltalake(handle, rows, mode="append")
    [counts] = _rows(job.place, _COUNTS.format(**newest), MESSAGES, table)
    examples = list(_rows(job.place, _CHANGED.format(**newest), MESSAGES, table))
    return Rebuilt(len(items), **counts, examples=examples)


def _item(row: dict[str, Any]) -> Item:
    return Item(Announced(**row, found_by="replay"))


def _rows(place: Place, sql: str, *tables: Table) -> Iterator[dict[str, Any]]:
    query = QueryBuilder()
    for table in tables:
        name = table.name if table in TABLES else "rebuilt"
        query = query.register(name, place.open(table))
    return (row for batch in query.execute(sql) for row in pa.record_batch(batch).to_pylist())


def carry_out(settings: Settings, into: str) -> tuple[list[tuple[str, str]], list[str]]:
    """Make the table and compare it; return the result in lines of two columns, and some of the rows that differ.

    Raises `LookError` for a name that is none or taken, and before the first decision; `VersionError` where the tables cannot be read;
    `ServiceError`, `DeclarationError` and `LedgerError`.
    """
    place = Place(settings.minio.delta_bucket, settings.s3("stream"))
    feed = declaration.of(settings)
    with readable.asked(place.address(LEDGER)):
        table = named(into, place, feed)
        newest = Ledger(place, Patience()).newest
    if newest is None:
        raise LookError("The ledger has no decision yet: there is nothing to make anew.")
    stamp = Stamp(newest.number, newest.id, 0, datetime.now(UTC), CLEANER_VERSION)
    found = rebuild(table, worker.job_of(settings, feed, place, stamp))
    told = [
        ("table", table.location(settings.minio.delta_bucket)),
        ("made from", f"{found.objects} objects, by cleaner {CLEANER_VERSION} and the declaration {feed.name}"),
        ("compared with", f"messages up to decision {newest.number}"),
        ("rows alike", str(found.same)),
        ("rows that differ", str(found.changed)),
        ("only in the new one", str(found.added)),
        ("only in messages", str(found.missing)),
    ]
    return told, [_described(one) for one in found.examples]


def _described(row: dict[str, Any]) -> str:
    before, after = (
        f"{row[text]!r:.120} ({row[repair] or 'no repair'})" if row[text] is not None else "no row"
        for text, repair in (("before", "repair_before"), ("after", "repair_after"))
    )
    return f"{row['key']} row {row['row']}: {before} → {after}"
