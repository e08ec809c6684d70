"""Data files of the tables that cannot be read: each is a finding, and what does not need them is audited all the same."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from conf.versions import history, readable
from conf.versions.address import Address
from streaming.audit.findings import NAMED, Findings
from streaming.ledger.decisions import LedgerError


class UnreadableError(LedgerError):
    """A query needs data files that cannot be read. `files` has all of them, by table and path, and why."""

    def __init__(self, files: Mapping[str, str]) -> None:
        told = [f"{file}: {why.rstrip('.')}" for file, why in files.items()]
        more = f" … and {len(told) - NAMED} more" if len(told) > NAMED else ""
        super().__init__(
            f"The tables have data files that cannot be read: {'; '.join(told[:NAMED])}{more}. Restore all three tables from backups of one moment "
            "(docs/backup.md)."
        )
        self.files = files


@contextmanager
def named(findings: Findings) -> Iterator[None]:
    """End a check that needs a file that cannot be read, and make the file a finding; the next check goes on."""
    try:
        yield
    except UnreadableError as error:
        # The first check that fails has named all of them.
        if not findings.counts["unreadable"]:
            for file, why in error.files.items():
                findings.add("unreadable", file, f"what needs this file is not checked: {why}")


def files(opened: Iterable[tuple[Address, int]]) -> dict[str, str]:
    """Each data file of these tables' versions that cannot be read to its end, by table and path, and why.

    Reads all of them. Raises `VersionError` when the store does not answer.
    """
    found: dict[str, str] = {}
    for address, version in opened:
        with readable.asked(address):
            for file in history.files_of(address, version):
                if why := readable.fault(address, file):
                    found[f"{address.name}/{file.path}"] = why
    return found
