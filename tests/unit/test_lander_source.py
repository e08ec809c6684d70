"""The lander's client of the source API against a server that misbehaves: what is no page never lands, and is named."""

import base64
import hashlib
import socket
import threading
import time
from contextlib import closing

import pytest

from lander.errors import PageError, ServiceError
from lander.source import ATTEMPTS, Source

BODY = b"v1,v2,,,\r\nham,hello,,,\r\n"
DIGEST = base64.b64encode(hashlib.sha256(BODY).digest()).decode()
HEADERS = {
    "Content-Type": "text/csv",
    "Content-Length": str(len(BODY)),
    "Repr-Digest": f"sha-256=:{DIGEST}:",
    "Page-Number": "7",
    "Page-Records": "1",
    "Dataset": "sample",
    "Dataset-Origin": "real",
}


def answer(status: str = "200 OK", body: bytes = BODY, **changed: str | None) -> bytes:
    """An HTTP answer as it goes over the line: a page, but for what is changed (`None` leaves a header out)."""
    headers = HEADERS | {name.replace("_", "-"): value for name, value in changed.items()}
    lines = [f"{name}: {value}" for name, value in headers.items() if value is not None]
    return "\r\n".join([f"HTTP/1.1 {status}", *lines, "Connection: close", "", ""]).encode() + body


PAGE = answer()
BUSY = answer("503 Service Unavailable", b"", Content_Length="0")


class Server:
    """Gives one answer after the other, the last one for ever, and closes each connection behind it."""

    def __init__(self) -> None:
        self.answers: list[bytes] = []
        self.requests: list[bytes] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with closing(self._listening):
            while True:
                connection, _ = self._listening.accept()
                with connection:
                    self.requests.append(connection.recv(65536))
                    index = min(len(self.requests), len(self.answers)) - 1
                    connection.sendall(self.answers[index])


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def source(server: Server) -> Source:
    return Source(server.url)


def test_a_whole_page_is_taken_as_it_is(server: Server, source: Source) -> None:
    server.answers = [PAGE]
    page = source.take("a")
    assert page is not None
    assert (page.number, page.records, page.body, page.source) == (7, 1, BODY, f"{server.url}/")
    assert b"accept-encoding: identity" in server.requests[0].lower()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (answer(Content_Type="text/html"), "answered 200 with content type text/html, not with a CSV page"),
        (answer(body=BODY[:-2] + b"XX"), "Repr-Digest header says sha-256="),
        (answer(Repr_Digest=None), "Repr-Digest header says none"),
        (answer(Content_Length=None), "Content-Length says none"),
        (answer(Page_Number=None), "comes without the header Page-Number"),
        (answer(Page_Records="many"), "has Page-Records: many, which is no number"),
        (answer(Dataset=None), "comes without the header Dataset"),
        (answer("404 Not Found", b"no", Content_Length="2"), "answered 404: no"),
    ],
)
def test_what_is_no_page_is_refused_at_once_and_named(
    server: Server, source: Source, wrong: bytes, message: str
) -> None:
    server.answers = [wrong]
    with pytest.raises(PageError) as refused:
        source.take("a")
    assert message in str(refused.value)
    assert server.url in str(refused.value)
    assert len(server.requests) == 1


def test_a_redirect_to_another_host_is_not_followed(server: Server, source: Source) -> None:
    elsewhere = Server()
    elsewhere.answers = [PAGE]
    server.answers = [answer("307 Temporary Redirect", b"", Content_Length="0", Location=f"{elsewhere.url}/pages")]
    with pytest.raises(PageError, match=rf"answered 307 and points to {elsewhere.url}/pages: redirects are not"):
        source.take("a")
    assert elsewhere.requests == []


@pytest.mark.parametrize(
    "trouble", [BUSY, answer("429 Too Many Requests", b"", Content_Length="0"), answer(body=BODY[:10]), b""]
)
def test_trouble_that_may_pass_is_tried_again_with_the_same_key(server: Server, source: Source, trouble: bytes) -> None:
    server.answers = [trouble, trouble, PAGE]
    page = source.take("a")
    assert page is not None
    assert page.body == BODY
    assert len(server.requests) == 3
    assert all(b"idempotency-key: a\r\n" in request.lower() for request in server.requests)


@pytest.mark.parametrize(
    ("trouble", "error", "message"),
    [
        (BUSY, ServiceError, "answered 503"),
        (answer("429 Too Many Requests", b"", Content_Length="0"), ServiceError, "answered 429"),
        (answer(body=BODY[:10]), ServiceError, "failed 5 times"),
        (answer("500 Internal Server Error", b"", Content_Length="0"), PageError, "answered 500"),
    ],
)
def test_trouble_that_stays_ends_after_five_attempts_and_is_named(
    server: Server,
    source: Source,
    monkeypatch: pytest.MonkeyPatch,
    trouble: bytes,
    error: type[Exception],
    message: str,
) -> None:
    monkeypatch.setattr("lander.source._growing", lambda _: 0)
    server.answers = [trouble]
    with pytest.raises(error, match=message):
        source.take("a")
    assert len(server.requests) == ATTEMPTS


@pytest.mark.parametrize("key", ["schlüssel", "a\r\nHost: evil.example", "a\tb"])
def test_a_key_that_no_request_can_carry_is_not_asked_for(server: Server, source: Source, key: str) -> None:
    with pytest.raises(PageError, match="the key is not printable ASCII"):
        source.take(key, 7)
    assert server.requests == []


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (answer(Page_Number="8"), "answers its key with page 8"),
        (answer("204 No Content", b"", Content_Length=None), "answers its key with no page"),
    ],
)
def test_another_page_than_the_one_that_was_listed_is_refused(
    server: Server, source: Source, other: bytes, message: str
) -> None:
    server.answers = [other]
    with pytest.raises(PageError, match=message):
        source.take("a", 7)


def test_it_waits_as_long_as_the_server_asks_for(server: Server, source: Source) -> None:
    server.answers = [answer("429 Too Many Requests", b"", Content_Length="0", Retry_After="3"), PAGE]
    since = time.monotonic()
    assert source.take("a") is not None
    assert time.monotonic() - since >= 3
