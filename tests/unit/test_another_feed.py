"""A feed with other names, labels and damage needs a declaration, and no code: README's example."""

import re
from pathlib import Path

import pytest

from conf.feeds import declaration
from conf.feeds.feed import Feed
from conf.machine import ROOT
from streaming.page.parser import PageError, parse

ROWS = [("werbung", "Jetzt für 5 € – größer, schöner!"), ("privat", "Übermorgen früh am Bahnhof?")]
CSV = "Klasse,Nachricht,Kanal\n" + "".join(f'{label},"{text}",sms\n' for label, text in ROWS)
JSON_LINES = "".join(f'{{"Kanal":"sms","nachricht":"{text}","klasse":"{label}"}}\n' for label, text in ROWS)
TABS = "".join(f"{label}\t{text}\n" for label, text in ROWS)


@pytest.fixture
def feed(tmp_path: Path) -> Feed:
    """As the README declares it."""
    (example,) = re.findall(r"```yaml\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    (tmp_path / "nachrichten.yaml").write_text(example, "utf-8")
    return declaration.read("nachrichten", tmp_path)


@pytest.mark.parametrize("body", [CSV, JSON_LINES, TABS], ids=["CSV", "JSON lines", "tab-separated"])
def test_it_is_read_in_every_form_clean_and_as_it_was_damaged(feed: Feed, body: str) -> None:
    clean, damaged = body.encode(), body.encode().decode("cp850").encode()
    for content, repair in ((clean, None), (damaged, "cp850")):
        page = parse(content, feed)
        assert [(one.label, one.text, one.repair) for one in page.messages] == [(*row, repair) for row in ROWS]
        assert page.rejected == []


def test_the_names_and_labels_of_the_sms_feed_are_not_its_own(feed: Feed) -> None:
    with pytest.raises(PageError, match="missing_columns: no column label or klasse or text or nachricht"):
        parse(b"v1,v2\nham,a\n", feed)
    (row,) = parse(b"label,text\nham,a\n", feed).rejected
    assert (row.rule, row.detail) == ("unknown_label", "label is 'ham', expected one of privat, werbung")
