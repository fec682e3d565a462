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
from starlette.requests import ClientDisconnect
from starlette.routing import Match

from raw_asgi.backends.files import FileNotServed
from raw_asgi.backends.upload_store import BadName, Refused, StorageFull, TooLarge

_METHODS = ("GET", "HEAD", "POST", "PUT")

# RFC 9110 §15.5 renamed these; the standard library still has the old phrases.
_RENAMED = {
    413: "Content Too Large",
    416: "Range Not Satisfiable",
    422: "Unprocessable Content",
}


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
    return Problem(
        title=_RENAMED.get(status) or HTTPStatus(status).phrase, status=status, detail=detail
    )


def document_problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a path operation that answers with these error statuses."""
    content = {ProblemResponse.media_type: {"schema": Problem.model_json_schema()}}
    return {
        status: {"description": describe_problem(status, "").title, "content": content}
        for status in statuses
    }


def _respond(
    request: Request, status: int, detail: str, headers: Mapping[str, str] | None = None
) -> ProblemResponse:
    problem = describe_problem(status, detail)
    response = ProblemResponse(problem.model_dump(), status, headers)
    # `Vary` belongs to an error too; a router's dependency leaves it here.
    if vary := getattr(request.state, "vary", None):
        response.headers.add_vary_header(vary)
    if _has_body(request) and request.scope["http_version"].startswith("1."):
        # RFC 9112 §9.6: what is left of the body would be read as the next request.
        response.headers["Connection"] = "close"
    return response


def _has_body(request: Request) -> bool:
    length = request.headers.get("content-length", "0")
    return length != "0" or "transfer-encoding" in request.headers


async def _handle_http_exception(request: Request, error: HTTPException) -> Response:
    headers = dict(error.headers or {})
    if error.status_code == 405:
        # The router names the methods of one route, and HEAD, GET and POST are three.
        headers["Allow"] = ", ".join(_find_methods(request))
    return _respond(request, error.status_code, error.detail, headers)


def _find_methods(request: Request) -> list[str]:
    return [
        method
        for method in _METHODS
        for scope in ({**request.scope, "method": method},)
        if any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)
    ]


async def _handle_validation_error(request: Request, error: RequestValidationError) -> Response:
    complaints = [f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()]
    return _respond(request, 422, "; ".join(complaints))


async def _handle_client_disconnect(_request: Request, _error: ClientDisconnect) -> None:
    """Nobody is left to answer, and nothing went wrong."""


async def _handle_unknown_error(request: Request, _error: Exception) -> Response:
    return _respond(request, 500, "The server could not answer.")


def _answer(status: int, detail: str = "") -> Callable[[Request, Exception], Awaitable[Response]]:
    async def handle(request: Request, error: Exception) -> Response:
        return _respond(request, status, detail or str(error))

    return handle


EXCEPTION_HANDLERS: dict[int | type[Exception], Callable[[Request, Any], Any]] = {
    HTTPException: _handle_http_exception,
    RequestValidationError: _handle_validation_error,
    ClientDisconnect: _handle_client_disconnect,
    FileNotServed: _answer(404, "There is no such file."),
    Refused: _answer(412, "The stored file is not as the request wants it."),
    TooLarge: _answer(413, "The file is larger than this server takes."),
    BadName: _answer(422),
    StorageFull: _answer(507),
    Exception: _handle_unknown_error,
}
"""What `FastAPI(exception_handlers=…)` is given."""
