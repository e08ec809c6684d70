r"""Object keys that are hard to carry through a URL, a form-encoded notification, an XML listing and a log (F18).

MinIO refuses `../`, `a/./b`, `//` and a part of more than 255 bytes itself: as records they come in `records.py`.
"""

from collections.abc import Sequence
from random import Random

_LONG = "/".join(["long" * 50] * 5)

ODD: Sequence[str] = (
    "plus+plus",
    "per%cent",
    "encoded%20twice%2Bover",
    "a blank",
    " blank in front",
    "blank behind ",
    "ü composed",
    "u\u0308 decomposed",
    "😀",
    "[bracket",
    "{brace",
    "*",
    "?",
    "new\nline",
    "tab\there",
    "control\x01",
    "back\\slash",
    "'\"<&>",
    "a&b=c;d#e",
    "..dots",
    "folder/",
)


def odd(rng: Random, number: int) -> str:
    """One of them, made unique by the number: as a name, as a folder, or filled to S3's limit of 1,024 bytes."""
    oddity = rng.choice(ODD)
    prefix = f"odd/{number:06d}/{oddity}"
    if rng.random() < 0.1:
        return f"{prefix.rstrip('/')}/{_LONG}"[:1_000].rstrip("/").encode()[:1024].decode(errors="ignore")
    return prefix if rng.random() < 0.7 or oddity.endswith("/") else f"{prefix}/page.csv"
