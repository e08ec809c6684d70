"""Who may ask: programs, and the service's own pages in a browser. Pages of other web sites may not."""

import re
from collections.abc import Iterable
from http import HTTPStatus

from fastapi import Request, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from source_api.problems import problem

NAMES = ("127.0.0.1", "localhost", "[::1]", "source-api")
"""What the service is called on its own machine; the last one is its name among the containers of compose."""
READING = frozenset({"GET", "HEAD", "OPTIONS"})


class OwnCallers:
    """Refuses a request to a host that is not one of `names`, and a change that a page of another web site asks for.

    The first stops DNS rebinding: a name of another site that leads to this machine makes its pages look like ours.
    """

    def __init__(self, app: ASGIApp, names: Iterable[str]) -> None:
        self._app = app
        self._names = tuple(names)
        self._own = re.compile(rf"({'|'.join(map(re.escape, self._names))})(:\d+)?", re.IGNORECASE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = self._refusal(Request(scope)) if scope["type"] == "http" else None
        await (refusal or self._app)(scope, receive, send)

    def _refusal(self, request: Request) -> Response | None:
        host, origin, site = (request.headers.get(name) for name in ("Host", "Origin", "Sec-Fetch-Site"))
        if not self._own.fullmatch(host or ""):
            detail = f"Host is {host}. This service is called {', '.join(self._names)}: use one of these."
            return problem(HTTPStatus.MISDIRECTED_REQUEST, detail)
        foreign = origin not in {None, f"http://{host}"} or site not in {None, "same-origin", "none"}
        if foreign and request.method not in READING:
            detail = f"Origin is {origin}, Sec-Fetch-Site is {site}. Ask from http://{host}/docs or with a program."
            return problem(HTTPStatus.FORBIDDEN, detail)
        return None
