"""Reads the declaration of a feed: a data contract, whole or not at all."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from conf.errors import LakeError
from conf.machine import ROOT
from conf.settings import Settings
from conf.tables import MESSAGES
from streaming.feeds import contract, rules
from streaming.feeds.contract import Contract, Messages
from streaming.feeds.feed import Column, Damage, Feed, Rule

FOLDER = ROOT / "conf" / "feeds"


class DeclarationError(LakeError):
    """A feed's declaration is missing or cannot be obeyed; the message names the file, the line and what is expected."""


class _WrongError(Exception):
    """What cannot be obeyed: a place in the document, and why."""

    def __init__(self, place: Sequence[int | str], why: str) -> None:
        super().__init__(place, why)
        self.place, self.why = place, why


def read(name: str, folder: Path = FOLDER) -> Feed:
    """The feed that `<name>.yaml` declares; a name that ends with `.yaml` is a path, which begins at the clone where it is relative.

    Raises `DeclarationError` for one that cannot be obeyed in full.
    """
    file = ROOT / name if name.endswith(".yaml") else folder / f"{name}.yaml"
    text, document = _read(file)
    try:
        return _feed(Contract.model_validate(document))
    except ValidationError as error:
        first = error.errors()[0]
        said = "" if first["type"] in ("missing", "extra_forbidden") else f" is {first['input']!r:.200}"
        raise DeclarationError(_told(file, text, first["loc"], said, first["msg"])) from error
    except _WrongError as error:
        raise DeclarationError(_told(file, text, error.place, "", error.why)) from error


def of(settings: Settings) -> Feed:
    """The feed that the settings name. Raises `DeclarationError` also where it lies in a bucket other than theirs."""
    feed, ours = read(settings.stream.feed), settings.minio.landing_bucket
    if feed.bucket not in (None, ours):
        raise DeclarationError(
            f"The feed {feed.name} lies in the bucket {feed.bucket}, as its declaration says; LANDING_BUCKET is {ours}. Change one of them."
        )
    return feed


def _read(file: Path) -> tuple[str, Any]:
    """The text of a file, and the document in it."""
    try:
        text = file.read_text("utf-8")
        return text, yaml.safe_load(text)
    except (OSError, ValueError, yaml.YAMLError) as error:
        # PyYAML takes 2026-02-30 for a date, and raises a plain ValueError as there is no such day.
        raise DeclarationError(f"The feed's declaration {file} cannot be read: {error}") from error


def _feed(declared: Contract) -> Feed:
    table = declared.tables[0]
    names = _names(table)
    label = next((one for one in table.properties if isinstance(one, contract.Label)), None)
    columns = [
        Column(one.name, one.logicalType, one.required, tuple(value.value for value in one.enum), one.description)
        for one in table.properties
        if isinstance(one, contract.Column)
    ]
    damages = [
        Damage(one.name, one.read_as, one.saved_as, one.lost, tuple(usual.character for usual in one.usual))
        for custom in declared.custom
        for one in custom.value
    ]
    return Feed(
        declared.id,
        names,
        tuple(value.value for value in label.enum) if label else (),
        tuple(damages),
        tuple(columns),
        _rules(table),
        *_location(declared),
        {one.name: one.description for one in table.properties if not isinstance(one, contract.Column)},
    )


def _location(declared: Contract) -> tuple[str | None, str]:
    for server in declared.servers:
        bucket, _, prefix = server.location.removeprefix("s3://").partition("/")
        return bucket, prefix
    return None, ""


def _names(table: Messages) -> dict[str, str]:
    """Each name that a column goes by, in lower case. Raises `_WrongError` for one that two columns have, or that `messages` has for every feed."""
    names: dict[str, str] = {}
    for place, column in enumerate(table.properties):
        where = ("schema", 0, "properties", place)
        if isinstance(column, contract.Column) and column.name in (*MESSAGES.schema.names, "warnings"):
            raise _WrongError((*where, "name"), f"{column.name} is a column that messages has for every feed")
        if column.name in (other.name for other in table.properties[:place]):
            raise _WrongError((*where, "name"), f"there is a column {column.name} already")
        called: list[tuple[tuple[str | int, ...], str]] = [((*where, "name"), column.name)]
        called += [
            ((*where, "synonyms", number, "synonym"), other.synonym) for number, other in enumerate(column.synonyms)
        ]
        for spot, name in called:
            if names.setdefault(name.casefold(), column.name) != column.name:
                raise _WrongError(spot, f"{names[name.casefold()]} is called {name.casefold()} already")
    if "text" not in names.values():
        raise _WrongError(("schema", 0, "properties"), "no column text: a row is a text")
    return names


def _rules(table: Messages) -> tuple[Rule, ...]:
    """The table's rules. Raises `_WrongError` for an invalid one, by its own line."""
    columns = [Column(one.name, one.logicalType) for one in table.properties]
    found: list[Rule] = []
    for place, one in enumerate(table.quality):
        where = ("schema", 0, "quality", place)
        rule = Rule(one.name, one.implementation, one.severity)
        if rule.name in {other.name for other in found}:
            raise _WrongError((*where, "name"), f"there is a rule {rule.name} already")
        try:
            undecided = rules.Rules([rule], columns).undecided()
        except ValueError as error:
            raise _WrongError((*where, "implementation"), f"{rule.expression!r}: {error}") from error
        if undecided:
            raise _WrongError((*where, "implementation"), undecided[0].why)
        found.append(rule)
    return tuple(found)


def _told(file: Path, text: str, place: Sequence[int | str], said: str, why: str) -> str:
    line, reached = _line(yaml.compose(text), place)
    return f"{file}, line {line}: {'.'.join(map(str, reached))}{said}: {why}"


def _line(node: yaml.Node | None, place: Sequence[int | str]) -> tuple[int, list[int | str]]:
    """The line of the innermost part of a document on the way to this place, and the way without the steps that the document does not have, its last one excepted."""
    line = node.start_mark.line if node else 0
    way: list[int | str] = []
    for part in place:
        found = None
        if isinstance(node, yaml.MappingNode):
            found = next(((key, value) for key, value in node.value if key.value == part), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            found = (node.value[part], node.value[part])
        if found:
            line, node = found[0].start_mark.line, found[1]
        if found or part == place[-1]:
            way.append(part)
    return line + 1, way
