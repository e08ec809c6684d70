"""The texts that the corpus is made of: the data files beside this module."""

import tomllib
from pathlib import Path

Choices = tuple[str, ...]


def phrases(label: str) -> dict[str, Choices]:
    """The phrases of this label's file by their kind: one a line."""
    return {kind: tuple(block.splitlines()) for kind, block in _blocks(label).items()}


def slots() -> dict[str, Choices]:
    """What each `{slot}` of a phrase can stand for: what lies between the bars of its block."""
    return {slot: tuple(map(str.strip, block.split("|"))) for slot, block in _blocks("words").items()}


def _blocks(name: str) -> dict[str, str]:
    with Path(__file__).with_name(f"{name}.toml").open("rb") as file:
        return tomllib.load(file)
