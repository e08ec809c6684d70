"""What a user asks to be trained."""

from dataclasses import dataclass, field
from uuid import uuid4

from training.algorithms import Algorithm
from training.split import Scheme


@dataclass(frozen=True)
class Request:
    """What is to be trained, on which version of which table, and how it is tested."""

    location: str
    version: int
    algorithm: Algorithm
    scheme: Scheme = Scheme()  # noqa: RUF009  # frozen
    characters: bool = False
    training: str = field(default_factory=lambda: uuid4().hex)
    """Names this training before it has a run: in its pin, and as a tag of its run."""
