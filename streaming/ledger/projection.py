"""Rolls decisions forward: their files are committed to `messages` and `quarantine`, once each and in order.

A decision is only ever made when all before it are rolled forward, so at most the newest one is outstanding - unless a
table was restored from an older backup.
"""

import logging

from conf.tables import LEDGER, Table
from streaming.ledger.commits import CommitLog
from streaming.ledger.decisions import PROJECTED, Decision, LedgerError, Mark
from streaming.ledger.log import Ledger
from streaming.ledger.place import Place
from streaming.patience import Patience

log = logging.getLogger(__name__)


class Projection:
    """The two tables that follow the ledger."""

    def __init__(self, place: Place, ledger_id: str, patience: Patience) -> None:
        self._logs = [CommitLog(place, table, patience, ledger_id) for table in PROJECTED]

    def catch_up(self, ledger: Ledger) -> None:
        """Both tables have every decision of the ledger, whatever happened before; the ledger is at its newest decision.

        Raises `LedgerError` where that is impossible: a table knows decisions that the ledger does not, or lacks some whose files
        are gone.
        """
        for commits in self._logs:
            commits.follow()
            # After the table's log: another query may decide meanwhile, and the table knows no decision before the ledger does.
            ledger.follow()
            for decision in reversed(_outstanding(commits, ledger)):
                _require_files(commits, decision)
                _append(commits, decision)

    def outstanding(self, ledger: Ledger) -> dict[str, set[str]]:
        """The files of the decisions that each table does not have yet, by table. Raises `LedgerError` as `catch_up` does."""
        found = {}
        for commits in self._logs:
            commits.follow()
            ledger.follow()
            name = commits.table.name
            found[name] = {file.path for one in _outstanding(commits, ledger) for file in one.files[name]}
        return found

    def roll_forward(self, decision: Decision) -> None:
        """Both tables have this decision; they already had all before it."""
        for commits in self._logs:
            _append(commits, decision)


def _append(commits: CommitLog, decision: Decision) -> None:
    """Commit the decision's files, if it has any; a writer that was first committed the same files."""
    files = decision.files.get(commits.table.name)
    while files and (commits.reached or 0) < decision.number:
        commits.append(decision.number, files, decision.projected())


def _outstanding(commits: CommitLog, ledger: Ledger) -> list[Decision]:
    """The decisions whose files the table lacks, the newest first."""
    table, newest, reached = commits.table, ledger.newest, commits.reached
    if reached is None:
        raise LedgerError(
            f"The table {table.name} does not belong to this ledger ({ledger.id}): one of them was made anew. "
            "Restore all three tables from backups of one moment."
        )
    wanted = newest.newest_for(table.name) if newest else None
    if reached > (wanted.number if wanted else 0):
        raise LedgerError(
            f"The table {table.name} has decision {reached}, the ledger ends at {newest.number if newest else 0}: "
            "the ledger was restored from an older backup. Restore all three tables from backups of one moment."
        )
    lacking = _lacking(table, ledger, reached, wanted)
    _require_same(commits, ledger, reached, lacking)
    return lacking


def _require_same(commits: CommitLog, ledger: Ledger, reached: int, lacking: list[Decision]) -> None:
    """The table's newest decision is the ledger's decision of that number, not one of another history."""
    name = commits.table.name
    if not reached or ledger.newest is None:
        return
    expected = lacking[-1].previous[name] if lacking else ledger.newest.newest_for(name)
    told = (commit.said for commit in commits.backwards())
    found = next((Mark(said["number"], said["id"]) for said in told if "number" in said), None)
    if found is not None and found != expected:
        raise LedgerError(
            f"Decision {found.number} of the table {name} is not the ledger's: they come from different "
            "backups. Restore all three tables from backups of one moment."
        )


def _require_files(commits: CommitLog, decision: Decision) -> None:
    name = commits.table.name
    if gone := commits.missing(decision.files[name]):
        raise LedgerError(
            f"The table {name} lacks decision {decision.number}, and {len(gone)} of its files are gone, such as "
            f"{gone[0]}: it was restored from an older backup. Restore the folder {name} with all files of the "
            "backup that the ledger is from."
        )


def _lacking(table: Table, ledger: Ledger, reached: int, wanted: Mark | None) -> list[Decision]:
    if wanted is None or wanted.number <= reached:
        return []
    lacking = []
    for decision in ledger.decisions():
        if decision.number == wanted.number:
            lacking.append(decision)
            wanted = decision.previous[table.name]
            if wanted is None or wanted.number <= reached:
                log.warning("%s lacks %d decisions of the ledger: they are rolled forward", table.name, len(lacking))
                return lacking
    raise LedgerError(
        f"The table {table.name} ends at decision {reached}; what the {LEDGER.name}'s log still tells begins later. "
        "Restore all three tables from backups of one moment."
    )
