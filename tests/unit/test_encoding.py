"""The export's damage to characters is undone; what was lost is decided by evidence, by what is usual, or stays visible."""

from collections.abc import Iterator, Mapping

import ftfy  # noqa: F401  # registers "sloppy-windows-1252", which keeps the five bytes cp1252 does not define
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streaming.page import encoding
from streaming.page.encoding import Damaged, UnexplainedBytesError, Utf8
from streaming.page.lost_bytes import Choice
from tests.sms import CHAINS

# A busy machine is slow, not wrong.
untimed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def damage(text: str) -> bytes:
    """The chain of the export: UTF-8, misread as Windows-1252, saved as Mac Roman with `_` for what that lacks."""
    misread = text.encode().decode("sloppy-windows-1252")
    return b"".join(character.encode("mac_roman", "ignore") or b"_" for character in misread)


def lost_nothing(text: str) -> bool:
    return damage(text).count(b"_") == text.count("_")


def restore(record: bytes, part: bytes | None = None) -> tuple[str, tuple[str, ...]]:
    """A record restored, or a part of it."""
    restored = encoding.of(record, CHAINS).restore(record if part is None else part)
    return restored.text, restored.rules


@untimed
@given(st.text(st.characters(exclude_categories=["Cs"])).filter(lost_nothing))
def test_text_that_lost_no_byte_comes_back_exactly(text: str) -> None:
    # A pound sign in front of a space leaves bytes that cannot be taken for UTF-8.
    assert restore(damage("£ " + text)) == ("£ " + text, ("mac_roman",))


@pytest.mark.parametrize("text", ["£5", "i\u2019d", "caf\u00e9 £1", "Ü at 5 £", "a_b £", "\x92s £", "鈥 〨 £"])
def test_several_kinds_of_damage_in_one_text_are_undone_per_sequence(text: str) -> None:
    assert restore(damage(text)) == (text, ("mac_roman",))


@pytest.mark.parametrize(
    ("record", "part", "expected"),
    [
        # No evidence: what the sequence usually is.
        ("£ ü pay", "ü pay", ("ü pay", "lost_byte_by_table")),
        ("£ … ok", "… ok", ("… ok", "lost_byte_by_table")),
        ("£ 鈥┾", "鈥┾", ("鈥┾", "lost_byte_by_table")),
        # The other case of the letter is in the record.
        ("£ Ü pay, ü not", "ü not", ("ü not", "lost_byte_by_evidence")),
        ("£ ADIÓS, adiós", "adiós", ("adiós", "lost_byte_by_evidence")),
        ("£ í ÜÜÜ Ì É ü", "ü", ("ü", "lost_byte_by_evidence")),
        # The text opened a quote for each mark it lost.
        ("£ “hi” and “ho”", "“hi” and “ho”", ("“hi” and “ho”", "lost_byte_by_evidence")),
        ("£ … “hi", "… “hi", ("… “hi", "lost_byte_by_table")),
        # Three continuation bytes follow only one of the lead bytes that get lost.
        ("£ \U0001f602", "\U0001f602", ("\U0001f602", "lost_byte_by_evidence")),
    ],
)
def test_a_lost_byte_is_decided_by_evidence_first(record: str, part: str, expected: tuple[str, str]) -> None:
    assert restore(damage(record), damage(part)) == (expected[0], ("mac_roman", expected[1]))


@pytest.mark.parametrize(
    ("record", "expected"), [("£ 4txt/ú1.20", "ü"), ("£ 5ú", "ü"), ("£ ú", "Ú")], ids=["before", "behind", "none"]
)
def test_a_letter_beside_a_digit_is_no_evidence(record: str, expected: str) -> None:
    lost = damage("ü")
    assert restore(damage(record) + b" " + lost, lost)[0] == expected


def test_plain_text_in_a_damaged_record_needs_no_repair() -> None:
    assert restore(damage("£ ü"), b"a_b") == ("a_b", ())


@pytest.mark.parametrize(
    ("record", "offset"),
    [
        (b"cafe \x8e", 5),
        (b"\xe5\xa3 and \xa3", 7),
        (b"cut \x89\xdb", 4),
        (b"infinity \xb0\xb0", 9),
        # Behind a lost byte that nothing decides.
        (b"half \xe5_ price \xa3", 14),
    ],
)
def test_bytes_that_nothing_explains_are_named_with_their_offset(record: bytes, offset: int) -> None:
    with pytest.raises(UnexplainedBytesError) as caught:
        encoding.of(record, CHAINS)
    assert (caught.value.rule, caught.value.offset) == ("undecodable", offset)


class LookedUp(Mapping[bytes, Choice]):
    """Choices that can be looked up, and not gone through: a record can have tens of thousands."""

    def __getitem__(self, sequence: bytes) -> Choice:
        return {b"\xc3_": Choice("ü".encode(), "asked")}[sequence]

    def __iter__(self) -> Iterator[bytes]:
        raise AssertionError

    def __len__(self) -> int:
        raise AssertionError


def test_a_text_costs_as_much_as_it_has_itself_however_many_choices_its_record_has() -> None:
    restored = Damaged(CHAINS[0], LookedUp()).restore(damage("“ü”"))
    assert restored == ("“ü”", ("mac_roman", "asked", "lost_byte_by_evidence"))


@pytest.mark.parametrize(
    ("record", "kind"),
    [
        (b"plain", Utf8),
        ("£ü…".encode(), Utf8),
        ("Zoé".encode(), Utf8),
        ("你好 市士, Привет, שלום, नमस्ते".encode(), Utf8),
        (b"\xe5\xa3", Damaged),
        # Valid UTF-8 by accident: C3 A9, misread and saved, is CC A9, a combining mark.
        (damage("é"), Damaged),
        (damage("£5 é ü …"), Damaged),
    ],
)
def test_what_the_chain_explains_is_its_and_the_rest_is_utf8(record: bytes, kind: type) -> None:
    assert isinstance(encoding.of(record, CHAINS), kind)


@pytest.mark.parametrize(
    ("record", "offset", "what"),
    [
        ("Zoé £ ".encode() + b"\xe9 b", 8, "e9 20 62 is no UTF-8"),
        (b"\xff", 0, "ff is no UTF-8 once the damage is undone"),
        (damage("£5 ") + "Zoé".encode(), 6, "c3 a9 is no UTF-8 once the damage is undone"),
    ],
)
def test_what_neither_explains_is_told_by_the_one_that_comes_further(record: bytes, offset: int, what: str) -> None:
    with pytest.raises(UnexplainedBytesError) as caught:
        encoding.of(record, CHAINS)
    assert (caught.value.rule, caught.value.offset, caught.value.what) == ("undecodable", offset, what)


def assert_inside(offset: int, body: bytes) -> None:
    assert 0 <= offset < len(body)


@untimed
@given(st.binary())
def test_arbitrary_bytes_are_restored_or_refused(body: bytes) -> None:
    try:
        way = encoding.of(body, CHAINS)
        restored = way.restore(body)
    except UnexplainedBytesError as error:
        assert_inside(error.offset, body)
    else:
        # A byte for each byte, but where one was lost and its characters stay.
        assert restored.rules[1:] or len(restored.text.encode()) == len(body)
