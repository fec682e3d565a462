"""The error boundary: `raw_asgi.asgi.boundary`. CONTRACT.md, **problem**, **no-clean-end**."""

from __future__ import annotations

import anyio
import pytest
from fakes import PATIENCE, BrokenConnection, Client, Sent, make_scope

from raw_asgi.asgi.boundary import Handler, choose_handler, serve
from raw_asgi.asgi.disconnect import ClientDisconnected
from raw_asgi.asgi.request import Request
from raw_asgi.asgi.response import Response
from raw_asgi.asgi.types import Message, Scope
from raw_asgi.http.problem import Problem

pytestmark = pytest.mark.anyio


class HandlerBroke(Exception):
    """What the handlers of these tests raise."""


async def _serve(handle: Handler, scope: Scope | None = None) -> Sent:
    sent = Sent()
    with anyio.fail_after(PATIENCE):
        await serve(make_scope() if scope is None else scope, Client().receive, sent.send, handle)
    return sent


async def _answer(_request: Request, response: Response) -> None:
    await response.send(200, [], b"answer")


async def _never(_request: Request, _response: Response) -> None:
    pytest.fail("the handler was called")


async def test_an_answer() -> None:
    assert (await _serve(_answer)).body == b"answer"


async def test_a_problem_is_answered() -> None:
    async def refuse(_request: Request, _response: Response) -> None:
        raise Problem(404, "there is no such table")

    sent = await _serve(refuse)
    assert sent.status == 404
    assert sent.headers[b"content-type"] == b"application/problem+json"
    assert sent.body == (
        b'{"type":"about:blank","title":"Not Found","status":404,"detail":"there is no such table"}'
    )


@pytest.mark.parametrize("error", [HandlerBroke("a secret"), OSError(5, "a secret", "/srv/secret")])
async def test_a_failure_is_answered_without_a_leak_and_raised(error: Exception) -> None:
    sent = Sent()

    async def fail(_request: Request, _response: Response) -> None:
        raise error

    with anyio.fail_after(PATIENCE), pytest.raises(type(error)) as caught:
        await serve(make_scope(), Client().receive, sent.send, fail)
    assert caught.value is error
    assert sent.status == 500
    assert sent.headers == {b"content-type": b"application/problem+json", b"content-length": b"106"}
    assert sent.body == (
        b'{"type":"about:blank","title":"Internal Server Error","status":500,'
        b'"detail":"the server failed to answer"}'
    )
    assert sent.finished


@pytest.mark.parametrize("error", [HandlerBroke("a secret"), Problem(422, "too late")])
async def test_a_failure_after_the_start_is_raised(error: Exception) -> None:
    sent = Sent()

    async def fail(_request: Request, response: Response) -> None:
        await response.start(200, [])
        await response.write(b"begun")
        raise error

    with anyio.fail_after(PATIENCE), pytest.raises(type(error)) as caught:
        await serve(make_scope(), Client().receive, sent.send, fail)
    assert caught.value is error
    assert sent.types == ["http.response.start", "http.response.body"]
    assert not sent.finished


async def test_a_client_that_leaves_is_no_failure() -> None:
    async def leave(_request: Request, _response: Response) -> None:
        raise ClientDisconnected

    assert (await _serve(leave)).messages == []


async def test_a_broken_connection_is_no_failure() -> None:
    with anyio.fail_after(PATIENCE):
        await serve(make_scope(), Client().receive, BrokenConnection().send, _answer)


async def test_a_failure_is_raised_also_where_the_client_is_gone() -> None:
    async def fail(_request: Request, _response: Response) -> None:
        raise HandlerBroke

    with anyio.fail_after(PATIENCE), pytest.raises(HandlerBroke):
        await serve(make_scope(), Client().receive, BrokenConnection().send, fail)


async def test_a_problem_for_a_client_that_is_gone_is_no_failure() -> None:
    async def refuse(_request: Request, _response: Response) -> None:
        raise Problem(404, "there is no such table")

    with anyio.fail_after(PATIENCE):
        await serve(make_scope(), Client().receive, BrokenConnection().send, refuse)


async def test_head_gets_a_problem_without_its_body() -> None:
    async def refuse(_request: Request, _response: Response) -> None:
        raise Problem(404, "there is no such table")

    sent = await _serve(refuse, make_scope("HEAD"))
    assert sent.headers[b"content-length"] == b"89"
    assert sent.body == b""


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_the_handler_of_the_method_is_chosen(method: str) -> None:
    request = Request(make_scope(method), Client().receive)
    assert choose_handler(request, {"GET": _answer, "HEAD": _answer, "PUT": _never}) is _answer


@pytest.mark.parametrize("method", ["POST", "OPTIONS", "get", "", "X\u00e9"])
async def test_another_method_is_405_with_allow(method: str) -> None:
    request = Request(make_scope(method), Client().receive)
    with pytest.raises(Problem) as caught:
        choose_handler(request, {"GET": _never, "HEAD": _never})
    assert caught.value.status == 405
    assert caught.value.headers == (("allow", "GET, HEAD"),)


async def test_websocket_is_refused() -> None:
    async def receive() -> Message:
        return {"type": "websocket.connect"}

    sent = Sent()
    await serve({"type": "websocket", "path": "/"}, receive, sent.send, _never)
    assert sent.types == ["websocket.close"]


async def test_lifespan() -> None:
    messages = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])

    async def receive() -> Message:
        return dict(next(messages))

    sent = Sent()
    await serve({"type": "lifespan"}, receive, sent.send, _never)
    assert sent.messages == [
        {"type": "lifespan.startup.complete"},
        {"type": "lifespan.shutdown.complete"},
    ]


async def test_an_unknown_type_of_connection() -> None:
    """asgi.rst, *Applications*: an application must raise for what it does not know."""
    with pytest.raises(ValueError, match="'smtp'"):
        await serve({"type": "smtp"}, Client().receive, Sent().send, _never)
