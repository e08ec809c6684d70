"""A feed's own columns: in their types whatever form the page has, and rejected by name where they are not."""

import gzip
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.feeds.feed import Column, Damage, Feed, Kind
from streaming.page import parser, probe
from streaming.page.checks import Flaw
from streaming.page.parser import PageError, parse
from streaming.page.values import typed
from tests import readme

OPINIONS = [
    {
        "avis": "Très beau, à voir ; « magnifique »",
        "note": 5,
        "written": "2026-01-31T09:30:00+01:00",
        "subject": "film",
    },
    {"avis": "Bof…", "note": 2, "written": None, "subject": None},
]
ROWS = [
    (
        None,
        "Très beau, à voir ; « magnifique »",
        {"stars": 5, "written": datetime(2026, 1, 31, 8, 30, tzinfo=UTC), "subject": "film"},
    ),
    (None, "Bof…", {"stars": 2}),
]
JSON_LINES = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in OPINIONS).encode()
CSV = (
    'note,written,Avis,subject\n5,2026-01-31T09:30:00+01:00,"Très beau, à voir ; « magnifique »",film\n2,,Bof…,\n'
).encode()
EVERY = tuple(Column(f"a_{kind}", kind) for kind in ("string", "integer", "number", "boolean", "timestamp", "date"))


@pytest.fixture
def avis(tmp_path: Path) -> Feed:
    return readme.feed("avis", tmp_path)


def rows(body: bytes, feed: Feed) -> list[tuple[str | None, str, Any]]:
    return [(one.label, one.text, one.columns) for one in parse(body, feed).messages]


@pytest.mark.parametrize("body", [JSON_LINES, CSV, gzip.compress(CSV)], ids=["JSON lines", "CSV", "CSV in gzip"])
def test_every_form_gives_the_same_typed_values(avis: Feed, body: bytes) -> None:
    assert rows(body, avis) == ROWS
    for number, message in enumerate(parse(body, avis).messages, 1):
        located = parser.located(body, number, avis)
        assert located is not None
        assert located.found == [message]


@pytest.mark.parametrize(
    ("line", "rule", "detail"),
    [
        ({"avis": "a"}, "missing_fields", "no stars or note among"),
        ({"avis": "a", "note": None}, "missing_value", "stars has none"),
        ({"avis": "a", "note": "five"}, "wrong_type", "stars is 'five', expected a whole number"),
        (
            {"avis": "a", "note": 1, "written": "2026-01-31"},
            "wrong_type",
            "expected a time of ISO 8601 with its offset",
        ),
        ({"avis": "a", "note": 1, "subject": "jeu"}, "unknown_label", "subject is 'jeu', expected one of livre, film"),
        ({"avis": "", "note": 1}, "empty_text", "text is ''"),
        ({"avis": "a", "note": 6}, "stars_in_range", "stars BETWEEN 1 AND 5 does not hold"),
    ],
)
def test_a_row_that_is_none_is_rejected_by_name(avis: Feed, line: dict[str, Any], rule: str, detail: str) -> None:
    page = parse((json.dumps(line) + "\n").encode() + JSON_LINES, avis)
    [rejected] = page.rejected
    assert (rejected.rule, len(page.messages)) == (rule, 2)
    assert detail in rejected.detail


def test_a_header_without_a_required_column_is_refused_and_one_without_another_is_not(avis: Feed) -> None:
    with pytest.raises(PageError, match="missing_columns: no column stars or note in header"):
        parse(b"text,written\na,\n", avis)
    with pytest.raises(PageError, match="wrong_separator: columns are separated by tab"):
        parse(b"text\tnote\na\t1\n", avis)
    assert rows(b"text,note,mood\na,1,fine\n", avis) == [(None, "a", {"stars": 1})]
    assert parse(b"text,note,mood\na,1,fine\n", avis).messages[0].rescued == '{"mood": "fine"}'


GOOD: list[tuple[Kind, Any, Any]] = [
    ("string", "", ""),
    ("integer", "-7", -7),
    ("integer", 2**63 - 1, 2**63 - 1),
    ("number", "2e3", 2000.0),
    ("number", 5, 5.0),
    ("boolean", "TRUE", True),
    ("boolean", False, False),
    ("timestamp", "2026-01-01T00:00:00.5Z", datetime(2026, 1, 1, 0, 0, 0, 500_000, UTC)),
    ("date", "2026-01-31", date(2026, 1, 31)),
]
WRONG: dict[Kind, list[Any]] = {
    "string": [5, [], {}],
    "integer": ["1.0", "1_0", " 1", "\uff11", "", 2**63, -(2**63) - 1, True, 1.0, "9" * 5000],
    "number": ["nan", "inf", "1e999", "1_0.5", "0x1", "", True, []],
    "boolean": ["yes", "1", 1, 0, ""],
    "timestamp": ["2026-01-01T00:00:00", "1700000000", 1_700_000_000, "0001-01-01T00:00:00+14:00", "soon"],
    "date": ["31.1.2026", "2026-02-30", 20260131],
}
BAD = [(kind, said) for kind, values in WRONG.items() for said in values]


