"""Takes over the tables of version 0.1, in which the ledger was written last and by Spark.

The rows of the other two tables stay where they are. The ledger is rewritten once, in one commit, as decision 1: each entry gets
the new columns, and each dead letter gets an entry.
"""

import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any
from uuid import uuid4

import obstore
import pyarrow as pa
from deltalake import QueryBuilder, Schema
from deltalake.transaction import AddAction
from pyspark.sql import SparkSession

from conf.tables import LEDGER, MESSAGES, QUARANTINE, TABLES, Table, object_identity, record_identity
from streaming.ledger.decisions import NO_HOOKS, PROJECTED, Decision, LedgerError, Mark, application, commit_properties
from streaming.ledger.ensure import bind, brought_up
from streaming.ledger.place import Place
from streaming.rows.files import DataFile, parquet, statistics

log = logging.getLogger(__name__)

COMMIT_TIMES = "delta.enableInCommitTimestamps"

_VERSION = "coalesce(source_version, source_etag)"
_ENTRIES = f"""
SELECT l.*, m.hashes FROM ledger l LEFT JOIN (
  SELECT source_key, {_VERSION} AS version, sum(cast(row_hash AS DECIMAL(38, 0))) AS hashes
  FROM messages GROUP BY 1, 2
) m ON l.source_key = m.source_key AND coalesce(l.source_version, l.source_etag) = m.version
"""
_LETTERS = "SELECT * FROM quarantine WHERE kind = 'notification'"
# Rows without an entry: a query of that version was killed between its commits, and has not been started since.
_ORPHANS = f"""
SELECT DISTINCT r.source_key FROM (
  SELECT source_key, {_VERSION} AS version FROM messages
  UNION SELECT source_key, {_VERSION} AS version FROM quarantine WHERE kind <> 'notification'
) r LEFT ANTI JOIN (SELECT source_key, {_VERSION} AS version FROM ledger) l
ON r.source_key = l.source_key AND r.version = l.version
"""


