"""A feed's declaration is a data contract of the standard, is read whole, and is refused by file and line where it cannot be obeyed."""

import json
from importlib import resources
from pathlib import Path

import jsonschema
import pytest
import yaml

from conf.settings import load
from streaming.feeds import declaration
from streaming.feeds.declaration import FOLDER, DeclarationError
from streaming.feeds.feed import Damage, Feed
from tests import readme

SMS_FILE = (FOLDER / "sms.yaml").read_text("utf-8")


def read(text: str, folder: Path) -> Feed:
    (folder / "changed.yaml").write_text(text)
    return declaration.read("changed", folder)


@pytest.mark.parametrize("name", ["sms", *readme.EXAMPLES])
def test_each_declaration_is_a_contract_of_the_standard(name: str, tmp_path: Path) -> None:
    file = readme.declared(name, tmp_path) if name in readme.EXAMPLES else FOLDER / f"{name}.yaml"
    schema = json.loads(resources.files("open_data_contract_standard").joinpath("schema.json").read_text("utf-8"))
    jsonschema.validate(yaml.safe_load(file.read_text("utf-8")), schema)
    assert declaration.read(str(file)).name == name


def test_all_feeds_are_looked_at() -> None:
    assert {file.stem for file in FOLDER.glob("*.yaml")} == {"sms"}
    assert list(readme.EXAMPLES) == ["nachrichten", "avis"]


def test_the_sms_feed_says_what_its_columns_labels_and_damage_are() -> None:
    assert declaration.read("sms") == Feed(
        "sms",
        {"label": "label", "v1": "label", "text": "text", "v2": "text"},
        ("ham", "spam"),
        (Damage("mac_roman", "cp1252", "mac_roman", "_", ("ü", "…", "┾")),),
        meanings={
            "label": "Whether the message is spam.",
            "text": "The message as its sender's system had it, HTML entities included.",
        },
    )


def test_a_feed_without_damage_needs_to_declare_none(tmp_path: Path) -> None:
    assert read(SMS_FILE.partition("customProperties:")[0], tmp_path).damages == ()


@pytest.mark.parametrize(
    ("said", "instead", "complaint"),
    [
        ("savedAs: mac_roman", "savedAs: mac_romann", "savedAs is 'mac_romann'"),
        ("savedAs: mac_roman", "savedAs: utf-16", "savedAs is 'utf-16'.*keeps ASCII"),
        ("readAs: cp1252", "readAs: base64", "readAs is 'base64'"),
        ("lost: _", "lots: _", "lots: Extra inputs"),
        ("lost: _", "lost: __", "lost is '__'"),
        ("character: ü", "character: u", "character is 'u'"),
        ("- name: text", "- name: Text", "name is 'Text'"),
        ("- name: text", "- name: row_hash", "row_hash is a column that messages has for every feed"),
        ("- synonym: v2", "- synonym: V1", "label is called v1 already"),
        ("kind: DataContract", "kind: DataProduct", "kind is 'DataProduct'"),
        ("- value: spam", '- value: "a,b"', "value is 'a,b'"),
        ("required: true", "required: false", "required is False"),
        ("logicalType: string", "logicalType: array", "logicalType is 'array'"),
        ("apiVersion: v3.2.0", "apiVersion: v3.0.0", "apiVersion is 'v3.0.0'"),
    ],
)
def test_what_cannot_be_obeyed_is_refused_by_file_and_line(
    said: str, instead: str, complaint: str, tmp_path: Path
) -> None:
    changed = SMS_FILE.replace(said, instead, 1)
    line = next(number for number, one in enumerate(changed.splitlines(), 1) if instead in one)
    with pytest.raises(DeclarationError, match=rf"changed\.yaml, line {line}: .*{complaint}"):
        read(changed, tmp_path)


def test_a_key_that_is_missing_is_named_with_the_place_where_it_should_stand(tmp_path: Path) -> None:
    with pytest.raises(DeclarationError, match=r"line 15: schema\.0\.properties\.0\.enum: Field required"):
        read(SMS_FILE.replace("enum:", "enums:"), tmp_path)


def test_a_file_that_is_missing_or_no_yaml_is_named(tmp_path: Path) -> None:
    with pytest.raises(DeclarationError, match=r"nowhere\.yaml cannot be read"):
        declaration.read("nowhere", tmp_path)
    with pytest.raises(DeclarationError, match=r"(?s)changed\.yaml cannot be read: .*line 4"):
        read(SMS_FILE.replace("kind: DataContract", "kind: ["), tmp_path)


def test_a_date_that_is_none_is_named_with_the_file(tmp_path: Path) -> None:
    with pytest.raises(DeclarationError, match=r"changed\.yaml cannot be read: day is out of range for month"):
        read(SMS_FILE.replace("version: 1.0.0", "version: 2026-02-30"), tmp_path)


@pytest.mark.parametrize(
    "again",
    [
        "{name: label, logicalType: string, required: true, description: '', enum: [{value: eggs}]}",
        "{name: text, logicalType: string, required: true, description: ''}",
        "{name: stars, logicalType: integer, description: ''}",
    ],
)
def test_two_columns_have_two_names(again: str, tmp_path: Path) -> None:
    name = again[7:].partition(",")[0]
    before, _, behind = SMS_FILE.partition("customProperties:")
    twice = [f"      - {again}"] * (2 if name == "stars" else 1)
    line = len(before.splitlines()) + len(twice)
    changed = "\n".join([before.rstrip(), *twice, f"customProperties:{behind}"])
    with pytest.raises(
        DeclarationError, match=rf"line {line}: schema.0.properties.\d.name: there is a column {name} alr"
    ):
        read(changed, tmp_path)


def test_a_relative_path_begins_at_the_clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "conf" / "feeds").mkdir(parents=True)
    (tmp_path / "conf" / "feeds" / "sms.yaml").write_text("of somebody else")
    monkeypatch.chdir(tmp_path)
    assert declaration.read("conf/feeds/sms.yaml").name == "sms"


def test_where_a_feed_lies_is_declared_and_compared_with_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    declared = readme.declared("avis", tmp_path)
    feed = declaration.read(str(declared))
    assert (feed.bucket, feed.prefix) == ("landing", "avis/")
    monkeypatch.setenv("STREAM_FEED", str(declared))
    assert declaration.of(load()) == feed
    monkeypatch.setenv("LANDING_BUCKET", "elsewhere")
    with pytest.raises(DeclarationError, match=r"avis lies in the bucket landing, as .* LANDING_BUCKET is elsewhere"):
        declaration.of(load())


@pytest.mark.parametrize(
    "location", ["s3://landing/avis", "s3://landing", "landing/avis/", "s3://landing//", "file:///a/"]
)
def test_a_place_is_a_bucket_or_a_folder_in_it(location: str, tmp_path: Path) -> None:
    with pytest.raises(DeclarationError, match=r"line 2: servers\.0\.location is "):
        read(readme.EXAMPLES["avis"].replace("s3://landing/avis/", location), tmp_path)


def test_only_a_string_has_an_enum(tmp_path: Path) -> None:
    text = readme.EXAMPLES["avis"].replace("description: De 1 à 5", "description: De 1 à 5, enum: [{value: '1'}]")
    with pytest.raises(
        DeclarationError,
        match=r"line 4: schema\.0\.properties\.1.*only a string has an enum; stars is of the type integer",
    ):
        read(text, tmp_path)
