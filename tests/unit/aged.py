"""Tables whose commits and files are made older than they are, for tests of what time allows."""

import json
import os
import time
from datetime import timedelta
from pathlib import Path


def age(table: Path, by: timedelta, *, up_to: int | None = None, said: bool = True, stored: bool = True) -> None:
    """As if the commits up to this version had been made so much earlier: what they say, and how their files are stored."""
    moment = time.time() - by.total_seconds()
    for commit in sorted((table / "_delta_log").glob("*.json")):
        if up_to is not None and int(commit.stem) > up_to:
            continue
        modified = commit.stat().st_mtime
        if said:
            actions = [json.loads(line) for line in commit.read_text().splitlines()]
            commit.write_text("\n".join(json.dumps(_earlier(one, by)) for one in actions))
        when = moment if stored else modified
        os.utime(commit, (when, when))


def age_files(table: Path, by: timedelta) -> None:
    """As if every data file, of a commit or of none, had been written so much earlier."""
    moment = time.time() - by.total_seconds()
    for file in table.glob("*.parquet"):
        os.utime(file, (moment, moment))


def _earlier(action: dict[str, dict[str, int]], by: timedelta) -> dict[str, dict[str, int]]:
    for kind, name in (("commitInfo", "timestamp"), ("remove", "deletionTimestamp"), ("add", "modificationTime")):
        if name in action.get(kind, {}):
            action[kind][name] -= int(by.total_seconds() * 1000)
    return action
