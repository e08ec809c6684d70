"""The client's side of the source API: takes pages, checks them, confirms them."""

import base64
import hashlib
from typing import NamedTuple

import httpx
from tenacity import RetryCallState, retry, retry_if_exception, stop_after_attempt, wait_exponential_jitter

from lander.errors import PageError, ServiceError

ATTEMPTS = 5
TIMEOUT_SECONDS = 30
LONGEST_WAIT_SECONDS = 60
"""The most that a `Retry-After` may ask of one attempt; for longer waits, the scheduler tries again."""

LISTED_AT_ONCE = 1000

AWAY = frozenset({429, 502, 503, 504})
"""Answers that concern every request. A 500 may concern one page only."""


class Page(NamedTuple):
    """One page as the API sent it, with what the API says of it."""

    number: int
    records: int
    sha256: str
    dataset: str
    origin: str
    source: str
    """Where the page came from: the address of the API."""
    body: bytes


def _may_pass(error: BaseException) -> bool:
    if isinstance(error, httpx.HTTPStatusError):
        return error.response.status_code == httpx.codes.TOO_MANY_REQUESTS or error.response.is_server_error
    return isinstance(error, httpx.TransportError)


_growing = wait_exponential_jitter(multiplier=0.5, max=10)


def _pause(state: RetryCallState) -> float:
    """Seconds before the next attempt: a growing pause, and no less than the server asks for (RFC 9110, 10.2.3)."""
    error = state.outcome.exception() if state.outcome else None
    asked = error.response.headers.get("Retry-After", "") if isinstance(error, httpx.HTTPStatusError) else ""
    return max(_growing(state), min(float(asked), LONGEST_WAIT_SECONDS) if asked.isdecimal() else 0)


class Source:
    """The source API at one address. Every call may be repeated: the key, not the call, decides which page it is.

    Trouble that may pass (429, 5xx, a connection that fails or ends early, a time-out) is tried again, five times at most and
    not before `Retry-After`, of which a minute counts at most. What remains raises `ServiceError` when the source is away, else `PageError`.
    """

    def __init__(self, url: str) -> None:
        # identity: the bytes that arrive are the page's own, and their number is what Content-Length says.
        headers = {"Accept-Encoding": "identity"}
        self._client = httpx.Client(base_url=url, timeout=TIMEOUT_SECONDS, follow_redirects=False, headers=headers)

    def take(self, key: str, number: int | None = None) -> Page | None:
        """The page that belongs to `key`, or None when nothing has accumulated.

        Raises `PageError` when the answer is not a whole, undamaged page, or not the one with this number.
        """
        if not (key.isascii() and key.isprintable()):
            raise PageError("the key is not printable ASCII: no request can carry it")
        response = self._ask("POST", "/pages", headers={"Idempotency-Key": key})
        page = None if response.status_code == httpx.codes.NO_CONTENT else _page(response)
        if number is not None and (page is None or page.number != number):
            raise PageError(f"{response.url} answers its key with {f'page {page.number}' if page else 'no page'}")
        return page

    def unconfirmed(self) -> dict[str, int]:
        """The pages that were handed out and never confirmed, in order of number: the number by key."""
        found: dict[str, int] = {}
        while True:
            after = str(max(found.values(), default=0))
            asked = {"state": "unconfirmed", "after": after, "limit": str(LISTED_AT_ONCE)}
            listed = self._ask("GET", "/pages", params=asked).json()
            found |= {page["key"]: page["number"] for page in listed}
            if len(listed) < LISTED_AT_ONCE:
                return found

    def confirm(self, page: Page) -> None:
        """Tell the API that the page has landed."""
        self._ask("PUT", f"/pages/{page.number}/confirmation", headers={"If-Match": f'"{page.sha256}"'})

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    @retry(retry=retry_if_exception(_may_pass), stop=stop_after_attempt(ATTEMPTS), wait=_pause, reraise=True)
    def _answered(self, method: str, path: str, **request: dict[str, str]) -> httpx.Response:
        return self._client.request(method, path, **request).raise_for_status()  # type: ignore[arg-type]

    def _ask(self, method: str, path: str, **request: dict[str, str]) -> httpx.Response:
        try:
            return self._answered(method, path, **request)
        except httpx.HTTPStatusError as error:
            away = error.response.status_code in AWAY
            raise (ServiceError if away else PageError)(_refusal(error.response)) from error
        except httpx.TransportError as error:
            raise ServiceError(
                f"{method} {self._client.base_url}{path.lstrip('/')} failed {ATTEMPTS} times: {error}"
            ) from error


def _refusal(response: httpx.Response) -> str:
    place = f"{response.request.method} {response.url}"
    if response.has_redirect_location:
        where = response.headers["Location"]
        return f"{place} answered {response.status_code} and points to {where}: redirects are not followed"
    return f"{place} answered {response.status_code}: {response.text[:300]}"


def _page(response: httpx.Response) -> Page:
    kind = response.headers.get("Content-Type", "none")
    if response.status_code != httpx.codes.OK or not kind.startswith("text/csv"):
        raise PageError(f"{response.url} answered {response.status_code} with content type {kind}, not with a CSV page")
    length = response.headers.get("Content-Length", "none")
    if length != str(len(response.content)):
        raise PageError(
            f"the body from {response.url} has {len(response.content)} bytes, its Content-Length says {length}"
        )
    digest = hashlib.sha256(response.content)
    expected = f"sha-256=:{base64.b64encode(digest.digest()).decode()}:"
    stated = response.headers.get("Repr-Digest", "none")
    if stated != expected:
        raise PageError(f"the body from {response.url} has digest {expected}, its Repr-Digest header says {stated}")
    return Page(
        number=_number(response, "Page-Number"),
        records=_number(response, "Page-Records"),
        sha256=digest.hexdigest(),
        dataset=_told(response, "Dataset"),
        origin=_told(response, "Dataset-Origin"),
        source=str(response.url.copy_with(path="/")),
        body=response.content,
    )


def _told(response: httpx.Response, name: str) -> str:
    value = response.headers.get(name)
    if not value:
        raise PageError(f"the page from {response.url} comes without the header {name}")
    return str(value)


def _number(response: httpx.Response, name: str) -> int:
    value = _told(response, name)
    if not value.isdecimal():
        raise PageError(f"the page from {response.url} has {name}: {value}, which is no number")
    return int(value)
