"""The HTTP interface of the source."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, FastAPI, Header, Path, Query, Request, Response

from source_api import problems, replies
from source_api.callers import NAMES, OwnCallers
from source_api.feed import Feed

LARGEST_NUMBER = 2**63 - 1
"""SQLite's largest integer: a page number beyond it is refused before it gets there."""
LONGEST_LIST = 1000


def _feed(request: Request) -> Feed:
    feed: Feed = request.app.state.feed
    return feed


Source = Annotated[Feed, Depends(_feed)]
Key = Annotated[
    str,
    Header(
        min_length=1,
        max_length=255,
        pattern="^[ -~]*$",
        description="Names this request, in printable ASCII: the same key always gets the same page, a new key the next.",
    ),
]
Number = Annotated[int, Path(ge=1, le=LARGEST_NUMBER, description="The page's `Page-Number`.")]
IfMatch = Annotated[str | None, Header(description="The page's ETag. Required: it says which bytes the client has.")]

After = Annotated[int, Query(ge=0, le=LARGEST_NUMBER, description="The last number of the list before.")]
Limit = Annotated[int, Query(ge=1, le=LONGEST_LIST)]

router = APIRouter(responses=problems.documented(HTTPStatus.MISDIRECTED_REQUEST))


@router.post(
    "/pages",
    response_class=Response,
    responses={
        200: replies.PAGE,
        204: replies.NOTHING_LEFT,
        **problems.documented(HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN, HTTPStatus.UNPROCESSABLE_ENTITY),
    },
)
def take_page(feed: Source, idempotency_key: Key) -> Response:
    """Take the next page. It is stored as given to this key before it is sent: ask again when the answer is lost."""
    taken = feed.take(idempotency_key)
    if taken is None:
        return Response(status_code=HTTPStatus.NO_CONTENT, headers={"Retry-After": str(feed.retry_after())})
    place, content = taken
    return Response(content, headers=replies.page_headers(place, feed.terms))


@router.get("/pages", responses=problems.documented(HTTPStatus.UNPROCESSABLE_ENTITY))
def list_pages(
    feed: Source,
    state: Annotated[Literal["confirmed", "unconfirmed"], Query()],
    after: After = 0,
    limit: Limit = LONGEST_LIST,
) -> list[replies.ServedPage]:
    """The next pages in this state, in order of number: at most `limit`, with numbers beyond `after`."""
    places = feed.listed(confirmed=state == "confirmed", after=after, limit=limit)
    return [replies.ServedPage.model_validate(place, from_attributes=True) for place in places]


@router.put(
    "/pages/{number}/confirmation",
    status_code=HTTPStatus.NO_CONTENT,
    response_class=Response,
    responses=problems.documented(
        HTTPStatus.FORBIDDEN,
        HTTPStatus.NOT_FOUND,
        HTTPStatus.PRECONDITION_FAILED,
        HTTPStatus.UNPROCESSABLE_ENTITY,
        HTTPStatus.PRECONDITION_REQUIRED,
    ),
)
def confirm_page(feed: Source, number: Number, if_match: IfMatch = None) -> Response:
    """Say that the page is safe with the client. Saying it again changes nothing."""
    feed.confirm(number, if_match)
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.get("/status")
def read_status(feed: Source) -> replies.Status:
    """Which dataset this is and what became of its pages."""
    return replies.status(feed)


@router.get("/health")
def read_health() -> replies.Health:
    """Whether the service answers."""
    return replies.Health()


def application(feed: Feed, *names: str) -> FastAPI:
    """The app that hands out `feed` and closes it when it stops; it may be called by these host names as well."""

    @asynccontextmanager
    async def closing(_: FastAPI) -> AsyncIterator[None]:
        yield
        feed.positions.close()

    app = FastAPI(
        title="Source of SMS messages",
        version="1",
        description="Hands out a dataset page by page, each page to one client, none lost on the way.",
        lifespan=closing,
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.feed = feed
    app.add_middleware(OwnCallers, names=(*NAMES, *names))
    app.include_router(router)
    problems.install(app)
    return app
