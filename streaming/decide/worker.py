"""What one task does on an executor: fetches the objects of a slice, parses them, and writes the rows they become.

Files that no commit names are invisible, so a task may be killed and repeated at any point.
"""

import resource
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime

import obstore
from obstore.exceptions import BaseError

from conf.settings import S3Access, Settings
from conf.settings.groups import Stream
from conf.tables import TABLES
from streaming.decide.fetch import Absent, Body, Fetched, Landing, PassingError, TooLarge, Unnameable
from streaming.decide.slices import Item
from streaming.decide.time_limit import time_limit
from streaming.errors import OverdueError
from streaming.events.intake import Announced
from streaming.events.objects import ObjectVersion
from streaming.feeds.feed import Feed
from streaming.ledger.place import Place
from streaming.page import parser, probe
from streaming.page.limits import Limits
from streaming.rows import counts, outcomes, replay
from streaming.rows.counts import Counts
from streaming.rows.files import DataFile, parquet, statistics
from streaming.rows.outcomes import Outcome, Outcomes, Told
from streaming.rows.replay import Replay
from streaming.rows.stamp import Stamp

# Concurrent GETs in one task.
FETCHES = 8
# It is never at fault itself: where it fails as well, no object is at fault.
PROBE = Announced(
    bucket="", key="probe", version=None, etag="probe", size=0, landed_at=datetime.fromtimestamp(0, UTC),
    found_by="notification", kafka_topic="", kafka_partition=0, kafka_offset=0,
)  # fmt: skip


@dataclass(frozen=True)
class Job:
    """What every task of a decision needs to know."""

    access: S3Access
    place: Place
    stamp: Stamp
    feed: Feed
    limits: Limits
    most_object_bytes: int
    most_memory_bytes: int


@dataclass(frozen=True)
class Written:
    """What deciding a slice has written: the files by table, and sums and counts for the commit's metadata."""

    files: dict[str, list[DataFile]]
    rows: dict[str, int]
    hash_sum: int
    counts: Counts = field(default_factory=dict)
    unchanged: tuple[str, ...] = ()
    """The requested decisions that are not made: replays that would change nothing."""


@dataclass(frozen=True)
class Passing:
    """Trouble that is not the slice's fault: the slice is to be decided again, later."""

    why: str


@dataclass(frozen=True)
class Failed:
    """An unforeseen error in one of the slice's items; which one is not known."""

    error: str


Result = Written | Passing | Failed
Fetch = Callable[[ObjectVersion], Fetched]


def limits_of(stream: Stream) -> Limits:
    """The caps on a page, as the settings have them."""
    return Limits(**{one.name: getattr(stream, f"max_{one.name}") for one in fields(Limits)})


def job_of(settings: Settings, feed: Feed, place: Place, stamp: Stamp) -> Job:
    """The job for these settings, with the rights of the query."""
    stream = settings.stream
    most = (stream.max_object_bytes, stream.worker_memory_bytes)
    return Job(settings.s3("stream"), place, stamp, feed, limits_of(stream), *most)


def ready(_task: int) -> None:
    """Does nothing: a worker that can call it has loaded this module and all that it needs."""


def decide(job: Job, name: str, items: Sequence[Item]) -> Result:
    """The slice's rows are in files whose names begin with `name`, or nothing visible has happened.

    Without items it decides the probe, by the same steps.
    """
    _bound_memory(job.most_memory_bytes)
    try:
        found, unchanged = decided(job, items) if items else (_probed(job), ())
        return _written(job, name, found, unchanged)
    except PassingError as error:
        return Passing(str(error))
    except BaseError as error:
        return Passing(f"{job.place.root}: {str(error).strip().splitlines()[0]}")
    except Exception as error:  # noqa: BLE001  # told to the driver, which finds the item that it comes from
        return Failed(f"{type(error).__name__}: {error}"[:1000])


