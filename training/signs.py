"""What a text looks like, beside its words: each sign is a token, counted like a word.

Spam is long, shouts and is full of digits. Each sign is a count in steps up to a limit, so there are few tokens and each
occurs in many messages.
"""

from typing import NamedTuple


class Sign(NamedTuple):
    """How often a regular expression is found, in steps of `step`, up to `most` steps."""

    pattern: str
    step: int
    most: int


SIGNS = {
    "length": Sign(r"(?s).", 20, 8),
    "shouted": Sign(r"\b[A-Z]{2,}\b", 1, 5),
    "capitals": Sign(r"[A-Z]", 5, 8),
    "digits": Sign(r"\d", 3, 6),
}

# No word of a text begins like this.
START = "<#"


def tokens(column: str) -> str:
    """The SQL expression for the array of a text's signs: `<#length3>` and so on, one for each of `SIGNS`."""
    named = (
        f"concat('{START}{name}', least(regexp_count({column}, r'{sign.pattern}') div {sign.step}, {sign.most}), '>')"
        for name, sign in SIGNS.items()
    )
    return f"array({', '.join(named)})"
