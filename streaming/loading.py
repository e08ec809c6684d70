"""Loads one micro-batch: notifications in, outcomes decided, three tables appended to in a fixed order."""

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pyspark.sql import DataFrame, Row

from conf.settings import S3Access
from conf.tables import LEDGER, MESSAGES, QUARANTINE
from streaming import ledger, messages, outcomes, quarantine
from streaming.intake import Intake, take_in
from streaming.notifications import Announced, KafkaRecord
from streaming.pages import CLEANER_VERSION
from streaming.recovery import Committed
from streaming.store import Store

log = logging.getLogger(__name__)

# Object keys that a commit's metadata names; of the rest it gives the number, the ledger has them by batch.
KEYS_NAMED = 20


@dataclass(frozen=True)
class Loader:
    """Gives each object version of a micro-batch its outcome, exactly once. Made for `foreachBatch`."""

    store: Store
    access: S3Access
    bucket: str
    control_topic: str
    max_object_bytes: int
    committed: Committed

    def __call__(self, records: DataFrame, batch_id: int) -> None:
        """Load the notifications of one micro-batch; what is committed already adds nothing."""
        rows = records.select("topic", "partition", "offset", "value", "timestamp").collect()
        if not rows:
            return
        read = [KafkaRecord(row.topic, row.partition, row.offset, row.value) for row in rows]
        intake = self._new(take_in(read, self.bucket, self.control_topic))
        log.info(
            "batch %d: %d records, %d new objects, %d repeated, %d ignored, %d dead letters",
            *(batch_id, len(rows), len(intake.objects), intake.repeated, intake.ignored, len(intake.dead_letters)),
        )
        if intake.objects or intake.dead_letters:
            self._write(intake, batch_id, seen_at=max(row.timestamp for row in rows), offsets=_offsets(rows))

    def _new(self, intake: Intake) -> Intake:
        """The same intake without what has been committed before."""
        objects = [version for version in intake.objects if version.identity not in self.committed.objects]
        letters = [letter for letter in intake.dead_letters if letter.identity not in self.committed.dead_letters]
        repeated = intake.repeated + len(intake.objects) - len(objects)
        return Intake(objects, letters, intake.ignored, repeated)

    def _write(self, intake: Intake, batch_id: int, seen_at: datetime, offsets: dict[str, list[int]]) -> None:
        """Quarantine, then messages, then the ledger: `recovery` relies on this order.

        A table that gets no row gets no commit.
        """
        spark = self.store.spark
        decided = outcomes.decide(spark, intake.objects, self.access, self.bucket, self.max_object_bytes)
        summary = decided.drop("messages", "rejected").collect()
        metadata = _metadata(batch_id, offsets, summary)
        # Kept in the checkpoint: a new checkpoint counts its batches from 0 again, under another id.
        app_id = str(spark.sparkContext.getLocalProperty("sql.streaming.queryId"))

        if intake.dead_letters or any(row.rows_quarantined or row.state == "quarantined" for row in summary):
            open_outcomes = decided.where(~quarantine.is_one_of(self.committed.rejections))
            refused = quarantine.rejected(open_outcomes, batch_id, seen_at, CLEANER_VERSION)
            letters = quarantine.dead_letters(spark, intake.dead_letters, batch_id, seen_at, CLEANER_VERSION)
            self.store.append(refused.unionByName(letters), QUARANTINE, app_id, batch_id, metadata)
        if any(row.rows_loaded for row in summary):
            loaded = messages.messages(decided, batch_id, CLEANER_VERSION)
            self.store.append(loaded, MESSAGES, app_id, batch_id, metadata)
        if summary:
            self.store.append(ledger.entries(decided, batch_id, CLEANER_VERSION), LEDGER, app_id, batch_id, metadata)
        decided.unpersist()
        self._remember(intake.objects)

    def _remember(self, loaded: list[Announced]) -> None:
        self.committed.objects.update(version.identity for version in loaded)


def _offsets(rows: list[Row]) -> dict[str, list[int]]:
    """First and last offset of the batch by topic and partition, named as Kafka does: `landing-events-0`."""
    ranges: dict[str, list[int]] = {}
    for row in rows:
        name = f"{row.topic}-{row.partition}"
        low, high = ranges.get(name, (row.offset, row.offset))
        ranges[name] = [min(low, row.offset), max(high, row.offset)]
    return ranges


def _metadata(batch_id: int, offsets: dict[str, list[int]], summary: list[Row]) -> dict[str, Any]:
    """What each commit of the batch says of it: offsets, objects, row counts, cleaner and data digest."""
    return {
        "batch": batch_id,
        "offsets": offsets,
        "objects": len(summary),
        "keys": [row.key for row in summary[:KEYS_NAMED]],
        "rows": sum(row.rows_loaded for row in summary),
        "rows_quarantined": sum(row.rows_quarantined for row in summary),
        "cleaner": CLEANER_VERSION,
        "hash_sum": str(sum(int(row.hash_sum) for row in summary)),
    }