def decided(job: Job, items: Sequence[Item], fetch: Fetch | None = None) -> tuple[Outcomes, tuple[str, ...]]:
    """Return the rows, and the decisions of replays that would change nothing. Without `fetch` the landing bucket is read."""
    found, unchanged = Outcomes(job.stamp, job.feed), []
    fetch = fetch or Landing(job.access, job.most_object_bytes).fetch
    with ThreadPoolExecutor(FETCHES) as pool:
        fetched = pool.map(lambda item: _fetched(job, fetch, item), items)
        for item, content in zip(items, fetched, strict=True):
            if not isinstance(item.what, Announced):
                found.add_letter(item.what, item.attempts)
            elif item.replay is None:
                found.add(item.what, _outcome(job, item, content), item.attempts)
            elif outcome := _replayed(job, item.replay, content):
                found.add(item.what, outcome, item.attempts, item.replay.replaces)
            else:
                unchanged.append(item.what.decision_identity)
    return found, tuple(unchanged)


def _probed(job: Job) -> Outcomes:
    found = Outcomes(job.stamp, job.feed)
    found.add(PROBE, _parsed(probe.page(job.feed), Told(), job), attempts=1)
    return found


def _fetched(job: Job, fetch: Fetch, item: Item) -> Fetched | None:
    if not isinstance(item.what, Announced) or item.error:
        return None
    if item.what.size > job.most_object_bytes:
        return TooLarge(item.what.size)
    return fetch(item.what)


def _outcome(job: Job, item: Item, found: Fetched | None) -> Outcome:
    match found:
        case Body(content, headers):
            return _parsed(content, outcomes.told_by(headers), job)
        case Absent(state):
            return Outcome(state)
        case TooLarge(size):
            most = job.most_object_bytes
            return outcomes.unread(size, "too_large", f"{size} bytes are more than STREAM_MAX_OBJECT_BYTES={most}")
        case Unnameable(code):
            return outcomes.unread(item.size, "no_such_name", f"the object store answers {code}")
        case None:
            return outcomes.unread(item.size, "unreadable", f"failed {item.failures} times, alone: {item.error}")


def _replayed(job: Job, asked: Replay, found: Fetched | None) -> Outcome | None:
    """What the present cleaner makes of what could not be read before; None where that is still nothing, or cannot be seen."""
    if not isinstance(found, Body):
        return None
    told = outcomes.told_by(found.headers)
    if asked.is_of_object:
        return replay.of_object(_parsed(found.content, told, job), asked.entries)
    rows = {entry.source_row or 0 for entry in asked.entries}
    try:
        with time_limit(job.limits.parse_seconds):
            located = parser.all_located(found.content, rows, job.feed, job.limits)
    except (parser.PageError, OverdueError):
        return None
    return replay.of_rows(outcomes.read(found.content, told), located, asked.entries)


def _parsed(content: bytes, told: Told, job: Job) -> Outcome:
    try:
        with time_limit(job.limits.parse_seconds):
            return outcomes.loaded(content, parser.parse(content, job.feed, job.limits), told)
    except parser.PageError as error:
        return outcomes.refused(content, error.rule, error.detail, told)
    except OverdueError:
        most = f"it was not read within STREAM_MAX_PARSE_SECONDS={job.limits.parse_seconds:g}"
        return outcomes.refused(content, "too_slow", most, told)


def _written(job: Job, name: str, found: Outcomes, unchanged: tuple[str, ...]) -> Written:
    store = job.place.store()
    files: dict[str, list[DataFile]] = {}
    rows: Counter[str] = Counter()
    told = []
    # Not in parallel: what ended threads held for Arrow is not given back, and after some slices the worker could start no more threads
    # (measured; in parallel, a single object took 3 ms less).
    for table in TABLES:
        for number, part in enumerate(found.parts(table.name)):
            path, content = f"{name}-{number:02d}.parquet", parquet(part)
            obstore.put(store, f"{table.name}/{path}", content.to_pybytes())
            files.setdefault(table.name, []).append(DataFile(path, content.size, statistics(part)))
            rows[table.name] += part.num_rows
            told.append(counts.of(table.name, part))
    return Written(files, dict(rows), found.hash_sum, counts.total(told), unchanged)


def _bound_memory(most_bytes: int) -> None:
    """A worker that wants more gets a MemoryError of its own, and the machine's other processes have nothing to fear.

    RLIMIT_DATA counts what a process may write to; libraries mapped from files are not in it (getrlimit(2)).
    """
    resource.setrlimit(resource.RLIMIT_DATA, (most_bytes, most_bytes))
