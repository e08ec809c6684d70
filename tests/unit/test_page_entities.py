"""HTML entities become the characters they name, and nothing else."""

import html

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streaming.page.entities import unescape
from tests.sms import parse

# A busy machine is slow, not wrong.
untimed = settings(deadline=None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("&lt;#&gt; &amp; &pound;5 &notin;", "<#> & £5 ∉"),
        ("&#163; &#xA3; &#128; &#65 &#x1F602;", "£ £ € A \U0001f602"),
        ("&#" + "0" * 4000 + "65;", "A"),
        # Each is resolved once.
        ("&amp;lt; &#38;lt; &amp;#0;", "&lt; &lt; &#0;"),
        ("AT&T & B&B &; &#; &#x; &nosuch;", "AT&T & B&B &; &#; &#x; &nosuch;"),
    ],
)
def test_an_entity_becomes_its_character(text: str, expected: str) -> None:
    assert unescape(text) == expected


@pytest.mark.parametrize(
    "entity",
    [
        *["&#0;", "&#x0;", "&#0", "&#xD800;", "&#57343;", "&#x110000;", "&#99999999;", "&#1;", "&#x1f;", "&#xFFFE;"],
        *["&#65533;", "&#" + "1" * 4301 + ";", "&#" + "1" * 100_000, "&#x" + "1" * 100_000 + ";"],
    ],
)
def test_an_entity_that_names_no_character_stays_as_it_stands(entity: str) -> None:
    assert unescape(f"a{entity}b &lt;") == f"a{entity}b <"


def test_an_entity_of_4301_digits_is_text() -> None:
    entity = "&#" + "1" * 4301 + ";"
    (message,) = parse(f"label,text\nham,{entity}\n".encode()).messages
    assert (message.text, message.text_unescaped) == (entity, entity)


@untimed
@given(
    st.lists(st.sampled_from(["&", "#", "x", "1", "6", "5", ";", "lt", "amp", "notin", "a", " ", "\U0001f602"])).map(
        "".join
    )
)
def test_what_names_characters_is_resolved_as_html_says(text: str) -> None:
    expected = html.unescape(text)
    assert unescape(text) == expected or "&#" in text
    assert "\ufffd" not in unescape(text)
