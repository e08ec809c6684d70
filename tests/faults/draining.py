"""Waits until the queries have nothing left to do, then asks the oracle."""

import json
import time
from collections.abc import Sequence
from pathlib import Path

from confluent_kafka import Consumer, KafkaException, TopicPartition
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_fixed

from conf.settings import Settings
from tests.faults import oracle, tables
from tests.faults.landing import Load
from tests.faults.ministack import MiniStack
from tests.faults.oracle import Verdict
from tests.faults.query import Query
from tests.faults.waiting import PATIENCE_SECONDS

SETTLING_SECONDS = 5
"""MinIO sends what it has queued every 3 s."""


def judge(stack: MiniStack, load: Load, queries: Sequence[Query]) -> Verdict:
    """The verdict when every object has its entry and every record of the topics is behind every one of these queries.

    Rows are rolled forward after their entry: what is missing is looked for three times.
    """
    drain(stack, load, queries)
    for _ in range(2):
        verdict = oracle.examine(stack, load)
        if not verdict.findings:
            return verdict
        time.sleep(SETTLING_SECONDS)
    return oracle.examine(stack, load)


def drain(stack: MiniStack, load: Load, queries: Sequence[Query]) -> None:
    """Returns when nothing is left to do, or when nothing has moved for so many seconds: the oracle says what is missing."""
    last, moved, settled = None, time.monotonic(), 0.0
    while time.monotonic() - moved < PATIENCE_SECONDS:
        now = _state(stack, load, queries)
        if now != last:
            last, moved = now, time.monotonic()
        open_objects, *behind = now
        settled = settled or time.monotonic() if not open_objects and not any(behind) else 0.0
        if settled and time.monotonic() - settled > SETTLING_SECONDS:
            return
        time.sleep(1)


def _state(stack: MiniStack, load: Load, queries: Sequence[Query]) -> tuple[int, ...]:
    """How many objects have no entry, and how many records each query has still to read."""
    entries = tables.rows(stack.settings, "ledger", *tables.SOURCE)
    known = {tables.identity(entry) for entry in entries}
    ends = topic_ends(stack.settings)
    return (
        sum(landed.identity not in known for landed in load.landed),
        *(sum(ends.values()) - sum(position(query.checkpoint).values()) for query in queries),
    )


def topic_ends(settings: Settings) -> dict[str, int]:
    """The offset behind the last record of each topic; each has one partition."""
    consumer = Consumer({"bootstrap.servers": settings.kafka.servers, "group.id": "faults", "log_level": 0})
    try:
        return {topic: _end(consumer, topic) for topic in settings.kafka.topics}
    finally:
        consumer.close()


@retry(stop=stop_after_delay(30), wait=wait_fixed(0.5), retry=retry_if_exception_type(KafkaException), reraise=True)
def _end(consumer: Consumer, topic: str) -> int:
    """Kafka that has just been started answers before its partitions have a leader."""
    end: int = consumer.get_watermark_offsets(TopicPartition(topic, 0), 30)[1]
    return end


def position(checkpoint: Path) -> dict[str, int]:
    """How far a query has come in each topic: the offsets of the last batch that its checkpoint has as committed."""
    batch = last_batch(checkpoint, "commits")
    try:
        told = json.loads((checkpoint / "offsets" / str(batch)).read_text().splitlines()[-1])
    except FileNotFoundError:
        return {}
    return {topic: sum(partitions.values()) for topic, partitions in told.items()}


def last_batch(checkpoint: Path, log: str) -> int:
    """The newest batch in `offsets` (begun) or `commits` (done); -1 when there is none."""
    return max((int(file.name) for file in (checkpoint / log).glob("[0-9]*") if file.name.isdigit()), default=-1)
