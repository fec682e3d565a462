"""The error boundary: every application of ours is called through `serve`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

from raw_asgi.asgi.disconnect import ClientDisconnected
from raw_asgi.asgi.lifespan import run_lifespan
from raw_asgi.asgi.request import Request
from raw_asgi.asgi.response import Response
from raw_asgi.asgi.types import Receive, Scope, Send
from raw_asgi.http.problem import Problem

Handler = Callable[[Request, Response], Awaitable[None]]


def serve(scope: Scope, receive: Receive, send: Send, handle: Handler) -> Awaitable[None]:
    """Answer one connection scope with `handle`, and its errors with problems.

    What fails before the response starts is answered: a Problem as it says, all else with 500.
    What fails later is raised, so that the server breaks the response off (asgi.rst, *Error
    Handling*). A failure that is no Problem is raised in any case: the server logs it.
    """
    # No coroutine of its own: it would stay for as long as the response lasts.
    if scope["type"] == "lifespan":
        return run_lifespan(receive, send)
    if scope["type"] == "websocket":
        # Closing before accepting refuses the handshake with 403 (www.rst, *Close*).
        return send({"type": "websocket.close", "code": 1000})
    if scope["type"] == "http":
        return _serve_http(Request(scope, receive), send, handle)
    raise ValueError(f"no connection of type {scope['type']!r} is served")


async def _serve_http(request: Request, send: Send, handle: Handler) -> None:
    response = Response(request, send)
    try:
        try:
            await handle(request, response)
        except Problem as problem:
            if response.started:
                raise
            await response.send_problem(problem)
        except ClientDisconnected:
            return
        except Exception:
            if not response.started:
                # Where the client is gone as well, the failure is still what there is to tell.
                with suppress(ClientDisconnected):
                    await response.send_problem(Problem(500, "the server failed to answer"))
            raise
    except ClientDisconnected:
        return


def choose_handler(request: Request, handlers: Mapping[str, Handler]) -> Handler:
    """The handler of the request's method. Raises Problem 405 with `Allow` (RFC 9110 §15.5.6)."""
    handler = handlers.get(request.method)
    if handler is None:
        allowed = ", ".join(handlers)
        detail = f"this resource knows {allowed}"
        raise Problem(405, detail, (("allow", allowed),))
    return handler
