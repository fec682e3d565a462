"""What every endpoint owes the connection."""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class ConnectionMiddleware:
    """Ends quietly when the client goes away, and closes where a refusal leaves body unread.

    `Request.stream` raises ClientDisconnect, which Starlette would answer and log as a failure.
    A connection with unread body cannot be used again (RFC 9112 §9.3), so an error says
    `Connection: close` there (§9.6); in HTTP/2 there is no such field (RFC 9113 §8.2.2).
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        unread = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers

        async def receive_and_note() -> Message:
            nonlocal unread
            message = await receive()
            if message["type"] == "http.request" and not message.get("more_body", False):
                unread = False
            return message

        async def send_and_close(message: Message) -> None:
            refusal = message["type"] == "http.response.start" and message["status"] >= 400
            if refusal and unread and scope["http_version"] == "1.1":
                MutableHeaders(scope=message)["Connection"] = "close"
            await send(message)

        try:
            await self.app(scope, receive_and_note, send_and_close)
        except ClientDisconnect:
            return
