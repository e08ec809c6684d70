"""When which number of objects was in the ledger, as its log says: the same measure for whoever writes it."""

import json
import math
from itertools import accumulate
from typing import NamedTuple

import obstore

from conf import s3
from conf.settings import S3Access
from conf.tables import LEDGER


class Commit(NamedTuple):
    """When it was made, in seconds since 1970, and how many objects it decided."""

    at: float
    objects: int


def commits(access: S3Access, bucket: str) -> list[Commit]:
    """Those that added rows to the ledger, in order."""
    store = s3.store(access, bucket)
    listed = [one["path"] for chunk in obstore.list(store, f"{LEDGER.name}/_delta_log") for one in chunk]
    logs = sorted(path for path in listed if path.endswith(".json"))
    found = (_read(bytes(obstore.get(store, path).bytes())) for path in logs)
    return [one for one in found if one.objects]


def _read(log: bytes) -> Commit:
    actions = [json.loads(line) for line in log.splitlines()]
    at = next((one["commitInfo"]["timestamp"] for one in actions if "commitInfo" in one), 0) / 1000
    added = [one["add"] for one in actions if "add" in one]
    return Commit(at, sum(json.loads(one["stats"])["numRecords"] for one in added if one["dataChange"]))


def steady(made: list[Commit], warm_up: float) -> float:
    """Objects a second behind the commit with which this share of them was decided; NaN when that was the last one."""
    decided = list(accumulate(one.objects for one in made))
    warm = next(number for number, objects in enumerate(decided) if objects >= warm_up * decided[-1])
    behind = made[-1].at - made[warm].at
    return (decided[-1] - decided[warm]) / behind if behind else math.nan