class Takeover:
    """Takes the tables of version 0.1 to decision 1."""

    def __init__(self, place: Place, bucket: str, landing_topic: str, control_topic: str) -> None:
        self._place = place
        self._bucket = bucket
        self._topics = {"notification": landing_topic, "reconcile": control_topic}
        self._mark = Mark(1, str(uuid4()))
        self._now = datetime.now(UTC)

    def is_due(self) -> bool:
        """Whether the tables are of version 0.1 and not yet taken over, or only in part."""
        ledger = self._place.opened(LEDGER)
        if ledger is None or COMMIT_TIMES not in ledger.metadata().configuration:
            return False
        app_id = application(ledger.metadata().id)
        tables = [ledger, *(self._place.open(table) for table in PROJECTED)]
        return any(table.transaction_version(app_id) is None for table in tables)

    def run(self, drop_commit_times: Callable[[Table], None]) -> None:
        """The tables can be written by delta-rs and the ledger has its new shape; nothing is loaded again.

        `drop_commit_times` drops a table's in-commit timestamps, with which delta-rs refuses to write it. Raises
        `LedgerError` when there are rows without an entry. Can be repeated after a kill at any point.
        """
        for table in TABLES:
            if "inCommitTimestamp" in (self._place.open(table).protocol().writer_features or ()):
                drop_commit_times(table)
        ledger = brought_up(self._place, LEDGER)
        ledger_id = ledger.metadata().id
        if ledger.transaction_version(application(ledger_id)) is None:
            self._require_entries()
            self._rewrite()
            log.info("the ledger of version 0.1 is taken over as decision 1")
        for table in PROJECTED:
            bind(self._place.open(table), ledger_id)

    def _require_entries(self) -> None:
        orphans = [key for batch in self._query(_ORPHANS) for key in batch.column(0).to_pylist()]
        if orphans:
            raise LedgerError(
                f"{len(orphans)} objects, such as {orphans[0]!r}, have rows but no entry in the ledger: a query of version 0.1 was "
                "killed between two commits. Start that version once more, which completes the ledger, then this one."
            )

    def _rewrite(self) -> None:
        self._place.open(LEDGER).alter.set_table_properties(
            {"delta.appendOnly": "false"}, post_commithook_properties=NO_HOOKS
        )
        ledger = self._place.open(LEDGER)
        decision = Decision(
            *self._mark,
            files={table.name: [] for table in TABLES},
            previous={table.name: None for table in PROJECTED},
            about={"taken_over": "0.1"},
        )
        app_id = application(ledger.metadata().id)
        file = self._written()
        ledger.create_write_transaction(
            [AddAction(file.path, file.size, {}, int(self._now.timestamp() * 1000), True, file.stats)],
            "overwrite",
            Schema.from_arrow(LEDGER.schema),
            commit_properties=commit_properties(app_id, decision.number, decision.to_json()),
            post_commithook_properties=NO_HOOKS,
        )

    def _written(self) -> DataFile:
        """The converted ledger as one file in its folder."""
        rows = pa.Table.from_batches(self._converted(), LEDGER.schema)
        content, name = parquet(rows), f"taken-over-{self._mark.id}.parquet"
        obstore.put(self._place.store(), f"{LEDGER.name}/{name}", content.to_pybytes())
        return DataFile(name, content.size, statistics(rows))

    def _converted(self) -> Iterator[pa.RecordBatch]:
        for sql, convert in ((_ENTRIES, self._entry), (_LETTERS, self._letter)):
            for batch in self._query(sql):
                yield pa.RecordBatch.from_pylist([convert(row) for row in batch.to_pylist()], schema=LEDGER.schema)

    def _entry(self, row: dict[str, Any]) -> dict[str, Any]:
        version = row["source_version"] or row["source_etag"]
        new = {
            "kind": "object",
            "source_bucket": self._bucket,
            "source_identity": object_identity(self._bucket, row["source_key"], version),
            "kafka_topic": self._topics.get(row["found_by"] or "notification"),
            "hash_sum": row.pop("hashes") or Decimal(0),
        }
        return row | self._stamp() | new

    def _letter(self, row: dict[str, Any]) -> dict[str, Any]:
        topic = row["detail"].partition(":")[0]
        digest = sha256(row["raw"] or b"").hexdigest()
        place = (topic, row["kafka_partition"], row["kafka_offset"])
        return self._stamp() | {
            "kind": "record",
            "source_identity": record_identity(*place, digest),
            "content_sha256": digest,
            "size": row["raw_size"],
            "kafka_topic": topic,
            "kafka_partition": row["kafka_partition"],
            "kafka_offset": row["kafka_offset"],
            "state": "quarantined",
            "found_by": "notification",
            "attempts": 1,
            "batch_id": row["batch_id"],
            "cleaner_version": row["cleaner_version"],
            **dict.fromkeys(("records", "rows_loaded", "rows_recovered", "rows_quarantined"), 0),
            "hash_sum": Decimal(0),
        }

    def _stamp(self) -> dict[str, Any]:
        return {"decision": 1, "decision_id": self._mark.id, "revision": 1, "feed": "sms", "decided_at": self._now}

    def _query(self, sql: str) -> Iterator[pa.RecordBatch]:
        builder = QueryBuilder()
        for table in (LEDGER, MESSAGES, QUARANTINE):
            builder = builder.register(table.name, self._place.open(table))
        return (pa.record_batch(batch) for batch in builder.execute(sql))


def drop_commit_times(spark: SparkSession, location: str) -> None:
    """Drop in-commit timestamps, which version 0.1 made: delta-rs refuses to write such a table, and only Spark can drop them."""
    address = f"delta.`{location}`"
    spark.sql(f"ALTER TABLE {address} SET TBLPROPERTIES ('delta.enableInCommitTimestamps' = 'false')")
    spark.sql(f"ALTER TABLE {address} DROP FEATURE inCommitTimestamp")
