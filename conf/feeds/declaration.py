"""Reads the declaration of a feed: a data contract in the form of the Open Data Contract Standard 3.2.

Only the part of the standard that is obeyed here is read; any other key is refused, so that nobody relies on what nothing does.
"""

import codecs
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from conf.errors import LakeError
from conf.feeds.feed import Damage, Feed
from conf.machine import ROOT

FOLDER = ROOT / "conf" / "feeds"
_ASCII = bytes(range(0x80))


class DeclarationError(LakeError):
    """A feed's declaration is missing or says what cannot be; the message names the file, the line and what is expected."""


def _encoding(name: str) -> str:
    """A text encoding that keeps ASCII: commas and quotes lie where they lay."""
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


class _Usual(_Part):
    character: Annotated[Character, Field(pattern=r"^[^\x00-\x7f]$")]
    because: str


class _Damage(_Part):
    name: Word
    read_as: Encoding = Field(alias="readAs")
    saved_as: Encoding = Field(alias="savedAs")
    lost: Character | None = None
    usual: tuple[_Usual, ...] = ()


class _Damages(_Part):
    property: Literal["damage"]
    vendor: Literal["lake"]
    value: tuple[_Damage, ...]


class _Synonym(_Part):
    synonym: str


class _Value(_Part):
    value: Annotated[str, Field(pattern=r'^[^",\r\n]+$')]
    description: str = ""


class _Column(_Part):
    logicalType: Literal["string"]  # noqa: N815  # the standard's name
    required: Literal[True]
    description: str
    synonyms: tuple[_Synonym, ...] = ()


class _Label(_Column):
    name: Literal["label"]
    enum: Annotated[tuple[_Value, ...], Field(min_length=1)]


class _Text(_Column):
    name: Literal["text"]


class _Messages(_Part):
    name: Literal["messages"]
    properties: tuple[_Label, _Text]


class _Description(_Part):
    purpose: str = ""
    limitations: str = ""
    usage: str = ""


class _Contract(_Part):
    apiVersion: Literal["v3.2.0"]  # noqa: N815  # the standard's name
    kind: Literal["DataContract"]
    id: Word
    name: str
    version: str
    status: str
    description: _Description = _Description()
    tables: tuple[_Messages] = Field(alias="schema")
    custom: Annotated[tuple[_Damages, ...], Field(alias="customProperties", max_length=1)] = ()


def read(name: str, folder: Path = FOLDER) -> Feed:
    """The feed that `<name>.yaml` declares, or the file of this name. Raises `DeclarationError` for one that cannot be obeyed in every word."""
    file = Path(name) if name.endswith(".yaml") else folder / f"{name}.yaml"
    try:
        text = file.read_text("utf-8")
        contract = _Contract.model_validate(yaml.safe_load(text))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise DeclarationError(f"The feed's declaration {file} cannot be read: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        line, reached = _line(yaml.compose(text), first["loc"]), ".".join(map(str, first["loc"]))
        said = "" if first["type"] in ("missing", "extra_forbidden") else f" is {first['input']!r:.200}"
        raise DeclarationError(f"{file}, line {line}: {reached}{said}: {first['msg']}") from error
    return _feed(contract)


def _feed(contract: _Contract) -> Feed:
    label, text = contract.tables[0].properties
    columns = {
        name.casefold(): column.name
        for column in (label, text)
        for name in (column.name, *(other.synonym for other in column.synonyms))
    }
    damages = [
        Damage(one.name, one.read_as, one.saved_as, one.lost, tuple(usual.character for usual in one.usual))
        for custom in contract.custom
        for one in custom.value
    ]
    return Feed(contract.id, columns, tuple(value.value for value in label.enum), tuple(damages))


def _line(node: yaml.Node | None, place: Sequence[int | str]) -> int:
    """The line of the innermost part of a document that lies on the way to this place."""
    line = node.start_mark.line if node else 0
    for part in place:
        if isinstance(node, yaml.MappingNode):
            found = next(((key, value) for key, value in node.value if key.value == part), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            found = (node.value[part], node.value[part])
        else:
            found = None
        if found is None:
            break
        line, node = found[0].start_mark.line, found[1]
    return line + 1
