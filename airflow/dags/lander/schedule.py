"""Reads the setting LANDING_SCHEDULE."""

import re
from datetime import timedelta

_EVERY = re.compile(r"every (\d+) seconds?")


def schedule(text: str) -> str | timedelta:
    """A cron expression as it is, or the pause that `every N seconds` names: cron knows nothing below a minute."""
    match = _EVERY.fullmatch(text.strip())
    return timedelta(seconds=int(match[1])) if match else text
