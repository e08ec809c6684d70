"""What a feed asks of a row beyond label and text: columns of its own, and rules."""

from collections.abc import Mapping
from typing import Any

from streaming.feeds import rules
from streaming.feeds.feed import WARNINGS, Column, Feed
from streaming.page import values
from streaming.page.checks import Flaw
from streaming.page.header import PageError

_OF_EVERY_FEED = (Column("label", "string"), Column("text", "string"))


def columns(number: int, label: str | None, text: str, told: Mapping[str, Any], feed: Feed) -> dict[str, Any] | Flaw:
    """The values of the feed's own columns by name, or why the row is rejected; `told` is what record `number` says for them.

    Raises `PageError` for a rule that refuses the object.
    """
    found = values.typed(told, feed.columns)
    if isinstance(found, Flaw) or not feed.rules:
        return found
    deciding = rules.of(feed.rules, (*_OF_EVERY_FEED, *feed.columns))
    broken = deciding.broken({"label": label, "text": text, **found})
    for rule, why, _ in broken:
        if rule.action == "fail":
            raise PageError(rule.name, f"record {number}: {why}")
    for rule, why, _ in broken:
        if rule.action == "quarantine":
            return Flaw(rule.name, why)
    return found | {WARNINGS.name: "+".join(rule.name for rule, _, _ in broken)} if broken else found
