"""A misreading that nobody declared is undone where that is certain enough, and marked where it is not; clean text stays as it is."""

from collections import Counter

import pytest

from streaming.page import encoding, misreading
from streaming.page.chain import Chain
from streaming.page.encoding import Restored
from streaming.page.misreading import ENCODINGS, Found
from tests.sms import CHAINS
from tests.unit.misread import misread, odd, sentences, words

# Texts that look damaged in whole: they stay, with a mark.
SUSPICIOUS = {"Рі Сі РЇ", "Ö… Ä… Ü…", "É® Å© Ç™"}


def read(text: str) -> Restored:
    """What becomes of a record of which nothing is declared."""
    record = text.encode()
    return encoding.of(record, ()).restore(record)


def outcome(text: str, before: str) -> str:
    found = read(text)
    if found.text == before:
        return "exact"
    return "marked" if found.rules else "wrong without a mark"


@pytest.mark.parametrize("chains", [(), CHAINS], ids=["nothing declared", "as in the SMS feed"])
def test_clean_text_of_28_languages_is_neither_changed_nor_marked(chains: tuple[Chain, ...]) -> None:
    assert len({language for language, _ in sentences()}) == 28
    for _, text in sentences():
        record = text.encode()
        assert encoding.of(record, chains).restore(record) == Restored(text)


@pytest.mark.parametrize("text", odd())
def test_clean_text_that_looks_damaged_is_not_changed(text: str) -> None:
    assert read(text) == Restored(text, ("looks_damaged",) if text in SUSPICIOUS else ())


def test_a_clean_word_alone_is_not_changed() -> None:
    # Of 1,250 words seven, such as the Vietnamese `đó`, can be what a misreading leaves; they are marked.
    assert [word for word in words() if read(word).text != word] == []
    assert sum(bool(read(word).rules) for word in words()) < len(words()) / 100


def tally(texts: list[str]) -> Counter[str]:
    found: Counter[str] = Counter()
    for name in ENCODINGS:
        for text in texts:
            now = misread(text, name)
            if now not in (None, text):
                found[outcome(str(now), text)] += 1
    return found


def test_of_sentences_misread_in_40_ways_nine_of_ten_come_back_and_the_rest_is_marked() -> None:
    found = tally([text for _, text in sentences() if not text.isascii()])
    assert found.total() > 6000
    assert found["wrong without a mark"] == 0
    assert found["exact"] / found.total() > 0.93


def test_of_single_words_misread_in_40_ways_eight_of_ten_come_back_and_the_rest_is_marked() -> None:
    found = tally(words())
    assert found.total() > 25_000
    assert found["wrong without a mark"] == 0
    assert found["exact"] / found.total() > 0.85


@pytest.mark.parametrize(
    ("text", "expected", "rules"),
    [
        ("cafÃ©", "café", ("guessed_cp1252",)),
        ("caf├⌐ cr├¿me", "café crème", ("guessed_cp437",)),
        (misread("Я опаздываю, прости", "koi8-r"), "Я опаздываю, прости", ("guessed_koi8-r",)),
        (misread("明天见，别忘了", "latin-1"), "明天见，别忘了", ("guessed_cp1252",)),
        # Twice.
        (misread(str(misread("déjà vu", "cp1252")), "cp1252"), "déjà vu", ("guessed_cp1252", "guessed_cp1252")),
        # Something was lost: U+FFFD is not silent, and nothing is put in its place.
        ("caf\ufffd", "caf\ufffd", ("lost_character",)),
        # Two encodings would do alike.
        ("PrĂźfung", "PrĂźfung", ("looks_damaged",)),
        # A byte was left out: it can be seen, and not undone.
        ("veÄ je Å¡kola otvorena, doÄ‘i brÅ¾e", "veÄ je Å¡kola otvorena, doÄ‘i brÅ¾e", ("looks_damaged",)),
    ],
)
def test_what_was_guessed_or_looks_damaged_says_so(text: str, expected: str, rules: tuple[str, ...]) -> None:
    assert read(text) == Restored(expected, rules)


def test_what_was_repaired_is_not_repaired_again() -> None:
    for _, text in sentences():
        for name in ENCODINGS:
            now = misread(text, name)
            once = read(now).text if now else text
            if once == text:
                assert read(once) == Restored(text)


def test_a_part_of_a_record_is_read_as_the_whole() -> None:
    record = 'ham,"Ð¿Ñ€Ð¸Ð²ÐµÑ‚ cafÃ©"'.encode()
    assert encoding.of(record, ()).restore("cafÃ©".encode()) == Restored("café", ("guessed_cp1252",))


def test_no_more_than_three_misreadings_are_undone() -> None:
    text = "é"
    for _ in range(4):
        text = str(misread(text, "latin-1"))
    assert misreading.find(text) == Found(("cp1252", "cp1252", "cp1252"))
