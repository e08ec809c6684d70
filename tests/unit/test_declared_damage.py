"""What a feed declares to have happened to its text is undone exactly; of what was lost only what is certain enough is put back."""

from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streaming.feeds.feed import Damage
from streaming.page import chain, encoding
from streaming.page.encoding import Restored, UnexplainedBytesError
from streaming.page.plausibility import strangeness
from tests.sms import SMS
from tests.unit.misread import damaged, odd, of_language, sentences

# None is the export's. Ten languages, and pages that are no UTF-8 as well.
CORPORA = [
    *(("fr", "cp1252", "utf-8"), ("de", "latin-1", "utf-8"), ("es", "cp437", "utf-8"), ("pl", "cp1250", "utf-8")),
    *(("cs", "iso8859-2", "utf-8"), ("ru", "cp1251", "utf-8"), ("ru", "koi8-r", "utf-8"), ("el", "cp1253", "utf-8")),
    *(("zh", "latin-1", "utf-8"), ("ja", "cp1252", "utf-8"), ("fr", "mac_roman", "utf-8"), ("de", "cp850", "utf-8")),
    *(("ru", "cp866", "utf-8"), ("es", "latin-1", "latin-1"), ("pt", "cp1252", "cp850"), ("fr", "cp1252", "cp1252")),
    # Only saved in another encoding.
    *(("fr", "utf-8", "cp1252"), ("de", "utf-8", "latin-1")),
]
# `?` stands for what is lost: so most programs save it.
LOSSY = [
    *(("ru", "koi8-r", "cp866"), ("ru", "latin-1", "cp1252"), ("it", "cp850", "mac_roman"), ("de", "cp1252", "cp437")),
    *(
        ("fr", "cp1252", "latin-1"),
        ("pl", "cp1250", "iso8859-2"),
        ("ru", "cp1251", "koi8-r"),
    ),
]
# In whole what a misreading leaves: where one is declared, that is what it is taken for.
AMBIGUOUS = {"Ö… Ä… Ü…"}
LETTERS = st.text(st.characters(exclude_categories=["Cs"]))
# A busy machine is slow, not wrong.
untimed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def restored(record: bytes, damage: Damage) -> Restored:
    return encoding.of(record, [chain.of(damage)]).restore(record)


def declared(read_as: str, saved_as: str) -> Damage:
    return Damage("declared", read_as, saved_as, None if saved_as == "utf-8" else "?")


@pytest.mark.parametrize(("language", "read_as", "saved_as"), CORPORA)
def test_each_record_that_lost_nothing_comes_back_exactly(language: str, read_as: str, saved_as: str) -> None:
    damage = declared(read_as, saved_as)
    whole = [(text, record) for text in of_language(language) for record, lost in [damaged(text, damage)] if not lost]
    assert len(whole) >= 25
    assert [restored(record, damage) for _, record in whole] == [Restored(text, ("declared",)) for text, _ in whole]


@pytest.mark.parametrize(("language", "read_as", "saved_as"), CORPORA)
def test_a_clean_record_of_such_a_feed_is_not_changed(language: str, read_as: str, saved_as: str) -> None:
    damage = declared(read_as, saved_as)
    for text in [*(text for _, text in sentences()), *sorted(set(odd()) - AMBIGUOUS)]:
        assert restored(text.encode(), damage).text == text


@pytest.mark.parametrize(("language", "read_as", "saved_as"), LOSSY)
def test_a_record_that_lost_bytes_is_exact_or_shows_them_and_says_so(
    language: str, read_as: str, saved_as: str
) -> None:
    damage = declared(read_as, saved_as)
    lossy = [(text, record) for text in of_language(language) for record, lost in [damaged(text, damage)] if lost]
    assert len(lossy) >= 25
    for text, record in lossy:
        found = restored(record, damage)
        # Where each byte of each character was lost, only question marks are left: nothing tells them from others.
        assert found.text == text or "lost_byte_left" in found.rules or record.isascii()


