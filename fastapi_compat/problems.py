"""Errors as problem details (RFC 9457), for the client and for the OpenAPI page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.routing import Match

from raw_asgi.backends.files import FileNotServed
from raw_asgi.backends.upload_store import BadName, Refused, StorageFull, TooLarge

_METHODS = ("GET", "HEAD", "POST", "PUT")

# RFC 9110 §15.5 renamed these; the standard library still has the old phrases.
_RENAMED = {413: "Content Too Large", 422: "Unprocessable Content"}


class Problem(BaseModel):
    """A problem object (RFC 9457 §3.1) of the type `about:blank`."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str


class ProblemResponse(JSONResponse):
    """A problem object as a response."""

    media_type = "application/problem+json"


def describe_problem(status: int, detail: str) -> Problem:
    """The problem object for an HTTP status code; `detail` is one sentence for the client."""
    title = _RENAMED.get(status) or HTTPStatus(status).phrase
    return Problem(title=title, status=status, detail=detail)


def document_problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a path operation that answers with these error statuses."""
    content = {ProblemResponse.media_type: {"schema": Problem.model_json_schema()}}
    return {
        status: {"description": describe_problem(status, "").title, "content": content}
        for status in statuses
    }


def _respond(
    request: Request, status: int, detail: str, headers: Mapping[str, str] | None = None
) -> Response:
    response = ProblemResponse(describe_problem(status, detail).model_dump(), status, headers)
    # An error varies as the answer does; a router's dependency leaves here by what.
    if vary := getattr(request.state, "vary", None):
        response.headers.add_vary_header(vary)
    return response


async def _answer_http_exception(request: Request, error: HTTPException) -> Response:
    headers = dict(error.headers or {})
    if error.status_code == 405:
        # A router names the methods of one route, and here each method is a route.
        headers["Allow"] = ", ".join(_find_methods(request))
    return _respond(request, error.status_code, error.detail, headers)


def _find_methods(request: Request) -> list[str]:
    def is_known(method: str) -> bool:
        scope = {**request.scope, "method": method}
        return any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)

    return [method for method in _METHODS if is_known(method)]


async def _answer_validation_error(request: Request, error: RequestValidationError) -> Response:
    complaints = [
        f"{'.'.join(map(str, each['loc'])) or 'body'}: {each['msg']}" for each in error.errors()
    ]
    return _respond(request, 422, "; ".join(complaints))


def _answer(status: int, detail: str = "") -> Callable[[Request, Exception], Awaitable[Response]]:
    async def answer(request: Request, error: Exception) -> Response:
        return _respond(request, status, detail or str(error))

    return answer


EXCEPTION_HANDLERS: dict[int | type[Exception], Callable[[Request, Any], Any]] = {
    HTTPException: _answer_http_exception,
    RequestValidationError: _answer_validation_error,
    FileNotServed: _answer(404, "There is no such file."),
    Refused: _answer(412, "The stored file is not the one that the request is for."),
    TooLarge: _answer(413, "The file is larger than this server takes."),
    BadName: _answer(422),
    StorageFull: _answer(507, "The disk is full."),
    # Starlette raises this one on, so that the server logs what the client is not told.
    Exception: _answer(500, "The server could not answer."),
}
"""What `FastAPI(exception_handlers=…)` is given."""
