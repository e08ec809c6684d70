"""A feed's rules: what becomes of a row that breaks one, and which expressions are none."""

import dataclasses
from pathlib import Path
from typing import Literal

import pytest

from streaming.feeds import declaration
from streaming.feeds.declaration import DeclarationError
from streaming.feeds.feed import Column, Feed, Rule
from streaming.page.parser import Page, PageError, parse
from tests import readme

BODY = b"text,stars\nfine,3\nbad,9\nnone,\n"
FEED = Feed("x", {"text": "text", "stars": "stars"}, (), (), (Column("stars", "integer"),))


def page(expression: str, action: Literal["warn", "quarantine", "fail"], body: bytes = BODY) -> Page:
    return parse(body, dataclasses.replace(FEED, rules=(Rule("in_range", expression, action),)))


def told(found: Page) -> list[tuple[str, object]]:
    return [(one.text, one.columns) for one in found.messages]


def test_what_only_warns_is_loaded_and_named() -> None:
    found = page("stars <= 5", "warn")
    assert told(found) == [("fine", {"stars": 3}), ("bad", {"stars": 9, "warnings": "in_range"}), ("none", None)]
    assert found.rejected == []


def test_what_is_to_be_quarantined_is_rejected_by_the_rule_s_name() -> None:
    found = page("stars <= 5", "quarantine")
    assert told(found) == [("fine", {"stars": 3}), ("none", None)]
    assert [(one.rule, one.source_row, one.raw) for one in found.rejected] == [("in_range", 2, b"bad,9\n")]


def test_what_fails_refuses_its_object() -> None:
    with pytest.raises(PageError, match="in_range: record 2: stars <= 5 does not hold"):
        page("stars <= 5", "fail")
    assert len(page("stars <= 9", "fail").messages) == 3


def test_a_feed_with_labels_and_no_damage_is_asked_as_well() -> None:
    feed = Feed(
        "x", {"label": "label", "text": "text"}, ("ham", "spam"), rules=(Rule("short", "length(text) < 5", "warn"),)
    )
    found = parse(b"label,text\nham,fine\nspam,winner\n", feed)
    assert told(found) == [("fine", None), ("winner", {"warnings": "short"})]


def test_a_rule_that_cannot_be_decided_of_a_row_is_broken_there() -> None:
    [rejected] = page("abs(stars) >= 0", "quarantine", b"text,stars\na,-9223372036854775808\nb,-1\n").rejected
    assert rejected.detail == "abs(stars) >= 0 cannot be decided: integer overflow"
    [rejected] = page("'a' REGEXP text", "quarantine", b"text,stars\n*,1\n^a,\n").rejected
    assert rejected.detail.endswith(
        "cannot be decided: '*' is no regular expression of Python: nothing to repeat at position 0"
    )


@pytest.mark.parametrize(
    "expression", ["json_extract(text, '$.a') > 1", "text LIKE subject ESCAPE text", "date(written) > text"]
)
def test_a_rule_that_can_be_decided_of_some_rows_is_taken(expression: str, tmp_path: Path) -> None:
    text = readme.EXAMPLES["avis"].replace("implementation: stars BETWEEN 1 AND 5", f'implementation: "{expression}"')
    (tmp_path / "avis.yaml").write_text(text)
    assert [rule.expression for rule in declaration.read("avis", tmp_path).rules] == [expression]


@pytest.mark.parametrize(
    ("expression", "broken"),
    [
        ("text REGEXP '^[a-f]'", ["none"]),
        ("stars REGEXP '^[1-5]$'", ["bad"]),
        ("stars REGEXP 3", ["bad"]),
        ("text REGEXP NULL", []),
        ("text <> 'bad' AND length(text) = 4", ["bad"]),
        ("stars IS NOT NULL", ["none"]),
        ("text LIKE '%n%' -- a note", ["bad"]),
        ("NULL", []),
        ("0", ["fine", "bad", "none"]),
    ],
)
def test_rules_are_sql(expression: str, broken: list[str]) -> None:
    left = {text for text, _ in told(page(expression, "quarantine"))}
    assert [text for text in ("fine", "bad", "none") if text not in left] == broken


@pytest.mark.parametrize(
    ("expression", "complaint"),
    [
        ("starz < 3", "no such column: starz. Columns are text, stars, written, subject"),
        ("stars >", "syntax error"),
        ("1) , (2); DROP TABLE record_0; --", "syntax error"),
        ("sum(stars) > 1", "misuse of aggregate"),
        ("(SELECT 1)", "subqueries prohibited"),
        ("random() > 0", "non-deterministic"),
        ("written < datetime('now')", "non-deterministic use of datetime"),
        ("text REGEXP '['", r"cannot be decided: '\[' is no regular expression of Python: unterminated .* position 0"),
        ("CASE WHEN stars IS NULL THEN text REGEXP '[' END", "cannot be decided: .* unterminated"),
        ("CASE WHEN stars > 0 THEN text REGEXP '[' END", "cannot be decided: .* unterminated"),
        ("text REGEXP ('(' || subject)", "cannot be decided: .* missing \\), unterminated"),
    ],
)
def test_an_expression_that_is_none_is_refused_at_start_by_its_line(
    expression: str, complaint: str, tmp_path: Path
) -> None:
    text = readme.EXAMPLES["avis"].replace("implementation: stars BETWEEN 1 AND 5", f'implementation: "{expression}"')
    (tmp_path / "avis.yaml").write_text(text)
    with pytest.raises(DeclarationError, match=rf"avis.yaml, line 7: schema.0.quality.0.implementation: .*{complaint}"):
        declaration.read("avis", tmp_path)


def test_two_rules_have_two_names(tmp_path: Path) -> None:
    rule = "{name: a, type: custom, engine: sqlite, implementation: stars > 0, severity: warn}"
    text = readme.EXAMPLES["avis"].replace("quality: [{", f"quality: [{rule}, {rule}, {{")
    (tmp_path / "avis.yaml").write_text(text)
    with pytest.raises(DeclarationError, match="there is a rule a already"):
        declaration.read("avis", tmp_path)


def test_a_rule_is_asked_of_each_message_in_a_record_that_swallowed_another() -> None:
    # As in the export: each text ends with the only quote it has.
    body = b'label,text,,\nham,"he said \\""\nspam""",win,\n'
    feed = Feed(
        "x", {"label": "label", "text": "text"}, ("ham", "spam"), rules=(Rule("loss", "text <> 'win'", "warn"),)
    )
    assert [(one.label, one.columns) for one in parse(body, feed).messages] == [
        ("ham", None),
        ("spam", {"warnings": "loss"}),
    ]
    strict = dataclasses.replace(feed, rules=(Rule("loss", "text <> 'win'", "quarantine"),))
    assert [row.rule for row in parse(body, strict).rejected] == ["loss"]


@pytest.mark.parametrize("name", ["rowid", "oid", "holds", "order", "columns"])
def test_a_column_may_have_a_name_that_sql_uses_as_well(name: str) -> None:
    feed = Feed(
        "x", {"text": "text", name: name}, (), (), (Column(name, "integer"),), (Rule("up", f'"{name}" > 1', "warn"),)
    )
    found = parse(f"text,{name}\na,1\nb,2\n".encode(), feed)
    assert told(found) == [("a", {name: 1, "warnings": "up"}), ("b", {name: 2})]
