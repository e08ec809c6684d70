"""What the records of one micro-batch say, over both topics: object versions without repeats, and dead letters."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from conf.tables import RAW_BYTES_KEPT
from streaming import control, notifications
from streaming.notifications import Announced, KafkaRecord


class DeadLetter(NamedTuple):
    """A record that cannot be read. It is kept, with the reason."""

    record: KafkaRecord
    detail: str

    @property
    def identity(self) -> tuple[int, int, bytes, str]:
        """Where it was read, what it held and why it is here: offsets begin anew when a topic is made anew.

        The reason begins with the topic's name.
        """
        return self.record.partition, self.record.offset, self.kept, self.detail

    @property
    def kept(self) -> bytes:
        """The bytes that quarantine keeps of it."""
        return (self.record.value or b"")[:RAW_BYTES_KEPT]


@dataclass
class Intake:
    """What is to be loaded, what could not be read, and how many were left."""

    objects: list[Announced] = field(default_factory=list)
    dead_letters: list[DeadLetter] = field(default_factory=list)
    ignored: int = 0
    repeated: int = 0


def take_in(records: Iterable[KafkaRecord], bucket: str, control_topic: str) -> Intake:
    """Sort the records of a micro-batch. Each object version appears once, with the record that told of it first.

    A notification goes before what reconciliation says of the same version: it came late, but it was not lost.
    """
    intake = Intake()
    seen: set[tuple[str, str]] = set()
    for record in sorted(records, key=lambda r: (r.topic == control_topic, r.topic, r.partition, r.offset)):
        read = control.read if record.topic == control_topic else notifications.read
        try:
            told = read(record, bucket)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            intake.dead_letters.append(DeadLetter(record, f"{record.topic}: {type(error).__name__}: {error}"))
            continue
        intake.ignored += told.ignored
        for version in told.versions:
            if version.identity in seen:
                intake.repeated += 1
            else:
                seen.add(version.identity)
                intake.objects.append(version)
    return intake
