"""The source's own books: how many pages it has handed out, and which of them are confirmed."""

from collections.abc import Iterator
from typing import Any

import httpx

from streaming.errors import ServiceError

# The most that the source lists at once.
_LISTED_AT_ONCE = 1000
_TIMEOUT_SECONDS = 30


class Source:
    """The source API at one address. Raises `ServiceError` when it does not answer, or not as it should."""

    def __init__(self, url: str) -> None:
        self._url = url

    def status(self) -> dict[str, Any]:
        """The dataset that it hands out, and what became of its pages."""
        return dict(self._get("/status"))

    def confirmed(self) -> Iterator[dict[str, Any]]:
        """The pages that their client has confirmed, in order of number."""
        after = 0
        while listed := self._get("/pages", state="confirmed", after=after, limit=_LISTED_AT_ONCE):
            yield from listed
            after = listed[-1]["number"]

    def _get(self, path: str, **asked: str | int) -> Any:
        try:
            answer = httpx.get(f"{self._url}{path}", params=asked, timeout=_TIMEOUT_SECONDS)
            return answer.raise_for_status().json()
        except (httpx.HTTPError, ValueError) as error:
            raise ServiceError(
                f"The source API does not answer at {self._url}: {error}. Start it with `lake up`."
            ) from error