@pytest.mark.parametrize(("kind", "said", "value"), GOOD)
def test_a_value_of_its_type_is_read(kind: Kind, said: Any, value: Any) -> None:
    found = typed({"one": said}, [Column("one", kind)])
    assert found == {"one": value}
    assert isinstance(found, dict)
    assert type(found["one"]) is type(value)


@pytest.mark.parametrize(("kind", "said"), BAD)
def test_a_value_of_another_type_is_a_flaw(kind: Kind, said: Any) -> None:
    assert isinstance(found := typed({"one": said}, [Column("one", kind)]), Flaw)
    assert found.rule == "wrong_type"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.from_regex(r"[-+0-9T:.Zeinf]{0,25}"),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner, max_size=2),
    max_leaves=3,
)


@given(st.lists(json_values, min_size=len(EVERY), max_size=len(EVERY)))
def test_nothing_else_is_raised_whatever_stands_there(values: list[Any]) -> None:
    typed(dict(zip((column.name for column in EVERY), values, strict=True)), EVERY)


def test_damage_is_undone_in_the_feed_s_own_columns_and_named() -> None:
    feed = Feed(
        "x", {"text": "text", "who": "who"}, (), (Damage("cp850", "cp850", "utf-8"),), (Column("who", "string"),)
    )
    damaged = "text,who\nhello,Zoé\n".encode().decode("cp850").encode()
    [message] = parse(damaged, feed).messages
    assert (message.text, message.columns, message.repair) == ("hello", {"who": "Zoé"}, "cp850")


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "cp1251", "shift_jis"])
def test_text_that_was_only_saved_in_another_encoding_is_read_where_that_is_declared(encoding: str) -> None:
    text = {"cp1251": "Привет, мир", "shift_jis": "こんにちは世界"}.get(encoding, "Zoë déjà £5 ÿ")
    feed = Feed("x", {"text": "text"}, (), (Damage(encoding, "utf-8", encoding),))
    page = parse(f'text\n"{text}"\nplain\n'.encode(encoding), feed)
    assert [(one.text, one.text_raw, one.repair) for one in page.messages] == [
        (text, text, encoding),
        ("plain", "plain", None),
    ]
    [message] = parse(f'text\n"{text}"\n'.encode(), feed).messages
    assert (message.text, message.repair) == (text, None)


def test_a_record_that_swallowed_another_is_rejected_where_the_feed_has_columns_of_its_own() -> None:
    feed = Feed("x", {"label": "label", "text": "text", "n": "n"}, ("ham", "spam"), (), (Column("n", "integer"),))
    # As in the export: each text ends with the only quote it has.
    body = b'label,text,,n\nham,"he said \\""\nspam""",win,5\n'
    plain = Feed("x", {"label": "label", "text": "text"}, ("ham", "spam"))
    assert len(parse(body.replace(b",n", b",").replace(b",5", b","), plain).messages) == 2
    assert [row.rule for row in parse(body, feed).rejected] == ["unexplained_columns"]


def test_a_quoted_text_of_several_lines_is_one_text_in_a_feed_without_labels(avis: Feed) -> None:
    assert rows(b'note,text\n1,"deux\n2,lignes"\n3,fin\n', avis) == [
        (None, "deux\n2,lignes", {"stars": 1}),
        (None, "fin", {"stars": 3}),
    ]


def test_the_probe_can_be_read_by_every_feed(avis: Feed, tmp_path: Path) -> None:
    every = Feed(
        "x",
        {column.name: column.name for column in EVERY} | {"text": "text"},
        (),
        (),
        tuple(Column(column.name, column.kind, required=True) for column in EVERY),
    )
    for feed in (avis, every, readme.feed("nachrichten", tmp_path)):
        page = parse(probe.page(feed), feed)
        assert [row.rule for row in page.rejected if row.rule != "stars_in_range"] == ["column_count"]
        assert page.records == 2
