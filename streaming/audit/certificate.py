"""The certificate: everything served has landed, everything landed has one outcome, and the tables hold its rows by content.

Everything is counted again from what the services hold: the source's own books, the bucket's listing, the topics, and the
three tables. Nothing relies on what the query says.
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from conf.settings import Settings
from streaming import lock, services
from streaming.audit import entries, hashes, landing, outcomes, pages, replayed, rolling
from streaming.audit.findings import Finding, Findings
from streaming.audit.landing import Landing
from streaming.audit.pages import Confirmed
from streaming.audit.snapshot import Snapshot
from streaming.audit.source import Source
from streaming.feeds import declaration
from streaming.ledger.place import Place


@dataclass(frozen=True)
class Audit:
    """What was served, landed and loaded. Pages, then objects, then records; then what is wrong."""

    origin: str
    """Whether the source hands out the real collection or the generated corpus: `real` or `generated`."""
    served: int
    served_elsewhere: int
    remaining: int
    unconfirmed: int
    not_of_feed: int
    """Confirmed pages outside the folder that the feed's declaration names: the query leaves them alone."""
    unlanded: int
    """Pages of the feed that the source calls confirmed and that are not in landing."""
    landed: int
    loaded: int
    quarantined: int
    vanished: int
    superseded: int
    pending: int
    unaccounted: int
    """Objects that nothing has announced to the query; the next reconciliation does."""
    reconciled: int
    """Objects that no notification announced in time and that reconciliation found."""
    contradicted: int
    """Ledger entries that do not agree with their rows in messages and quarantine, as far as these can be read."""
    source_records: int
    rows: int
    rows_quarantined: int
    recovered: int
    """Rows recovered from inside another record; not counted in `rows`."""
    unknown_rows: int
    """Rows in messages and quarantine that no ledger entry names."""
    dead_letters: int
    not_rolled_forward: int
    """Tables that lack something the ledger has decided, or have more."""
    version: int
    running: bool
    """Whether the query runs; the rest does not depend on it."""
    deep: bool
    """Whether the hash of every row was computed again from what it holds."""
    found: dict[str, int]
    """How many findings there are of each kind."""
    findings: tuple[Finding, ...]
    """The first of each kind, by name."""

    @property
    def clean(self) -> bool:
        """Nothing lost, nothing twice, and nothing but what belongs there."""
        return not self.found

    def counts(self) -> dict[str, Any]:
        """All but the list of findings."""
        return {name: value for name, value in asdict(self).items() if name != "findings"} | {"clean": self.clean}

    def as_dict(self) -> dict[str, Any]:
        """All of it, for JSON."""
        return self.counts() | {"findings": [finding._asdict() for finding in self.findings]}


@dataclass(frozen=True)
class Evidence:
    """What the other services say: the source's status and its confirmed pages, the bucket and what waits."""

    source: dict[str, Any]
    confirmed: Confirmed
    landing: Landing
    running: bool


def audit(settings: Settings, *, deep: bool = False) -> Audit:
    """Count everything again; `deep` recomputes the hash of every row.

    Raises `ServiceError` when a service does not answer, `LedgerError` when the ledger cannot be read, and `DeclarationError`.
    """
    access = settings.s3("stream")
    services.check(settings, access)
    with TemporaryDirectory(prefix="lake-audit-") as name:
        folder = Path(name)
        source = Source(settings.source.url)
        # The source first, the tables last: what has moved on from one is found in the next.
        status = source.status()
        prefix = declaration.of(settings).prefix
        confirmed = pages.confirmed(source.confirmed(), status["dataset"], prefix, folder)
        looked = landing.look(settings, access, folder)
        running = lock.holder(settings.stream_lock) is not None
        evidence = Evidence(status, confirmed, looked, running)
        return certify(evidence, Place(settings.minio.delta_bucket, access), folder, deep=deep)


def certify(evidence: Evidence, place: Place, folder: Path, *, deep: bool = False) -> Audit:
    """Compare the evidence with the tables. `folder` is for files that live as long as this takes."""
    findings = Findings()
    snapshot = Snapshot(place, evidence.landing.bucket, folder)
    undecided, keys = landing.undecided(snapshot, evidence.landing, findings)
    pages.name_unlanded(snapshot, evidence.confirmed.of_feed, keys, findings)
    standing = entries.standing(snapshot)
    entries.name_twice_decided(snapshot, findings)
    rolling.await_tables(snapshot, findings)
    version = snapshot.open_tables()
    compared = outcomes.compare(snapshot, findings)
    replayed.check(snapshot, findings)
    if deep:
        hashes.compute_again(snapshot, findings)
    source, states = evidence.source, standing.states
    return Audit(
        origin=source["origin"],
        served=source["pages_served"],
        served_elsewhere=source["served_elsewhere"],
        remaining=source["remaining"],
        unconfirmed=source["pages_unconfirmed"],
        not_of_feed=evidence.confirmed.others,
        unlanded=findings.counts["unlanded"],
        # What has an outcome has landed, even when it is gone from the bucket by now.
        landed=undecided.total + states.total(),
        **{state: states[state] for state in ("loaded", "quarantined", "vanished", "superseded")},
        pending=undecided.pending,
        unaccounted=undecided.unaccounted,
        reconciled=standing.reconciled,
        contradicted=compared.contradicted,
        source_records=source["records_served"],
        rows=standing.rows,
        rows_quarantined=standing.rows_quarantined,
        recovered=standing.recovered,
        unknown_rows=compared.unknown_rows,
        dead_letters=standing.dead_letters,
        not_rolled_forward=findings.counts["not_rolled_forward"],
        version=version,
        running=evidence.running,
        deep=deep,
        found=dict(findings.counts),
        findings=tuple(sorted(findings.named)),
    )
