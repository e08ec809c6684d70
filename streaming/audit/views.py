"""The three tables with the same columns for what a row is about, whichever version of this product wrote it.

kind, place, name, version: an object version (bucket, key, version id or ETag), or a record (topic, partition, offset).
of_decision: the decision that the row belongs to. Rows of version 0.1 have neither bucket nor decision; they were taken over as
decision 1. A record in that version's quarantine has its topic in front of its detail.
"""

from collections.abc import Iterable

from conf.tables import LEDGER, MESSAGES, QUARANTINE

_DECISION = "coalesce(decision, 1) AS of_decision"
_VERSION = "coalesce(source_version, source_etag)"
_RECORD = "kind IN ('record', 'notification')"


def views(bucket: str) -> dict[str, tuple[str, str]]:
    """The name and the SQL of each table's view. `bucket` is that of rows that name none."""
    place = f"coalesce(source_bucket, {quoted(bucket)})"
    entered = _about(place, "kafka_topic")
    refused = _about(place, "coalesce(kafka_topic, split_part(detail, ':', 1))")
    # Offsets start over when a topic is made again: the bytes tell two records apart.
    content = f"CASE WHEN {_RECORD} THEN content_sha256 ELSE '' END AS bytes"
    message = f"'object' AS kind, {place} AS place, source_key AS name, {_VERSION} AS version"
    return {
        LEDGER.name: ("entered", f"SELECT * EXCEPT (kind), {_DECISION}, {entered}, {content} FROM ledger"),
        MESSAGES.name: (
            "held",
            f"SELECT decision, {_DECISION}, {message}, source_row, source_part, row_hash FROM messages",
        ),
        QUARANTINE.name: (
            "refused",
            f"SELECT decision, {_DECISION}, {refused}, kind AS of_kind, source_row, row_hash FROM quarantine",
        ),
    }


def quoted(text: str) -> str:
    """The text as an SQL literal. All else in the audit's SQL is its own names and numbers."""
    return "'" + text.replace("'", "''") + "'"


def listed(columns: Iterable[str]) -> str:
    """These columns behind others of a SELECT."""
    return "".join(f', "{name}"' for name in columns)


def _about(place: str, topic: str) -> str:
    columns = {
        "kind": ("'record'", "'object'"),
        "place": (topic, place),
        "name": ("cast(kafka_partition AS varchar)", "source_key"),
        "version": ("cast(kafka_offset AS varchar)", _VERSION),
    }
    return ", ".join(
        f"CASE WHEN {_RECORD} THEN {one} ELSE {other} END AS {name}" for name, (one, other) in columns.items()
    )
