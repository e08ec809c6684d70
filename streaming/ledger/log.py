"""The ledger's log: the newest decision, and one conditional commit for the next."""

from collections.abc import Iterator
from uuid import uuid4

import pyarrow as pa
from deltalake import QueryBuilder

from conf.tables import LEDGER, decision_identity
from streaming.ledger.commits import CommitLog
from streaming.ledger.decisions import PROJECTED, Decision, LedgerError, Mark, decision_in
from streaming.ledger.place import Place
from streaming.patience import Patience


class RefusedError(Exception):
    """Another query decided first; `winner` is its decision. Nothing of ours has happened."""

    def __init__(self, winner: Decision) -> None:
        super().__init__(f"decision {winner.number} was made by {winner.writer}")
        self.winner = winner


class Ledger:
    """The decisions so far, as of one version of the table."""

    def __init__(self, place: Place, patience: Patience) -> None:
        self._place = place
        self._log = CommitLog(place, LEDGER, patience)
        self.newest = self._newest()

    @property
    def id(self) -> str:
        """The table's own id: a recreated ledger has another."""
        return self._log.id

    def follow(self) -> None:
        """Go to the newest decision."""
        found = [decision_in(commit.said) for commit in self._log.follow()]
        self.newest = next((one for one in reversed(found) if one), self.newest)

    def next_mark(self) -> Mark:
        """Number and id for the decision that follows the newest one."""
        return Mark(self.newest.number + 1 if self.newest else 1, str(uuid4()))

    def previous(self) -> dict[str, Mark | None]:
        """For each other table, the newest decision with files: `previous` of the next decision."""
        return {table.name: self.newest.newest_for(table.name) if self.newest else None for table in PROJECTED}

    def commit(self, decision: Decision) -> None:
        """The decision stands, exactly once, and is the newest. Raises `RefusedError` when another query decided first."""
        rival = self._log.append(decision.number, decision.files[LEDGER.name], decision.to_json())
        if rival is None:
            self.newest = decision
        elif winner := decision_in(rival.said):
            self.newest = winner
            raise RefusedError(winner)
        else:
            raise LedgerError("A commit in the ledger's log claims to be a decision, and is none. Restore the ledger.")

    def decisions(self) -> Iterator[Decision]:
        """All decisions, the newest first, as far back as the log reaches."""
        return filter(None, (decision_in(commit.said) for commit in self._log.backwards()))

    def stands(self, mark: Mark) -> bool:
        """Whether the ledger holds rows of this decision."""
        found = self._query(
            f"SELECT 1 FROM ledger WHERE decision = {mark.number} AND decision_id = '{mark.id}' LIMIT 1"
        )
        return any(batch.num_rows for batch in found)

    def identities_after(self, number: int) -> Iterator[list[str]]:
        """Yield the identities of everything decided after decision `number`, some thousands at a time."""
        for batch in self._query(f"SELECT source_identity, revision FROM ledger WHERE decision > {number}"):
            about, revisions = (column.to_pylist() for column in batch.columns)
            yield [decision_identity(one, revision or 1) for one, revision in zip(about, revisions, strict=True)]

    def _query(self, sql: str) -> Iterator[pa.RecordBatch]:
        builder = QueryBuilder().register("ledger", self._place.open(LEDGER))
        return (pa.record_batch(batch) for batch in builder.execute(sql))

    def _newest(self) -> Decision | None:
        if not self._log.reached:
            return None
        found = next(self.decisions(), None)
        if found is None or found.number != self._log.reached:
            number = self._log.reached
            raise LedgerError(
                f"The ledger's log does not say what decision {number} was. Restore the ledger from a backup."
            )
        return found
