"""What a user asks to be trained."""

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import uuid4

from training.algorithms import Algorithm


class Origin(StrEnum):
    """Where the messages came from: the real collection, or the generated one that stands in for it."""

    REAL = "real"
    GENERATED = "generated"


@dataclass(frozen=True)
class Request:
    """What is to be trained, on which version of which table."""

    location: str
    version: int
    algorithm: Algorithm
    origin: Origin | None
    training: str = field(default_factory=lambda: uuid4().hex)
    """Names this training before it has a run: in its pin, and as a tag of its run."""
