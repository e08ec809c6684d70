"""The ledger with all that follows it: the index, the tables, and the housekeeping."""

from collections.abc import Sequence
from pathlib import Path

from deltalake.exceptions import DeltaError

from streaming.ledger import unresolved
from streaming.ledger.decisions import Decision
from streaming.ledger.housekeeping import Housekeeping
from streaming.ledger.index import Index
from streaming.ledger.log import Ledger
from streaming.ledger.place import Place
from streaming.ledger.projection import Projection
from streaming.patience import Patience
from streaming.rows.replay import Replay


class Books:
    """Between two decisions, the index and the tables have always reached the ledger's version.

    So at most the newest decision is ever outstanding, and a decision is only made by a writer that has seen all others.
    """

    def __init__(self, place: Place, index: Path, patience: Patience) -> None:
        """Open the tables, and bring index and tables up to the ledger. Raises `LedgerError` when they do not fit together."""
        self.patience = patience
        self._place = place
        self.ledger = Ledger(place, patience)
        self.index = Index(index)
        self._projection = Projection(place, self.ledger.id, patience)
        self._housekeeping = Housekeeping(place)
        self._projection.catch_up(self.ledger)
        self.index.bring_up_to(self.ledger)

    def enter(self, decision: Decision, identities: Sequence[str]) -> None:
        """The decision stands and is rolled forward. Raises `RefusedError` when another query was first."""
        self.ledger.commit(decision)
        self.index.add(identities, self.ledger.id, decision.mark)
        self._projection.roll_forward(decision)
        self._housekeeping.after(decision.number)

    def unresolved(self, identity: str, revision: int) -> Replay | None:
        """Return what a replay of this revision can be about. Waits for as long as the object store is away."""
        for attempt in self.patience.attempts():
            try:
                return unresolved.of(self._place, identity, revision)
            except (DeltaError, OSError) as error:
                self.patience.wait(
                    attempt, f"what is to be replayed cannot be read: {' '.join(str(error).split())[:300]}"
                )
        return None

    def catch_up(self) -> None:
        """See what other queries have decided."""
        self._projection.catch_up(self.ledger)
        self.index.bring_up_to(self.ledger)
