"""The client's side of the source API: takes pages, checks them, confirms them."""

import base64
import hashlib
from typing import NamedTuple

import httpx
from tenacity import retry, retry_if_exception, stop_after_attempt, wait_exponential_jitter

ATTEMPTS = 5
TIMEOUT_SECONDS = 30


class SourceError(Exception):
    """The source API's answer is no page; nothing of it may land. The message says what was wrong with it."""


class Page(NamedTuple):
    """One page as the API sent it, with what the API says of it."""

    number: int
    records: int
    sha256: str
    dataset: str
    origin: str
    body: bytes


def _may_pass(error: BaseException) -> bool:
    if isinstance(error, httpx.HTTPStatusError):
        return error.response.status_code == httpx.codes.TOO_MANY_REQUESTS or error.response.is_server_error
    return isinstance(error, httpx.TransportError)


_retried = retry(
    retry=retry_if_exception(_may_pass),
    stop=stop_after_attempt(ATTEMPTS),
    wait=wait_exponential_jitter(initial=0.5, max=10),
    reraise=True,
)


class Source:
    """The source API at one address. Every call may be repeated: the key, not the call, decides which page it is."""

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(base_url=url, timeout=TIMEOUT_SECONDS, follow_redirects=False)

    @_retried
    def take(self, key: str) -> Page | None:
        """The page that belongs to `key`, or None when nothing has accumulated.

        Raises `SourceError` when the answer is not a whole, undamaged page.
        """
        response = self._client.post("/pages", headers={"Idempotency-Key": key})
        response.raise_for_status()
        return None if response.status_code == httpx.codes.NO_CONTENT else _page(response)

    @_retried
    def unconfirmed(self) -> list[str]:
        """The keys of pages that were handed out and never confirmed, in order of page number."""
        response = self._client.get("/pages", params={"state": "unconfirmed"})
        response.raise_for_status()
        return [page["key"] for page in sorted(response.json(), key=lambda page: page["number"])]

    @_retried
    def confirm(self, page: Page) -> None:
        """Tell the API that the page has landed."""
        headers = {"If-Match": f'"{page.sha256}"'}
        self._client.put(f"/pages/{page.number}/confirmation", headers=headers).raise_for_status()


def _page(response: httpx.Response) -> Page:
    kind = response.headers.get("Content-Type", "none")
    if response.status_code != httpx.codes.OK or not kind.startswith("text/csv"):
        raise SourceError(
            f"{response.url} answered {response.status_code} with content type {kind}, not with a CSV page"
        )
    digest = hashlib.sha256(response.content)
    expected = f"sha-256=:{base64.b64encode(digest.digest()).decode()}:"
    stated = response.headers.get("Repr-Digest", "none")
    if stated != expected:
        raise SourceError(f"the body from {response.url} has digest {expected}, its Repr-Digest header says {stated}")
    return Page(
        number=int(response.headers["Page-Number"]),
        records=int(response.headers["Page-Records"]),
        sha256=digest.hexdigest(),
        dataset=response.headers["Dataset"],
        origin=response.headers["Dataset-Origin"],
        body=response.content,
    )
