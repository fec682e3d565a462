"""The policy: every decision of the server that a mistake may alter, each in its right form.

A mistake is a subclass with one attribute or one method of its own; see `reference.mistakes`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

from reference import framing
from reference.content import Decoder, create_decoder
from reference.errors import BadRequest, InvalidEvent, is_disconnect
from reference.events import EXTENSIONS, Event, parse_event
from reference.fields import CONNECTION_SPECIFIC, Fields, drop, find_tokens, select_trailers
from reference.framing import Framing, Head
from reference.head import parse_head
from reference.http2_request import read_head
from reference.lifespan import Lifespan
from reference.request import Request, build_scope

if TYPE_CHECKING:
    from reference.connection import Connection
    from reference.http2 import Http2
    from reference.http2_stream import Http2Stream
    from reference.request import Peer
    from reference.request_body import RequestBody
    from reference.response import Response
    from reference.types import Application, Message, Scope

_LOG = logging.getLogger("reference")


class Policy:
    """What the server does where it could do something else. Times are in seconds."""

    idle_seconds = 5.0
    """How long a connection may be without a request, or with a part of one."""
    linger_seconds = 2.0
    """How long a client may still send after its connection is closed (RFC 9112 §9.6)."""
    linger_bytes = 64 * 1024 * 1024
    """How much of it is read and dropped."""
    grace_seconds = 2.0
    """How long requests may go on after the server was told to stop."""
    watch_seconds = 0.05
    """How often a connection that is not read is looked at; None for never."""
    read_ahead = 65536
    """How many bytes of a body are taken from a client before the application asks for them."""
    message_bytes = 65536
    """The most that one `http.request` message holds."""
    http2_connection_window = 100 * 65536
    """A full stream window for each of the streams that a client may open."""

    # What comes in and goes out.

    def incoming(self, data: bytes) -> bytes:
        """Bytes of a client, as they are read."""
        return data

    def deliver(self, data: bytes, write: Callable[[bytes], None]) -> None:
        """Bytes for a client; on HTTP/1.1 a head, a chunk or an end each by itself."""
        write(data)

    def waits_for_drain(self) -> bool:
        """Whether `send` comes back only when the system has taken everything."""
        return True

    def lingers(self) -> bool:
        """Whether a closed connection is read until the client has closed it, too."""
        return True

    def half_closes(self) -> bool:
        """Whether a client that sends nothing more may still be answered."""
        return True

    # Requests.

    def parse_head(self, head: bytes) -> Request:
        """Read the head of an HTTP/1.1 request. Raises `BadRequest`."""
        return parse_head(head)

    def create_decoder(self, request: Request) -> Decoder:
        """What reads the content of an HTTP/1.1 request."""
        return create_decoder(request)

    def answer_malformed(self, error: BadRequest) -> int | None:
        """The status that refuses a malformed request; None to close without an answer."""
        return error.status

    def break_off(self, body: RequestBody, error: BadRequest | None) -> None:
        """The body ends before it is complete: the client left, or what it sent is malformed."""
        if error is None:
            body.leave()
        else:
            body.refuse(error.status)

    def list_extensions(self, pushes: bool) -> frozenset[str]:
        """The extensions that a request is offered; `pushes`: the client takes pushes."""
        return EXTENSIONS if pushes else EXTENSIONS - {"http.response.push"}

    def copy_state(self, state: dict[str, Any]) -> dict[str, Any]:
        """The lifespan's state as one request gets it (ASGI lifespan, Lifespan State)."""
        return dict(state)

    def build_scope(self, request: Request, peer: Peer, **parts: Any) -> Scope:
        """The scope of a request."""
        return build_scope(request, peer, **parts)

    # Receiving.

    def invites(self, request: Request, body: RequestBody) -> bool:
        """Whether the first `receive` sends 100 (RFC 9110 §10.1.1)."""
        return request.expects_continue and not body.complete and not body.buffered

    def next_message(self, body: RequestBody, taken: bool) -> Message | None:
        """What `receive` returns before the response is complete; None where it has to wait.

        `taken`: the application has the whole body.
        """
        if body.lost:
            return {"type": "http.disconnect"}
        if not taken and (body.buffered or body.complete):
            data = body.take(self.message_bytes)
            more = bool(body.buffered) or not body.complete
            return {"type": "http.request", "body": data, "more_body": more}
        if body.left or (taken and body.stopping):
            return {"type": "http.disconnect"}
        return None

    # Sending.

    def parse_event(self, message: object, offered: Collection[str]) -> Event:
        """Check a message of the application. Raises `InvalidEvent`."""
        return parse_event(message, offered)

    def has_content(self, method: str, status: int) -> bool:
        """Whether the response has content."""
        return framing.has_content(method, status)

    def complete_fields(self, status: int, fields: Fields) -> Fields:
        """The fields of a response with the server's own."""
        return framing.complete_fields(status, fields)

    def fit(self, data: bytes, remaining: int) -> bytes:
        """The part of the data that may be sent, `remaining` bytes being announced.

        Raises `InvalidEvent` rather than send a part.
        """
        if len(data) > remaining:
            raise InvalidEvent(f"{len(data) - remaining} bytes beyond Content-Length")
        return data

    def end_short(self, response: Response, missing: int) -> None:
        """The application ends a response before its Content-Length. Raises `InvalidEvent`."""
        response.abort()
        raise InvalidEvent(f"{missing} bytes are missing to Content-Length")

    def end_early(self, response: Response, status: int) -> None:
        """The application left before it ended the response."""
        if response.begun:
            response.abort()
        else:
            response.fail(status)

    def select_trailers(self, request: Request, fields: Fields) -> Fields:
        """The trailers that are sent of those that the application gives."""
        return select_trailers(fields) if request.accepts_trailers else []

    def report(self, request: Request, error: BaseException | None) -> None:
        """Tell what an application did wrong: it raised, or returned too early."""
        name = f"{request.method} {request.path.decode('latin-1')}"
        if error is None:
            _LOG.error("%s: the application returned before the response was complete", name)
        elif not isinstance(error, asyncio.CancelledError) and not is_disconnect(error):
            _LOG.error("%s: the application raised", name, exc_info=error)

    # The start and the end of the server.

    startup_failed_status = 3
    """The exit status where the application did not start, as with uvicorn."""

    def create_lifespan(self, application: Application) -> Lifespan:
        """What tells the application of the start and the end."""
        return Lifespan(application)

    def stop(self, connections: list[Connection]) -> None:
        """Tell those who are connected that the server stops."""
        for connection in connections:
            connection.stop()

    # HTTP/1.1.

    def closes(self, request: Request, head: Head, framed: Framing, unread: bool) -> bool:
        """Whether the response announces that it is the connection's last (RFC 9112 §9.3, §9.6).

        `unread`: the response is ready, and not all of the request has come.
        """
        told = b"close" in find_tokens(head.fields, b"connection")
        return told or request.wants_close or framed is Framing.CLOSE or unread

    def choose_framing(self, request: Request, head: Head) -> Framing:
        """How the content is framed."""
        return framing.choose_framing(request.version, head)

    def add_framing(self, request: Request, head: Head, framed: Framing, close: bool) -> Fields:
        """The fields as they go out."""
        return framing.add_framing(request, head, framed, close)

    def encode_chunk(self, data: bytes) -> bytes:
        """A chunk."""
        return framing.encode_chunk(data)

    # HTTP/2.

    def checks_fields(self) -> bool:
        """Whether the fields of a request must be well-formed (RFC 9113 §8.2, §8.3)."""
        return True

    def read_fields(self, headers: Fields) -> Request:
        """Read the head of an HTTP/2 request. Raises `BadRequest`."""
        return read_head(headers)

    def drop_connection_fields(self, fields: Fields) -> Fields:
        """The fields without those that are of one connection (RFC 9113 §8.2.2)."""
        return drop(fields, CONNECTION_SPECIFIC)

    def checks_length(self) -> bool:
        """Whether a body must be as long as its Content-Length says (RFC 9113 §8.1.1)."""
        return True

    def acknowledges_at_once(self) -> bool:
        """Whether a client may send more before the application has taken what it sent."""
        return False

    def order_streams(self, streams: list[Http2Stream]) -> list[Http2Stream]:
        """Those that are to send, in the order in which they do, a frame each."""
        return streams

    def lose_stream(self, stream: Http2Stream) -> None:
        """The client reset the stream."""
        stream.lose()

    def stop_upload(self, stream: Http2Stream) -> None:
        """The response is complete and the request is not (RFC 9113 §8.1)."""
        stream.stop_upload()

    def go_away(self, http2: Http2) -> None:
        """The client opens no more streams; those that are open go on (RFC 9113 §6.8)."""
        http2.finish()
