"""Probes of Airflow: its parts are alive, and the DAG was read."""

from datetime import UTC, datetime
from typing import Any

import httpx

from conf.commands import tail
from conf.errors import StackError
from conf.readiness import Probe
from conf.settings import Settings

SECONDS = 15
"""For one answer of the API: its first ones take longer than those of other services."""


def heartbeat(url: str, component: str) -> Probe:
    """Ready when Airflow's health page tells of a heartbeat of this component since its start, not of an earlier life."""

    async def probe(http: httpx.AsyncClient, started: datetime) -> bool:
        told = await _ask(http, f"{url}/api/v2/monitor/health")
        latest = ((told or {}).get(component) or {}).get(f"latest_{component}_heartbeat")
        return latest is not None and _time(latest) >= started

    return probe


def dag_read(url: str, settings: Settings) -> Probe:
    """Ready when the DAG was read since the start. Raises `StackError` with Airflow's own words when it has an error.

    Without it nothing would ever land, and nobody be told.
    """
    alive = heartbeat(url, "dag_processor")
    login = {"username": settings.credential("airflow_admin_user")}
    login["password"] = settings.credential("airflow_admin_password")

    async def probe(http: httpx.AsyncClient, started: datetime) -> bool:
        if not await alive(http, started):
            return False
        token = await _ask(http, f"{url}/auth/token", login=login)
        if token is None:
            return False
        headers = {"Authorization": f"Bearer {token['access_token']}"}
        _refuse_errors(await _ask(http, f"{url}/api/v2/importErrors", headers), started)
        dag = await _ask(http, f"{url}/api/v2/dags/landing", headers)
        return dag is not None and _time(dag["last_parsed_time"]) >= started

    return probe


def _refuse_errors(answer: dict[str, Any] | None, started: datetime) -> None:
    for error in (answer or {}).get("import_errors", ()):
        if _time(error["timestamp"]) >= started:
            raise StackError(f"Airflow cannot read the DAG {error['filename']}:\n{tail(error['stack_trace'])}")


async def _ask(
    http: httpx.AsyncClient, url: str, headers: dict[str, str] | None = None, login: dict[str, str] | None = None
) -> dict[str, Any] | None:
    """What the API answers, or None where it does not yet."""
    try:
        answer = await http.request("POST" if login else "GET", url, headers=headers, json=login, timeout=SECONDS)
    except httpx.TransportError:
        return None
    return dict(answer.json()) if answer.is_success else None


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
