"""Errors as problem details (RFC 9457)."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ExceptionHandler

from raw_asgi.backends.files import FileNotServed
from raw_asgi.backends.upload_store import BadName, Refused, StorageFull, TooLarge

# RFC 9110 §15.5 renamed these; the standard library has the names of before.
_RENAMED = {413: "Content Too Large", 422: "Unprocessable Content"}

# What the backends raise, and what a client is told of it; BadName's own words may be shown.
_REFUSALS: dict[type[Exception], tuple[int, str]] = {
    FileNotServed: (404, "there is no such file"),
    Refused: (412, "the stored file is not the one that the precondition names"),
    TooLarge: (413, "the file is larger than what is taken"),
    StorageFull: (507, "the disk is full"),
}


class ProblemResponse(JSONResponse):
    """An error: `status`, and `detail`, a sentence for the client."""

    media_type = "application/problem+json"

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(describe_problem(status, detail), status, headers)


def describe_problem(status: int, detail: str) -> dict[str, object]:
    """The members of a problem object (RFC 9457 §3.1); the title goes with `about:blank`."""
    title = _RENAMED.get(status) or HTTPStatus(status).phrase
    return {"type": "about:blank", "title": title, "status": status, "detail": detail}


def vary(request: Request, field: str) -> None:
    """Have an error of this request say by what the answer varies, as the answer itself does."""
    request.state.vary = field


async def answer_http_exception(request: Request, error: Exception) -> ProblemResponse:
    """What Starlette or an endpoint raised with a status."""
    assert isinstance(error, HTTPException)
    headers = error.headers
    if error.status_code == 405:
        headers = {"Allow": _list_methods(request)}
    return _answer(request, error.status_code, error.detail, headers)


async def answer_bad_name(request: Request, error: Exception) -> ProblemResponse:
    """A name that no upload can have."""
    return _answer(request, 422, str(error))


async def answer_refusal(request: Request, error: Exception) -> ProblemResponse:
    """What a backend refused."""
    return _answer(request, *_REFUSALS[type(error)])


async def answer_failure(request: Request, _: Exception) -> ProblemResponse:
    """Anything else; Starlette raises it again, so that the server logs what is not told here."""
    return _answer(request, 500, "the server failed to answer")


EXCEPTION_HANDLERS: dict[Any, ExceptionHandler] = {
    HTTPException: answer_http_exception,
    BadName: answer_bad_name,
    **dict.fromkeys(_REFUSALS, answer_refusal),
    Exception: answer_failure,
}


def _answer(
    request: Request, status: int, detail: str, headers: Mapping[str, str] | None = None
) -> ProblemResponse:
    response = ProblemResponse(status, detail, headers)
    if hasattr(request.state, "vary"):
        response.headers.add_vary_header(request.state.vary)
    return response


def _list_methods(request: Request) -> str:
    """All methods of the path: where two routes share one, Starlette names those of the first."""
    path = request.scope["route"].path
    methods = [route.methods for route in request.app.routes if route.path == path]
    return ", ".join(sorted(set().union(*methods)))
