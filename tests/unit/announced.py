"""Object versions as notifications tell of them, for tests."""

from datetime import UTC, datetime
from typing import Any

from streaming.events.intake import Announced

LANDED_AT = datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)


def announced(key: str = "a.csv", **changes: Any) -> Announced:
    """One object version; what is not said is the same for all."""
    told: dict[str, Any] = {
        "bucket": "landing",
        "key": key,
        "version": "v1",
        "etag": "e1",
        "size": 22,
        "landed_at": LANDED_AT,
        "found_by": "notification",
        "kafka_topic": "landing-events",
        "kafka_partition": 0,
        "kafka_offset": 7,
    }
    return Announced(**told | changes)
