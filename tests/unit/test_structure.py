"""Messages with double quotes come back as they were before a reader without backslash escapes cut them."""

import csv
import io
import tracemalloc

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from streaming.page import structure
from tests.sms import SMS, parse

# A busy machine is slow, not wrong.
untimed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

COLUMNS = 5
Labelled = tuple[str, str]


def damage(messages: list[Labelled]) -> bytes:
    r"""A page as the export has it: quotes escaped as `\"`, read by a parser that knows only `""`, written again."""
    escaped = (f'"{label}","{text.replace(chr(34), chr(92) + chr(34))}"\r' for label, text in messages)
    page = io.StringIO(newline="")
    writer = csv.writer(page)
    writer.writerow(["v1", "v2", "", "", ""])
    for row in csv.reader(escaped):
        writer.writerow(row + [""] * (COLUMNS - len(row)))
    return page.getvalue().encode()


def survives(text: str) -> bool:
    """Not empty, and its closing quote does not follow a comma: there the reader took it for one that opens a field."""
    return not text.isspace() and not ('"' in text and text.endswith(","))


texts = st.text('ab" ,.', min_size=1).filter(survives)
# The last record has nothing behind it to swallow.
pages = st.lists(st.tuples(st.sampled_from(["ham", "spam"]), texts), max_size=6).map(lambda some: [*some, ("ham", "z")])


@untimed
@given(pages)
def test_every_message_with_quotes_comes_back_in_its_place(messages: list[Labelled]) -> None:
    page = damage(messages)
    assume(all(len(row) == COLUMNS for row in csv.reader(io.StringIO(page.decode(), newline=""))))
    parsed = parse(page)
    assert [(message.label, message.text) for message in parsed.messages] == messages
    assert parsed.rejected == []


@pytest.mark.parametrize(
    ("text", "spilled", "expected", "rules"),
    [
        ("plain", ["", "", ""], "plain", ()),
        ("don\\'t", [], "don\\'t", ()),
        ("don\\'t be 5\"", [], "don\\'t be 5\"", ()),
        ("in C:\\temp", [], "in C:\\temp", ()),
        ('in C:\\temp "now"', [], 'in C:\\temp "now"', ()),
        ('so \\the cave\\". Sorry"', ["", ""], 'so "the cave". Sorry', ("escaped_quotes",)),
        ('a \\ pizza"', [], 'a " pizza', ("escaped_quotes",)),
        ('don\\\'t \\initiate\\" it"', [], 'don\\\'t "initiate" it', ("escaped_quotes",)),
        ('\\\'Tis\\" he"', [], '"\'Tis" he', ("escaped_quotes",)),
        ("\\Walk", [' like\\"...! OR \\"you', 'the KING\\"!"', ""], '"Walk, like"...! OR "you,the KING"!', None),
        ("\\one", ["", ' two\\" three"'], '"one,, two" three', None),
    ],
)
def test_quotes_are_put_back_only_where_the_escapes_explain_them(
    text: str, spilled: list[str], expected: str, rules: tuple[str, ...] | None
) -> None:
    rules = ("spilled_columns", "escaped_quotes") if rules is None else rules
    assert structure.parts("ham", text, SMS.labels, spilled) == [("ham", expected, rules)]


@pytest.mark.parametrize("text", ["plain", "don\\'t", 'bought 5"'])
def test_a_spill_without_an_escaped_quote_in_the_text_is_not_explained(text: str) -> None:
    assert structure.parts("ham", text, SMS.labels, [' and \\more"']) == []


def test_a_swallowed_record_is_given_back_behind_its_host() -> None:
    assert structure.parts("ham", 'c u soon \\"\rspam"', SMS.labels, ["Win a prize", "", ""]) == [
        ("ham", 'c u soon "', ("swallowed_record",)),
        ("spam", "Win a prize", ("swallowed_record",)),
    ]


def test_a_swallowed_record_can_be_damaged_itself() -> None:
    assert structure.parts("ham", 'soon \\"\rham"', SMS.labels, ["say \\hi", ' now\\" ok"']) == [
        ("ham", 'soon "', ("swallowed_record",)),
        ("ham", 'say "hi, now" ok', ("swallowed_record", "spilled_columns", "escaped_quotes")),
    ]


def test_records_swallowed_one_by_another_are_all_given_back_and_each_names_a_rule_once() -> None:
    count = 1000
    spilled = [*['a \\"\nspam"'] * count, "the last"]
    host, *inside, last = structure.parts("ham", 'a \\"\nspam"', SMS.labels, spilled)
    assert host == ("ham", 'a "', ("swallowed_record",))
    assert inside == [("spam", 'a "', ("swallowed_record",))] * count
    assert last == ("spam", "the last", ("swallowed_record",))


@pytest.mark.parametrize(
    "text", ["\\'" * 100_000, "\\a" * 100_000, "a\\b" + '\\"' * 100_000, '\\"' * 100_000, "\\" * 200_000]
)
def test_a_long_text_is_read_without_a_trail_of_what_was_tried(text: str) -> None:
    tracemalloc.start()
    structure.parts("ham", text, SMS.labels)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3 * len(text)


def test_a_swallowed_record_without_text_leaves_a_rule_and_no_message() -> None:
    assert structure.parts("ham", 'prob for u?\\"\rham"', SMS.labels, ["", "", ""]) == [
        ("ham", 'prob for u?"', ("swallowed_label",))
    ]


def test_only_a_known_label_makes_a_swallowed_record() -> None:
    assert structure.parts("ham", 'soon \\"\reggs"', SMS.labels) == [("ham", 'soon \\"\reggs"', ())]
