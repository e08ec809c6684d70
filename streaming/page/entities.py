"""HTML entities (`&lt;`, `&#163;`) as the characters they name."""

import html
import re

# An entity as `html.unescape` takes it.
_ENTITY = re.compile(r"&(?:#[0-9]+;?|#[xX][0-9a-fA-F]+;?|[^\t\n\f <&#;]{1,32};?)")

# What `html.unescape` returns for numbers that no character has, and for controls.
_NO_CHARACTER = ("\ufffd", "")


def unescape(text: str) -> str:
    """The text with its entities resolved; one that names no character (`&#0;`, `&#xD800;`) stays as it stands."""
    return _ENTITY.sub(_resolved, text) if "&" in text else text


def _resolved(entity: re.Match[str]) -> str:
    try:
        character = html.unescape(entity[0])
    except ValueError:
        # Python converts no number of more than 4,300 digits.
        return entity[0]
    return entity[0] if character in _NO_CHARACTER else character
