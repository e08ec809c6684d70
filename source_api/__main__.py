"""`python -m source_api`: hand out the dataset over HTTP until told to stop."""

import logging
import sys

import uvicorn

from conf import settings
from source_api.api import application
from source_api.errors import SourceError
from source_api.opening import opened

SECONDS_TO_FINISH = 5
"""How long a request in hand may still take after SIGTERM."""


def main() -> None:
    """Serve; a start that cannot work ends with one line on stderr and exit code 1."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s:     %(message)s")
    try:
        stack = settings.load()
        feed = opened(stack)
    except (settings.SettingsError, SourceError) as error:
        sys.exit(f"source_api: {error}")
    logging.getLogger("source_api").info(
        "Handing out %s (%s), sha256 %s: %d records, %d pages left.",
        feed.terms.dataset,
        feed.terms.origin.upper(),
        feed.terms.sha256,
        feed.sheet.records,
        feed.pages_after(feed.counts().next_record),
    )
    uvicorn.run(
        application(feed, stack.source.api_host),
        host=stack.source.api_host,
        port=stack.source.api_port,
        timeout_graceful_shutdown=SECONDS_TO_FINISH,
    )


if __name__ == "__main__":
    main()
