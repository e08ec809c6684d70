"""What a user asks to be trained."""

from dataclasses import dataclass
from enum import StrEnum

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
