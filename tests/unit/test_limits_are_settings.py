"""The caps on a page are settings, and their values stand in one more place only: the parser's defaults."""

from dataclasses import asdict

from conf.settings import load
from streaming.page.limits import Limits


def test_every_cap_is_a_setting_with_the_default_of_the_parser() -> None:
    stream = load().stream
    assert {name: getattr(stream, f"max_{name}") for name in asdict(Limits())} == asdict(Limits())
