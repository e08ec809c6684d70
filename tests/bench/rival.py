"""R: a consumer written by hand that has the query's duties, for comparison: `python -m tests.bench.rival OBJECTS`.

One process polls Kafka in batches, drops duplicates and appends; two worker processes fetch exact versions with minio-py, eight at a
time each, parse with the project's own parser, and make Arrow columns of Python lists. Three tables, each appended to by delta-rs with
an app transaction. While a batch is appended the next one is decided. Frozen: it is not made faster when the query is.
"""

import hashlib
import json
import os
import resource
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from datetime import datetime
from multiprocessing import get_context
from typing import Any, NamedTuple
from urllib.parse import unquote_plus

import pyarrow as pa
import pyarrow.compute as pc
from confluent_kafka import Consumer, TopicPartition
from deltalake import CommitProperties, DeltaTable, Transaction, write_deltalake
from minio import Minio

from conf.tables import LEDGER, MESSAGES, QUARANTINE, TABLES, object_identity
from streaming.page.parser import Message, Page, PageError
from tests.sms import parse

# Smaller for large objects: it holds a batch in memory.
BATCH = int(os.environ.get("RIVAL_BATCH", "1000"))
WORKERS = 2
GETS = 8
FETCHERS_SLICE = int(os.environ.get("RIVAL_SLICE", "250"))
URL = r"(?i)\b(?:https?://|www\.)\S+|\b[a-z0-9-]+\.(?:com|net|org|co\.uk|tv|biz|info)\b"
MONEY = r"(?i)[£$€¥]\s?\d|\b\d+(?:\.\d+)?\s?(?:pounds?|dollars?|euros?|quid|p(?:/|\b))"

Columns = dict[str, list[Any]]


class Event(NamedTuple):
    """One object version, and the record that told of it."""

    key: str
    version: str
    etag: str
    size: int
    landed_at: str
    partition: int
    offset: int


def main(objects: int) -> None:
    """Ends when so many objects are in the tables; prints the CPU seconds that it took."""
    tables = {
        table.name: DeltaTable.create(_uri(table.name), table.schema, storage_options=_options()) for table in TABLES
    }
    consumer = Consumer(
        {
            "bootstrap.servers": os.environ["KAFKA"],
            "group.id": os.environ["DELTA_BUCKET"],
            "auto.offset.reset": "earliest",
        }
        | {"enable.auto.commit": False}
    )
    consumer.subscribe([os.environ["LANDING_TOPIC"]])
    seen: set[str] = set()
    done = number = 0
    with ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn")) as pool:
        ahead: list[Future[dict[str, pa.Table]]] = []
        read: list[Event] = []
        while done < objects:
            events = _fresh(consumer, seen) if len(seen) < objects else []
            following = [pool.submit(decide, part, number) for part in _parts(events)]
            if ahead:
                done += _append(tables, [one.result() for one in ahead], number)
                consumer.commit(offsets=_behind(read), asynchronous=False)
                number += 1
            ahead, read = following, events
    consumer.close()
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(json.dumps({"cpu": sum(one.ru_utime + one.ru_stime for one in used)}))


def decide(events: Sequence[Event], number: int) -> dict[str, pa.Table]:
    """What one worker makes of its part of a batch."""
    minio = Minio(os.environ["MINIO"], os.environ["KEY"], os.environ["SECRET"], secure=False, region="us-east-1")
    rows: dict[str, Columns] = {table.name: {name: [] for name in table.schema.names} for table in TABLES}
    with ThreadPoolExecutor(GETS) as pool:
        for event, (body, told) in zip(events, pool.map(lambda event: _get(minio, event), events), strict=True):
            _enter(rows, event, body, told, number)
    tables = {
        table.name: pa.table(
            [pa.array(rows[table.name][field.name], field.type) for field in table.schema], schema=table.schema
        )
        for table in TABLES
    }
    tables[MESSAGES.name] = _with_features(tables[MESSAGES.name])
    return tables


def _fresh(consumer: Consumer, seen: set[str]) -> list[Event]:
    found = []
    for message in consumer.consume(BATCH, timeout=1):
        place = message.partition() or 0, message.offset() or 0
        for record in json.loads(message.value() or b"{}")["Records"]:
            told = record["s3"]["object"]
            event = Event(
                unquote_plus(told["key"]), told["versionId"], told["eTag"], told["size"], record["eventTime"], *place
            )
            identity = object_identity("landing", event.key, event.version)
            if identity not in seen:
                seen.add(identity)
                found.append(event)
    return found


def _behind(events: Sequence[Event]) -> list[TopicPartition]:
    """Where reading goes on behind these; the last of each partition counts."""
    last = {event.partition: event.offset for event in events}
    return [TopicPartition(os.environ["LANDING_TOPIC"], partition, offset + 1) for partition, offset in last.items()]


