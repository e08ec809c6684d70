"""What the Spark UI of the query tells."""

from typing import Any

import httpx

from conf.settings import Settings

PATIENCE_SECONDS = 60
"""For one answer while the query computes."""


def executors(settings: Settings) -> list[dict[str, Any]]:
    """Where the query computes, beside its driver."""
    told = _get(settings, f"{_application(settings)}/executors").json()
    return [one for one in told if one["id"] != "driver"]


def environment(settings: Settings) -> dict[str, str]:
    """All that it shows of the settings, as a page and by its API."""
    places = ("/environment/", f"{_application(settings)}/environment")
    return {place: _get(settings, place).text for place in places}


def jobs(settings: Settings) -> list[dict[str, Any]]:
    """All that Spark has computed for the query, and still remembers."""
    return list(_get(settings, f"{_application(settings)}/jobs").json())


def _application(settings: Settings) -> str:
    [application] = _get(settings, "/api/v1/applications").json()
    return f"/api/v1/applications/{application['id']}"


def _get(settings: Settings, place: str) -> httpx.Response:
    url = f"http://127.0.0.1:{settings.spark.ui_port}{place}"
    return httpx.get(url, timeout=PATIENCE_SECONDS).raise_for_status()
