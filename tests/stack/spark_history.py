"""What Spark's history server tells of applications that have ended."""

import time
from typing import Any, NamedTuple

import httpx

PATIENCE_SECONDS = 120
"""It looks for new logs every 10 s."""


class Ended(NamedTuple):
    """An application that has ended."""

    id: str
    jobs: int


def ended(port: str, name: str, number: int) -> list[Ended]:
    """The ended applications of this name, once there are so many, as the server on this port has them."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while len(found := [one for one in _get(port, "?status=completed") if one["name"] == name]) < number:
        assert time.monotonic() < deadline, f"the history server knows {len(found)} of {number} {name!r}"
        time.sleep(1)
    return [Ended(one["id"], len(_get(port, f"/{one['id']}/jobs"))) for one in found]


def _get(port: str, place: str) -> list[dict[str, Any]]:
    url = f"http://127.0.0.1:{port}/api/v1/applications{place}"
    return list(httpx.get(url, timeout=PATIENCE_SECONDS).raise_for_status().json())