def _parts(events: Sequence[Event]) -> Iterator[Sequence[Event]]:
    for start in range(0, len(events), FETCHERS_SLICE):
        yield events[start : start + FETCHERS_SLICE]


def _get(minio: Minio, event: Event) -> tuple[bytes, dict[str, str]]:
    with minio.get_object(os.environ["LANDING_BUCKET"], event.key, version_id=event.version) as answer:
        return answer.read(), dict(answer.headers)


def _enter(rows: dict[str, Columns], event: Event, body: bytes, told: dict[str, str], number: int) -> None:
    sha = hashlib.sha256(body).hexdigest()
    source = {
        "source_identity": object_identity("landing", event.key, event.version),
        "source_bucket": "landing",
        "source_key": event.key,
        "source_version": event.version,
        "source_etag": event.etag,
        "content_sha256": sha,
        "kafka_topic": os.environ["LANDING_TOPIC"],
        "kafka_partition": event.partition,
        "kafka_offset": event.offset,
        "decision": number,
        "batch_id": number,
        "cleaner_version": "R",
    }
    try:
        page = parse(body)
    except PageError as error:
        _add(rows[QUARANTINE.name], source | {"kind": "object", "rule": error.rule, "detail": error.detail})
        page = Page(0, [], [])
    landed_at = _time(event.landed_at)
    hashes = [
        _hash(
            one.label, one.text, one.text_raw, one.repair, one.rescued, event.key, sha, one.source_row, one.source_part
        )
        for one in page.messages
    ]
    shared = source | {"landed_at": landed_at}
    for name, values in rows[MESSAGES.name].items():
        if name in Message._fields:
            values.extend([getattr(message, name) for message in page.messages])
        else:
            values.extend(hashes if name == "row_hash" else [shared.get(name)] * len(hashes))
    for one in page.rejected:
        what = {"kind": "row", "rule": one.rule, "detail": one.detail, "raw": one.raw, "raw_size": len(one.raw)}
        hashed = _hash("row", one.rule, one.detail, one.raw.hex(), event.key, sha, one.source_row)
        _add(rows[QUARANTINE.name], source | what | {"source_row": one.source_row, "row_hash": hashed})
    entry = {
        "kind": "object",
        "size": event.size,
        "landed_at": landed_at,
        "source_sha256": told.get("x-amz-meta-sha256"),
        "state": "loaded" if page.records else "quarantined",
        "records": page.records,
        "rows_loaded": len(page.messages),
        "rows_quarantined": len(page.rejected),
        "hash_sum": sum(hashes),
    }
    _add(rows[LEDGER.name], source | entry)


def _add(columns: Columns, row: dict[str, Any]) -> None:
    for name, values in columns.items():
        values.append(row.get(name))


def _hash(*values: str | int | None) -> int:
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big", signed=True)


def _time(told: str) -> datetime:
    return datetime.fromisoformat(told)


def _with_features(rows: pa.Table) -> pa.Table:
    text = rows["text"]
    length = pc.utf8_length(text)
    found = {
        "length": length,
        "digits": pc.count_substring_regex(text, r"\d"),
        "upper_share": pc.divide(
            pc.count_substring_regex(text, r"\p{Lu}").cast(pa.float64()), length.cast(pa.float64())
        ),
        "has_url": pc.match_substring_regex(text, URL),
        "has_currency": pc.match_substring_regex(text, MONEY),
    }
    for name, values in found.items():
        index = rows.schema.get_field_index(name)
        rows = rows.set_column(index, rows.schema.field(index), values.cast(rows.schema.field(index).type))
    return rows


def _append(tables: dict[str, DeltaTable], parts: Sequence[dict[str, pa.Table]], number: int) -> int:
    """The ledger last: what it has is in the other tables."""
    for name, table in tables.items():
        rows = pa.concat_tables([part[name] for part in parts])
        if rows.num_rows:
            mark = CommitProperties(app_transactions=[Transaction("R", number)])
            write_deltalake(table, rows, mode="append", commit_properties=mark)
    return sum(part[LEDGER.name].num_rows for part in parts)


def _uri(table: str) -> str:
    return f"s3://{os.environ['DELTA_BUCKET']}/{table}"


def _options() -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": f"http://{os.environ['MINIO']}",
        "AWS_ACCESS_KEY_ID": os.environ["KEY"],
        "AWS_SECRET_ACCESS_KEY": os.environ["SECRET"],
        "AWS_REGION": "us-east-1",
        "AWS_ALLOW_HTTP": "true",
    }


if __name__ == "__main__":
    main(int(sys.argv[1]))
