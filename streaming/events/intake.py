"""What the records of one micro-batch say, over both topics: object versions without repeats, and dead letters."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, NamedTuple

from pydantic import ValidationError

from conf.tables import RAW_BYTES_KEPT, decision_identity
from streaming.events import control, notifications
from streaming.events.fields import why
from streaming.events.objects import ObjectVersion
from streaming.events.records import VALUE_BYTES, KafkaRecord, Told, VacuumAsked

DETAIL_CHARACTERS = 500

FoundBy = Literal["notification", "reconcile", "replay"]
Rule = Literal["not_a_notification", "not_a_control_record", "too_large"]


@dataclass(frozen=True)
class Announced(ObjectVersion):
    """An object version, and the record that told of it. Its first decision has revision 1; a replay asks for the next."""

    found_by: FoundBy
    kafka_topic: str
    kafka_partition: int
    kafka_offset: int
    revision: int = 1

    @cached_property
    def decision_identity(self) -> str:
        """Identifies the requested decision: the same whoever asks for it, and however often."""
        return decision_identity(self.identity, self.revision)


@dataclass(frozen=True)
class DeadLetter:
    """A record that cannot be read, or only in part. It is kept, with the reason."""

    record: KafkaRecord
    rule: Rule
    detail: str

    @cached_property
    def identity(self) -> str:
        """Made from where it was read and what it held: offsets start over when a topic is recreated."""
        return self.record.identity

    @property
    def decision_identity(self) -> str:
        """There is one decision about a record."""
        return self.identity

    @property
    def kept(self) -> bytes:
        """The bytes that quarantine keeps of it."""
        return (self.record.value or b"")[:RAW_BYTES_KEPT]


@dataclass
class Intake:
    """What is to be loaded, what could not be read, and how many were left out."""

    objects: list[Announced] = field(default_factory=list)
    dead_letters: list[DeadLetter] = field(default_factory=list)
    full_pass_requested: bool = False
    vacuums: list[VacuumAsked] = field(default_factory=list)
    ignored: int = 0
    repeated: int = 0


class Sources(NamedTuple):
    """The bucket that records must be about, the topic whose records are not notifications, and the prefix of the feed's keys."""

    bucket: str
    control_topic: str
    prefix: str = ""


def take_in(records: Iterable[KafkaRecord], sources: Sources) -> Intake:
    """Sort the records of a micro-batch. Each requested decision appears once, with the first record that asked for it.

    A notification takes precedence over reconciliation's record of the same version: it came late, but it was not lost.
    Never raises, whatever the records hold.
    """
    intake, control_topic = Intake(), sources.control_topic
    seen: set[str] = set()
    # Both ways of announcing an object send the same bytes, which are parsed once.
    said: dict[tuple[str, str], Told] = {}
    for record in sorted(records, key=lambda r: (r.topic == control_topic, r.topic, r.partition, r.offset)):
        told = said.get((record.topic, record.digest)) or _told(record, sources)
        said[record.topic, record.digest] = told
        if told.fault is not None:
            intake.dead_letters.append(DeadLetter(record, _rule(record, control_topic), _escaped(told.fault)))
        intake.full_pass_requested |= told.asks_full_pass
        if told.asks_vacuum:
            intake.vacuums.append(told.asks_vacuum)
        intake.ignored += told.ignored
        for announced in _announced(told, record, control_topic):
            if not announced.key.startswith(sources.prefix):
                intake.ignored += 1
            elif announced.decision_identity in seen:
                intake.repeated += 1
            else:
                seen.add(announced.decision_identity)
                intake.objects.append(announced)
    return intake


def _told(record: KafkaRecord, sources: Sources) -> Told:
    if record.size > VALUE_BYTES:
        return Told(fault=f"it has {record.size} bytes, {VALUE_BYTES} are read")
    read = control.read if record.topic == sources.control_topic else notifications.read
    try:
        return read(record, sources.bucket)
    except ValidationError as error:
        return Told(fault=why(error))
    # Anyone who may write to the topic could otherwise stop the query for good, with a record that raises an unforeseen error.
    except Exception as error:  # noqa: BLE001
        return Told(fault=f"{type(error).__name__}: {error}")


def _rule(record: KafkaRecord, control_topic: str) -> Rule:
    if record.size > VALUE_BYTES:
        return "too_large"
    return "not_a_control_record" if record.topic == control_topic else "not_a_notification"


def _announced(told: Told, record: KafkaRecord, control_topic: str) -> Iterator[Announced]:
    found_by: FoundBy = "reconcile" if record.topic == control_topic else "notification"
    asked: list[tuple[ObjectVersion, FoundBy, int]] = [(version, found_by, 1) for version in told.versions]
    if told.asks_replay:
        asked.append((told.asks_replay.version, "replay", told.asks_replay.revision))
    for version, how, revision in asked:
        yield Announced(
            **version.told(),
            found_by=how,
            kafka_topic=record.topic,
            kafka_partition=record.partition,
            kafka_offset=record.offset,
            revision=revision,
        )


def _escaped(detail: str) -> str:
    """The detail on one line, in characters that can be shown and encoded."""
    shown = "".join(one if one.isprintable() else ascii(one)[1:-1] for one in detail)
    return shown[:DETAIL_CHARACTERS]
