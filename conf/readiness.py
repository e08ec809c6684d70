"""Probes: how a service shows that it can be used. Each asks once, and answers within a few seconds."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

import httpx
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

Probe = Callable[[httpx.AsyncClient, datetime], Awaitable[bool]]
"""Whether the service that was started at this time can be used."""

SECONDS = 3


def client() -> httpx.AsyncClient:
    """What the probes ask with; a proxy of the user's is not asked for 127.0.0.1."""
    return httpx.AsyncClient(timeout=SECONDS, trust_env=False)


async def _get(http: httpx.AsyncClient, url: str) -> httpx.Response | None:
    try:
        return await http.get(url)
    except httpx.TransportError:
        return None


def page(url: str, text: str = "") -> Probe:
    """Ready when `url` answers 200 and, where given, with this text."""

    async def probe(http: httpx.AsyncClient, started: datetime) -> bool:
        answer = await _get(http, url)
        return answer is not None and answer.status_code == httpx.codes.OK and text in answer.text

    return probe


def broker(servers: str) -> Probe:
    """Ready when Kafka lists its topics."""

    def answers() -> bool:
        admin = AdminClient({"bootstrap.servers": servers, "log_level": 0})
        try:
            return bool(admin.list_topics(timeout=SECONDS).brokers)
        except KafkaException:
            return False

    async def probe(http: httpx.AsyncClient, started: datetime) -> bool:
        return await asyncio.to_thread(answers)

    return probe
