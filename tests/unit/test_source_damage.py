"""The damage of the spread export, message by message."""

import pytest

from source_api.corpus.damage import damaged

HEADER = b"v1,v2,,,\r\n"


@pytest.mark.parametrize(
    ("messages", "records"),
    [
        pytest.param([("ham", "see you at 8")], b"ham,see you at 8,,,", id="plain text stays as it is"),
        pytest.param([("ham", "yes, at 8")], b'ham,"yes, at 8",,,', id="a comma needs quotation marks"),
        pytest.param([("ham", "a"), ("spam", "b")], b"ham,a,,,\r\nspam,b,,,", id="CRLF, none after the last record"),
        pytest.param([("ham", "one\ntwo")], b'ham,"one\ntwo",,,', id="a newline stays inside its field"),
        pytest.param([("spam", "win £5")], b"spam,win \xe5\xa35,,,", id="pound sign: two bytes, both kept"),
        pytest.param([("ham", "café Ü")], b"ham,caf\xcc\xa9 \xcc\xcf,,,", id="accents that keep both bytes"),
        pytest.param([("ham", "ü…")], b"ham,\xcc_\x89\xdb_,,,", id="bytes that Mac Roman lacks become _"),
        pytest.param([("ham", "I\x92m it’s")], b"ham,I\xe5\xd5m it\x89\xdb\xaas,,,", id="both apostrophes"),  # meant
        pytest.param(
            [("ham", 'say "hi" now')], b'ham,"say \\hi\\"" now""",,,', id="the first mark ends the field early"
        ),
        pytest.param([("ham", '"a, b" c')], b'ham,\\a," b\\"" c""",,', id="a comma behind it spills to the right"),
        pytest.param([("ham", 'a, "b" c')], b'ham,"a, \\b\\"" c""",,,', id="a comma before it does not"),
        pytest.param(
            [("ham", 'bye"'), ("spam", "win, now")],
            b'ham,"bye\\""\rspam""","win, now",,',
            id="the next start is swallowed",
        ),
    ],
)
def test_messages_are_written_as_the_export_has_them(messages: list[tuple[str, str]], records: bytes) -> None:
    assert damaged(messages) == HEADER + records


def test_a_message_that_needs_a_sixth_column_is_refused() -> None:
    with pytest.raises(ValueError, match="6 columns, not 5"):
        damaged([("ham", '"1, 2, 3, 4, 5"')])