@pytest.mark.parametrize(
    ("damage", "record", "offset"),
    [
        # `ю` and `þ` are what the misreading makes of the byte that stands for a lost one here: no UTF-8 has it.
        (Damage("declared", "cp1251", "koi8-r"), "Ею ok".encode("koi8-r"), 0),
        (Damage("declared", "cp1251", "gb18030"), "Ею ok".encode("gb18030"), 0),
        (Damage("declared", "cp1252", "latin-1"), "to dag, þakka".encode("latin-1"), 8),
    ],
)
def test_a_clean_character_is_not_taken_for_a_lost_byte_and_is_told_by_its_place(
    damage: Damage, record: bytes, offset: int
) -> None:
    with pytest.raises(UnexplainedBytesError) as caught:
        restored(record, damage)
    assert caught.value.offset == offset


WAYS = ["utf-8", "cp1251", "cp1252", "latin-1", "koi8-r", "mac_roman", "cp437", "gbk", "cp932"]


@untimed
@given(
    st.binary() | LETTERS.map(str.encode),
    st.sampled_from(WAYS),
    st.sampled_from(WAYS),
    st.sampled_from([None, "_", "?", "¿"]),
)
def test_any_bytes_are_restored_or_unexplained(record: bytes, read_as: str, saved_as: str, lost: str | None) -> None:
    with suppress(UnexplainedBytesError):
        restored(record, Damage("declared", read_as, saved_as, lost))


def test_what_is_put_back_for_a_lost_byte_in_a_script_of_its_own_is_right() -> None:
    """In Cyrillic all letters occur, so that their other case is no evidence: only what can be one character alone is put back."""
    damage = declared("cp1251", "koi8-r")
    record, lost = damaged("З днем народження! Бажаю щастя, Ірино.", damage)
    assert lost
    assert restored(record, damage).rules == ("declared", "lost_byte_by_evidence", "lost_byte_left")


@pytest.mark.parametrize(
    ("damage", "record", "expected"),
    [
        # `”` loses nothing on this way, so that it is not what closes here.
        (declared("cp850", "mac_roman"), "“hi›", "“hiÔÇ?"),
        # A program that writes `¿` for what it cannot save.
        (Damage("declared", "mac_roman", "latin-1", "¿"), "né", "n¿©"),
    ],
)
def test_what_nothing_decides_stands_as_on_the_page(damage: Damage, record: str, expected: str) -> None:
    assert restored(damaged(record, damage)[0], damage) == Restored(expected, ("declared", "lost_byte_left"))


@pytest.mark.parametrize("text", ["Grüße aus Köln", "déjà vu à Paris", "£5"])
def test_of_several_declared_damages_the_one_that_explains_a_record_is_undone(text: str) -> None:
    ways = [declared("cp850", "mac_roman"), declared("latin-1", "utf-8"), SMS.damages[0]]
    for way in ways:
        record, lost = damaged(text, way)
        found = encoding.of(record, [chain.of(one) for one in ways])
        assert lost or found.restore(record) == Restored(text, (way.name,))


@untimed
@given(
    LETTERS, st.sampled_from([("latin-1", "latin-1"), ("cp437", "cp850"), ("koi8-r", "cp866"), ("cp1252", "mac_roman")])
)
def test_any_text_that_lost_nothing_comes_back_exactly_from_a_page_that_is_no_utf8(
    text: str, way: tuple[str, str]
) -> None:
    damage = declared(*way)
    record, lost = damaged("é " + text, damage)
    if not lost and b"?" not in record:
        assert restored(record, damage).text == "é " + text


@untimed
@given(LETTERS, st.sampled_from(["latin-1", "cp437", "koi8-r", "mac_roman", "cp866"]))
def test_any_text_that_was_saved_as_utf8_comes_back_or_looks_less_strange_as_it_stands(text: str, read_as: str) -> None:
    damage = declared(read_as, "utf-8")
    record, _ = damaged(text, damage)
    found = restored(record, damage)
    assert found.text == text or strangeness(record.decode()) < strangeness(text)
