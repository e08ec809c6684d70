"""What is known of a feed before its objects are read."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Damage:
    """A way in which text was damaged: it was UTF-8, was read as one encoding and saved as another, both by Python's names.

    `lost` stands where `saved_as` lacks the character; None where nothing does. `usual` are the characters that are taken for one that
    lost a byte when the text itself has no evidence.
    """

    name: str
    read_as: str
    saved_as: str
    lost: str | None = None
    usual: tuple[str, ...] = ()


@dataclass(frozen=True)
class Feed:
    """One feed's declaration. `columns` has each name that a column goes by, in lower case, and which column that is."""

    name: str
    columns: Mapping[str, str]
    labels: tuple[str, ...]
    damages: tuple[Damage, ...] = ()
