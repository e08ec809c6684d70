"""What all rows of one decision have in common."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Stamp:
    """The decision that rows belong to, and the micro-batch and cleaner they come from."""

    decision: int
    decision_id: str
    batch_id: int
    decided_at: datetime
    cleaner_version: str

    def on_rows(self) -> dict[str, Any]:
        """Its columns in every table."""
        return {"decision": self.decision, "batch_id": self.batch_id, "cleaner_version": self.cleaner_version}
