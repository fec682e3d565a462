"""What a connection is owed, whatever the path operation: a quiet end, and no body left unread."""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class ConnectionMiddleware:
    """Says `Connection: close` on errors that leave body unread; is silent when a client leaves.

    Without the field a server would have to read the rest of the body before the next request
    (RFC 9112 §9.3 and §9.6). `Request.stream` raises ClientDisconnect, which Starlette would
    answer with 500 and raise on, to be logged as a failure.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        unread = "transfer-encoding" in headers or headers.get("content-length", "0") != "0"

        async def receive_body() -> Message:
            nonlocal unread
            message = await receive()
            if message["type"] == "http.request":
                unread = message.get("more_body", False)
            return message

        async def send_response(message: Message) -> None:
            # HTTP/2 ends a stream without its connection and knows no such field.
            if unread and message.get("status", 0) >= 400 and scope["http_version"] == "1.1":
                MutableHeaders(scope=message)["Connection"] = "close"
            await send(message)

        try:
            await self.app(scope, receive_body, send_response)
        except ClientDisconnect:
            return
