"""Errors as a client sees them: `application/problem+json` (RFC 9457), whatever raised them."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from source_api.errors import DigestMismatchError, DigestMissingError, PageNotServedError, SourceError

MEDIA_TYPE = "application/problem+json"

STATUS: dict[type[SourceError], HTTPStatus] = {
    PageNotServedError: HTTPStatus.NOT_FOUND,
    DigestMismatchError: HTTPStatus.PRECONDITION_FAILED,
    DigestMissingError: HTTPStatus.PRECONDITION_REQUIRED,
}


class Problem(BaseModel):
    """What went wrong, for a program by `status` and for a person by `detail`."""

    type: str = Field(default="about:blank", description="about:blank: the status says it all.")
    title: str = Field(description="The phrase of the status.")
    status: int
    detail: str = Field(description="What was wrong, with the value and what to do.")


def problem(status: int, detail: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """A problem document as an answer."""
    body = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail)
    return JSONResponse(body.model_dump(), status, headers, media_type=MEDIA_TYPE)


def documented(*errors: HTTPStatus) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI responses for these statuses."""
    content = {MEDIA_TYPE: {"schema": Problem.model_json_schema()}}
    return {int(error): {"description": error.phrase, "content": content} for error in errors}


def install(app: FastAPI) -> None:
    """Make every error of the app a problem document; an unforeseen one is raised again, so that it is logged."""
    app.exception_handler(SourceError)(_refused)
    app.exception_handler(RequestValidationError)(_invalid)
    app.exception_handler(HTTPException)(_http)
    app.exception_handler(Exception)(_failed)


def _refused(_: Request, error: SourceError) -> Response:
    return problem(STATUS[type(error)], str(error))


def _invalid(_: Request, error: RequestValidationError) -> Response:
    """A missing header gives 400, as the IETF draft on Idempotency-Key says; a value that cannot be used gives 422."""
    found = error.errors()
    missing = any(wrong["type"] == "missing" and wrong["loc"][0] == "header" for wrong in found)
    told = (f"{' '.join(map(str, wrong['loc']))}: {wrong['msg']} (was {wrong['input']!r})" for wrong in found)
    return problem(HTTPStatus.BAD_REQUEST if missing else HTTPStatus.UNPROCESSABLE_ENTITY, "; ".join(told))


def _http(_: Request, error: HTTPException) -> Response:
    return problem(error.status_code, error.detail, error.headers)


def _failed(_: Request, error: Exception) -> Response:
    detail = f"{type(error).__name__}; the service's log says more. Ask again with the same Idempotency-Key."
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, detail)
