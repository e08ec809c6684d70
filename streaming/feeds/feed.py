"""What is known of a feed before its objects are read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

Kind = Literal["string", "integer", "number", "boolean", "timestamp", "date"]
"""The types of the Open Data Contract Standard that a column may have."""

Action = Literal["warn", "quarantine", "fail"]
"""What becomes of a row for which a rule does not hold."""


@dataclass(frozen=True)
class Damage:
    """A way in which text was damaged: it was UTF-8, was read as one encoding and saved as another, both by Python's names.

    `lost` stands where `saved_as` lacks the character; None where nothing does. `usual` are the characters that an
    incomplete sequence is taken for when the text itself has no evidence.
    """

    name: str
    read_as: str
    saved_as: str
    lost: str | None = None
    usual: tuple[str, ...] = ()


@dataclass(frozen=True)
class Column:
    """A column beside label and text. `values` are all that it may hold; without them, it may hold any of its kind."""

    name: str
    kind: Kind
    required: bool = False
    values: tuple[str, ...] = ()
    meaning: str = ""


@dataclass(frozen=True)
class Rule:
    """A condition on every row: an SQLite expression over the feed's columns, and what becomes of a row for which it is false.

    `warn` loads the row with the rule's name in its column `warnings`, `quarantine` rejects it, `fail` refuses its object as a whole.
    """

    name: str
    expression: str
    action: Action


@dataclass(frozen=True)
class Feed:
    """One feed's declaration.

    `names` has each name that a column goes by, in lower case, and which column that is. `labels` are the values of the column `label`; a feed
    without any has no such column.
    """

    name: str
    names: Mapping[str, str]
    labels: tuple[str, ...]
    damages: tuple[Damage, ...] = ()
    columns: tuple[Column, ...] = ()
    rules: tuple[Rule, ...] = ()
    bucket: str | None = None
    """The landing bucket that the declaration names; None where it names none."""
    prefix: str = ""
    """What the keys of its objects begin with."""
    meanings: Mapping[str, str] = field(default_factory=dict)
    """What the declaration says of label and text."""

    @property
    def is_plain(self) -> bool:
        """Whether a row is a label and a text, and nothing else is asked of it."""
        return bool(self.labels) and not self.columns and not self.rules

    @cached_property
    def required(self) -> tuple[str, ...]:
        """The columns that every object has."""
        own = ("label", "text") if self.labels else ("text",)
        return (*own, *(column.name for column in self.columns if column.required))

    @property
    def added(self) -> tuple[Column, ...]:
        """The columns that `messages` has for this feed beyond those of every feed."""
        warns = any(rule.action == "warn" for rule in self.rules)
        return (*self.columns, WARNINGS) if warns else self.columns


WARNINGS = Column("warnings", "string", meaning="The rules of the feed that only warn and do not hold, joined by `+`")
