"""Checks whether a service can be used: exit code 0 when it can.

`probe.py URL [TEXT]` asks a page, which must contain the text. `probe.py AIRFLOW --heartbeat NAME` asks Airflow for a sign of
life of one component, `probe.py AIRFLOW --dag NAME` whether it has read a DAG. `probe.py kafka://HOST:PORT` lists topics.
Only what the question needs is imported: it is asked every few seconds, and httpx alone takes longer to import.
"""

import json
import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, Request, build_opener

SECONDS = 5
LOGIN_SECONDS = 15
"""For one answer of Airflow's API, whose first ones take longer than those of other services."""
LONG_AGO = datetime.min.replace(tzinfo=UTC)


class NotReadyError(Exception):
    """It cannot be used yet; the message says what is not as it must be."""


class BrokenError(Exception):
    """It will not become ready by waiting; the message is what the service itself says."""


def check(address: str, *wanted: str, since: datetime = LONG_AGO, environment: Mapping[str, str] = os.environ) -> None:
    """The service is ready. A sign of life of Airflow's parts from before `since` does not count.

    Raises `NotReadyError` or `BrokenError`.
    """
    try:
        _check(address, wanted, since, environment)
    except (HTTPException, ValueError, KeyError, TypeError) as error:
        raise NotReadyError(f"{address} gives an answer of another form: {error!r}") from error


def _check(address: str, wanted: tuple[str, ...], since: datetime, environment: Mapping[str, str]) -> None:
    if address.startswith("kafka://"):
        _kafka(address.removeprefix("kafka://"))
    elif wanted[:1] == ("--heartbeat",):
        _heartbeat(address, wanted[1], since)
    elif wanted[:1] == ("--dag",):
        _dag(address, wanted[1], since, environment)
    elif wanted and wanted[0] not in _ask(address):
        raise NotReadyError(f"{address} does not show {wanted[0]!r}")
    else:
        _ask(address)


def _kafka(servers: str) -> None:
    from confluent_kafka import KafkaException  # noqa: PLC0415  # only the local stack asks this
    from confluent_kafka.admin import AdminClient  # noqa: PLC0415

    try:
        AdminClient({"bootstrap.servers": servers, "log_level": 0}).list_topics(timeout=SECONDS)
    except KafkaException as error:
        raise NotReadyError(f"{servers}: {error}") from error


def _heartbeat(airflow: str, component: str, since: datetime) -> None:
    told = json.loads(_ask(f"{airflow}/api/v2/monitor/health"))[component]
    latest = told[f"latest_{component}_heartbeat"]
    if told["status"] != "healthy" or latest is None or _time(latest) < since:
        raise NotReadyError(f"{airflow}: {component} is {told['status']}, its last sign of life is {latest}")


def _dag(airflow: str, dag: str, since: datetime, environment: Mapping[str, str]) -> None:
    _heartbeat(airflow, "dag_processor", since)
    login = {"username": environment["AIRFLOW_ADMIN_USER"], "password": environment["AIRFLOW_ADMIN_PASSWORD"]}
    token = json.loads(_ask(f"{airflow}/auth/token", body=login))["access_token"]
    for error in json.loads(_ask(f"{airflow}/api/v2/importErrors", token))["import_errors"]:
        if _time(error["timestamp"]) >= since:
            raise BrokenError(f"Airflow cannot read the DAG {error['filename']}:\n{error['stack_trace']}")
    read = json.loads(_ask(f"{airflow}/api/v2/dags/{dag}", token))["last_parsed_time"]
    if read is None or _time(read) < since:
        raise NotReadyError(f"{airflow}: the DAG {dag} was last read at {read}")


def _ask(url: str, token: str | None = None, body: dict[str, str] | None = None) -> str:
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    request = Request(url, json.dumps(body).encode() if body else None, headers)  # noqa: S310  # addresses of our own
    try:
        # The machine's proxy is not used to reach a neighbour.
        with build_opener(ProxyHandler({})).open(
            request, timeout=LOGIN_SECONDS if token or body else SECONDS
        ) as answer:
            return str(answer.read().decode(errors="replace"))
    except HTTPError as error:
        with error:
            raise NotReadyError(f"{url}: {error}") from error
    except (URLError, OSError) as error:
        raise NotReadyError(f"{url}: {error}") from error


def _time(text: Any) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


if __name__ == "__main__":
    try:
        check(*sys.argv[1:])
    except (NotReadyError, BrokenError) as error:
        # Docker keeps it as the container's health log.
        sys.exit(str(error))
