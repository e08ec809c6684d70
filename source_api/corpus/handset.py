"""Texts as they look when typed on a telephone: abbreviations, dropped capitals, odd apostrophes."""

import re
from random import Random

ABBREVIATIONS = {
    "you": ("u", "u", "u", "u", "u", "ya", "ü", "Ü"),
    "are": ("r", "are"),
    "your": ("ur", "ur", "yr"),
    "you're": ("ur", "youre"),
    "to": ("2", "to"),
    "for": ("4", "for"),
    "tonight": ("2nite", "tonite"),
    "tomorrow": ("2moro", "tmr", "tomo"),
    "later": ("l8r", "later"),
    "be": ("b", "be"),
    "see": ("c", "see"),
    "and": ("n", "&amp;", "and"),
    "the": ("d", "da", "the", "the"),
    "what": ("wat", "wot"),
    "please": ("pls", "plz"),
    "text": ("txt", "text"),
    "message": ("msg",),
    "because": ("cos", "bcoz"),
    "good": ("gud", "good"),
    "night": ("nite", "ni8"),
    "have": ("hav", "have"),
    "when": ("wen", "when"),
    "with": ("wif", "wid", "with"),
    "going": ("goin", "goin"),
    "at": ("@", "at"),
    "love": ("luv", "love"),
    "back": ("bk", "back"),
    "about": ("abt", "bout"),
    "some": ("sum", "some"),
    "that": ("dat", "that"),
    "don't": ("dont", "don't"),
    "can't": ("cant", "can't"),
    "I'm": ("im", "Im", "I'm"),
}

APOSTROPHES = ("'",) * 60 + ("’", "", "\x92")  # the typographic one is meant
"""The last is Windows' apostrophe taken over as it was, a C1 control character, as some handsets sent it."""

ELLIPSES = ("...", "...", "...", "..", "..", "…")
DASHES = (" - ", " – ", "... ")  # the typographic one is meant


def typed(text: str, rng: Random, haste: float) -> str:
    """The text as typed in `haste`, 0 for none to 1 for every word that has an abbreviation."""
    text = re.sub(r"[\w']+", lambda word: _abbreviated(word[0], rng, haste), text)
    if rng.random() < haste:
        text = text.lower()
    if rng.random() < haste / 4:
        text = text.rstrip(".!?") + rng.choice(ELLIPSES)
    return text.replace("'", rng.choice(APOSTROPHES)).replace(" - ", rng.choice(DASHES))


def _abbreviated(word: str, rng: Random, haste: float) -> str:
    choices = ABBREVIATIONS.get(word) or ABBREVIATIONS.get(word.lower())
    if choices is None or rng.random() >= haste:
        return word
    short = rng.choice(choices)
    return short.capitalize() if word[0].isupper() and word != "I'm" else short
