"""Lands pages: takes each from the source, stores its bytes once, then confirms it."""

import logging

from conf.settings import Settings
from lander.source import Source
from lander.storage import Storage

log = logging.getLogger(__name__)


def land(settings: Settings, run_id: str) -> dict[str, str]:
    """Land what earlier runs left unconfirmed, then up to LANDING_PAGES_PER_RUN pages of this run.

    The keys come from the run and an index, so a repeated task gets the same pages. Answers the sha256 by object key.
    """
    source = Source(settings.source_api_url)
    storage = Storage(settings.s3("lander"), settings.landing_bucket)
    own = [f"landing/{run_id}/{index}" for index in range(1, settings.landing_pages_per_run + 1)]
    landed = {}
    for key in [*source.unconfirmed(), *own]:
        page = source.take(key)
        if page is None:
            log.info("the source has nothing more")
            break
        object_key = storage.store(page, run_id)
        source.confirm(page)
        landed[object_key] = page.sha256
        log.info("landed %s: page %d, %d records", object_key, page.number, page.records)
    return landed
