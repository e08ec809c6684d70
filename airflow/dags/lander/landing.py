"""Lands pages: takes each from the source, stores its bytes once, then confirms it."""

import logging
from collections.abc import Iterable
from contextlib import closing

from conf.settings import Settings
from lander.errors import LandingError, ServiceError
from lander.source import Source
from lander.storage import Storage

log = logging.getLogger(__name__)


def land(settings: Settings, run_id: str) -> dict[str, str]:
    """Land what earlier runs left unconfirmed, then up to LANDING_PAGES_PER_RUN pages of this run.

    The keys come from the run and an index, so a repeated task gets the same pages. Returns the sha256 by object key.
    Raises `LandingError` after the last page: it names each page that could not be landed and stays unconfirmed.
    """
    storage = Storage(settings.s3("lander"), settings.minio.landing_bucket)
    own = [f"landing/{run_id}/{index}" for index in range(1, settings.landing.pages_per_run + 1)]
    with closing(Source(settings.source.url)) as source:
        landed, failed = _landed(source, storage, own, run_id)
    if failed:
        counted = f"{len(landed)} pages landed, {len(failed)} could not be and stay unconfirmed:"
        raise LandingError("\n".join([counted, *failed]))
    return landed


def _landed(source: Source, storage: Storage, own: Iterable[str], run_id: str) -> tuple[dict[str, str], list[str]]:
    """What landed, and in words what did not. When the source or MinIO fails, no further page is tried: none could land."""
    landed, failed = {}, []
    waiting = source.unconfirmed()
    for key in dict.fromkeys([*waiting, *own]):
        number = waiting.get(key)
        try:
            page = source.take(key, number)
            if page is None:
                log.info("the source has nothing more")
                break
            object_key = storage.store(page, run_id)
            source.confirm(page)
        except LandingError as error:
            failed.append(f"page {number or 'of this run'}, key {key!r}: {error}")
            if isinstance(error, ServiceError):
                break
        else:
            landed[object_key] = page.sha256
            log.info("landed %s: page %d, %d records", object_key, page.number, page.records)
    return landed, failed
