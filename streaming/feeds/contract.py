"""The part of the Open Data Contract Standard 3.2 that a feed's declaration may use, with the lakehouse's own part in its custom properties.

Any other key is refused, so that nobody relies on one that has no effect.
"""

import codecs
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator

from streaming.feeds.feed import Action, Kind

_ASCII = bytes(range(0x80))


def _encoding(name: str) -> str:
    """A text encoding that keeps ASCII: commas and quotes stay where they were."""
    try:
        keeps = codecs.decode(_ASCII, name) == _ASCII.decode("ascii")
    except (LookupError, UnicodeDecodeError, TypeError):
        keeps = False
    if not keeps:
        raise ValueError("expected a text encoding that Python knows and that keeps ASCII, such as cp1252")
    return name


Encoding = Annotated[str, AfterValidator(_encoding)]
Character = Annotated[str, Field(min_length=1, max_length=1)]
Word = Annotated[str, Field(pattern=r"^[a-z0-9_-]+$")]


class _Part(BaseModel):
    """Other keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Usual(_Part):
    character: Annotated[Character, Field(pattern=r"^[^\x00-\x7f]$")]
    because: str


class Damage(_Part):
    name: Word
    read_as: Encoding = Field(alias="readAs")
    saved_as: Encoding = Field(alias="savedAs")
    lost: Character | None = None
    usual: tuple[Usual, ...] = ()


class Damages(_Part):
    property: Literal["damage"]
    vendor: Literal["lake"]
    value: tuple[Damage, ...]


class Synonym(_Part):
    synonym: str


class Value(_Part):
    value: Annotated[str, Field(pattern=r'^[^",\r\n]+$')]
    description: str = ""


class _Property(_Part):
    description: str
    synonyms: tuple[Synonym, ...] = ()


class Label(_Property):
    name: Literal["label"]
    logicalType: Literal["string"]  # noqa: N815  # the standard's name
    required: Literal[True]
    enum: Annotated[tuple[Value, ...], Field(min_length=1)]


class Text(_Property):
    name: Literal["text"]
    logicalType: Literal["string"]  # noqa: N815  # the standard's name
    required: Literal[True]


class Column(_Property):
    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=255)]
    logicalType: Kind  # noqa: N815  # the standard's name
    required: bool = False
    enum: tuple[Value, ...] = ()

    @model_validator(mode="after")
    def _only_texts_are_listed(self) -> Self:
        if self.enum and self.logicalType != "string":
            raise ValueError(
                f"only a string has an enum; {self.name} is of the type {self.logicalType}, and a rule can bound it"
            )
        return self


def _kind_of(declared: Any) -> str:
    name = declared.get("name") if isinstance(declared, dict) else None
    return name if name in ("label", "text") else "column"


Property = Annotated[
    Annotated[Label, Tag("label")] | Annotated[Text, Tag("text")] | Annotated[Column, Tag("column")],
    Discriminator(_kind_of),
]


class Quality(_Part):
    """A rule. `severity` is its action."""

    name: Word
    type: Literal["custom"]
    engine: Literal["sqlite"]
    implementation: str
    severity: Action
    description: str = ""


class Messages(_Part):
    name: Literal["messages"]
    description: str = ""
    properties: Annotated[tuple[Property, ...], Field(min_length=1)]
    quality: tuple[Quality, ...] = ()


class Server(_Part):
    """Where the objects lie: a bucket, and perhaps a folder in it, with a slash at its end."""

    server: Literal["landing"]
    type: Literal["s3"]
    location: Annotated[str, Field(pattern=r"^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/([^/]+/)*$")]


class Description(_Part):
    purpose: str = ""
    limitations: str = ""
    usage: str = ""


class Contract(_Part):
    apiVersion: Literal["v3.2.0"]  # noqa: N815  # the standard's name
    kind: Literal["DataContract"]
    id: Word
    name: str
    version: str
    status: str
    description: Description = Description()
    servers: Annotated[tuple[Server, ...], Field(max_length=1)] = ()
    tables: tuple[Messages] = Field(alias="schema")
    custom: Annotated[tuple[Damages, ...], Field(alias="customProperties", max_length=1)] = ()
