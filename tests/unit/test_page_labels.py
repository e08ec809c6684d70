"""A label beyond ASCII is recognized like any other, in UTF-8 and as a declared damage leaves it."""

import pytest

from streaming.feeds.feed import Damage, Feed
from streaming.page.parser import parse
from tests.sms import SMS
from tests.unit.misread import damaged
from tests.unit.parsed import rules

Labels = tuple[str, str]

FRENCH, GERMAN, RUSSIAN = ("privé", "publicité"), ("müll", "größe"), ("хорошо", "спам")
WAYS: list[tuple[Labels, Damage | None]] = [
    *((("ham", "spam"), None), (FRENCH, None), (GERMAN, None), (RUSSIAN, None)),
    *((FRENCH, Damage("saved", "utf-8", "cp1252")), (RUSSIAN, Damage("saved", "utf-8", "koi8-r"))),
    *((GERMAN, Damage("misread", "cp850", "utf-8")), (RUSSIAN, Damage("misread", "cp1251", "utf-8"))),
    # Of `ü`, one byte is lost.
    *((FRENCH, SMS.damages[0]), (GERMAN, SMS.damages[0])),
]
every_way = pytest.mark.parametrize(("labels", "damage"), WAYS)


def read(
    page: str, labels: Labels, damage: Damage | None
) -> tuple[list[tuple[str | None, str]], list[tuple[int, str]]]:
    """The messages and the rejected rows of a page that went through this damage."""
    body = damaged(page, damage)[0] if damage else page.encode()
    feed = Feed("x", {"label": "label", "text": "text"}, labels, (damage,) if damage else ())
    found = parse(body, feed)
    return [(one.label, one.text) for one in found.messages], rules(found)


@every_way
def test_a_quote_that_never_closes_costs_its_own_line_only(labels: Labels, damage: Damage | None) -> None:
    first, second = labels
    page = f'label,text\n{second},"never closed\n{first},he said hi"\n{second},third\n'
    assert read(page, labels, damage) == ([(first, 'he said hi"'), (second, "third")], [(1, "broken_quotes")])


@every_way
def test_a_swallowed_record_is_recovered(labels: Labels, damage: Damage | None) -> None:
    first, second = labels
    page = f'label,text,,\n{first},"he said \\""\n{second}""",win,\n'
    assert read(page, labels, damage) == ([(first, 'he said "'), (second, "win")], [])


@every_way
def test_a_page_without_a_header_begins_with_one(labels: Labels, damage: Damage | None) -> None:
    first, second = labels
    assert read(f"{second}\tone\n{first}\ttwo\n", labels, damage) == ([(second, "one"), (first, "two")], [])


def test_a_label_that_is_not_utf_8_is_not_guessed() -> None:
    body = "label,text\nprivé,plain\nprivé,fine\n".encode().replace("é,f".encode(), b"\xe9,f")
    found = parse(body, Feed("x", {"label": "label", "text": "text"}, FRENCH))
    assert [(one.label, one.text) for one in found.messages] == [("privé", "plain")]
    assert rules(found) == [(2, "undecodable")]
