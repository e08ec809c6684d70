"""What is committed already, read back once at start, before any batch is tried again.

Three commits are not one. A query killed between them has rows in `quarantine` or `messages` that the ledger does not
know of. They are an outcome: it completes the ledger and is never decided again.
"""

from dataclasses import dataclass, field

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from conf.tables import LEDGER, MESSAGES, QUARANTINE, Table
from streaming.snapshots import Snapshots
from streaming.store import Store

_IDENTITY = ("source_key", "coalesce(source_version, source_etag) AS source_identity")
_ORIGIN = ("source_version", "source_etag", "kafka_partition", "kafka_offset", "batch_id", "cleaner_version")

# The newest commits of the ledger among which the other tables' newest batch is looked for.
BATCHES_COMPARED = 20


@dataclass
class Committed:
    """What the tables hold, by identity."""

    objects: set[tuple[str, str]] = field(default_factory=set)
    """Object versions with an outcome in the ledger."""
    rejections: set[tuple[str, str]] = field(default_factory=set)
    """Object versions without an outcome whose rejected rows are in quarantine: a kill came before the messages."""
    dead_letters: set[tuple[int, int, bytes, str]] = field(default_factory=set)
    """Partition, offset, kept bytes and reason of the records that could not be read."""


def recover(store: Store, tables: Snapshots) -> Committed:
    """Complete the ledger from what is committed in the other tables, then tell what is committed."""
    if not in_step(tables):
        orphans = completions(store.read(MESSAGES), store.read(QUARANTINE), store.read(LEDGER)).localCheckpoint()
        if not orphans.isEmpty():
            store.repair(orphans, LEDGER, {"recovered": orphans.count()})
    objects = _identities(tables, LEDGER)
    _, letters = tables.newest(QUARANTINE, ("kafka_partition", "kafka_offset", "raw", "detail"), kind="notification")
    return Committed(
        objects=objects,
        rejections=_identities(tables, QUARANTINE, kind="row") - objects,
        dead_letters=set(zip(*(column.to_pylist() for column in letters.columns), strict=True)),
    )


def in_step(tables: Snapshots) -> bool:
    """Whether the logs alone show that nothing has to be completed, so that no row need be read.

    The commits of a micro-batch say the same of it, and the ledger's is the last. So nothing is missing there when it
    has the newest batch of quarantine and of messages. False where that cannot be seen: then the rows are compared.
    """
    entered = tables.batches(LEDGER, BATCHES_COMPARED)
    newest = [batch for table in (MESSAGES, QUARANTINE) for batch in tables.batches(table, 1)]
    return all(batch and batch in entered for batch in newest)


def completions(messages: DataFrame, quarantine: DataFrame, ledger: DataFrame) -> DataFrame:
    """Ledger entries for outcomes that are committed but not in the ledger, in the columns of `LEDGER`.

    Quarantine is committed before messages: an object version with messages, or with an object entry in quarantine, is
    whole. One that has only rejected rows may lack its messages, and is left to be loaded again.
    """
    known = ledger.selectExpr(*_IDENTITY)
    loaded = _counted(messages, known, rows_loaded=F.count("*"), rows_recovered=F.count_if(F.col("source_part") > 0))
    rejected = _counted(quarantine.where("kind = 'row'"), known, rows_quarantined=F.count("*"))
    whole = loaded.join(
        rejected.select("source_key", "source_identity", "rows_quarantined"),
        ["source_key", "source_identity"],
        "left",
    ).withColumn("state", F.lit("loaded"))
    refused = _counted(quarantine.where("kind = 'object'"), known).withColumn("state", F.lit("quarantined"))
    return _entries(whole.unionByName(refused, allowMissingColumns=True))


def _counted(rows: DataFrame, known: DataFrame, **counts: Column) -> DataFrame:
    origin = [F.first(name).alias(name) for name in _ORIGIN]
    counted = [count.alias(name) for name, count in counts.items()]
    open_rows = rows.selectExpr("*", _IDENTITY[1]).join(known, ["source_key", "source_identity"], "left_anti")
    return open_rows.groupBy("source_key", "source_identity").agg(*origin, *counted)


def _entries(outcomes: DataFrame) -> DataFrame:
    zero = F.lit(0)
    loaded, recovered = F.coalesce("rows_loaded", zero), F.coalesce("rows_recovered", zero)
    quarantined = F.coalesce("rows_quarantined", zero)
    counts = {
        "records": loaded - recovered + quarantined,
        "rows_loaded": loaded,
        "rows_recovered": recovered,
        "rows_quarantined": quarantined,
    }
    # What only the ledger would have said.
    unknown = {name: F.lit(None).cast(LEDGER.schema[name].dataType) for name in ("size", "landed_at", "found_by")}
    return outcomes.withColumns(counts | unknown | {"attempts": F.lit(1)}).to(LEDGER.schema)


def _identities(tables: Snapshots, table: Table, kind: str | None = None) -> set[tuple[str, str]]:
    _, rows = tables.newest(table, ("source_key", "source_version", "source_etag"), kind)
    identities = rows.group_by(rows.column_names).aggregate([]).to_pylist()
    return {(row["source_key"], row["source_version"] or row["source_etag"]) for row in identities}
