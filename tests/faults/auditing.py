"""The audit of a stack's tables, without source and landing: every hash is computed again."""

from pathlib import Path

from streaming.audit import entries, hashes, outcomes, replayed
from streaming.audit.findings import Finding, Findings
from streaming.audit.snapshot import Snapshot
from streaming.ledger.place import Place
from tests.faults.ministack import MiniStack


def audited(stack: MiniStack, folder: Path) -> tuple[list[Finding], Snapshot]:
    """What `lake audit --deep` finds, and the snapshot that it looked at."""
    place = Place(stack.settings.minio.delta_bucket, stack.settings.s3("stream"))
    findings, snapshot = Findings(), Snapshot(place, stack.settings.minio.landing_bucket, folder)
    entries.name_twice_decided(snapshot, findings)
    snapshot.open_tables()
    outcomes.compare(snapshot, findings)
    replayed.check(snapshot, findings)
    hashes.compute_again(snapshot, findings)
    return findings.named, snapshot
