"""One request of an HTTP/1.1 connection, and the wire of its response."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reference.connection import Connection
from reference.content import Decoder
from reference.errors import BadRequest
from reference.fields import Fields
from reference.framing import LAST_CHUNK, Framing, Head, encode_fields, encode_head
from reference.policy import Policy
from reference.request import Request
from reference.request_body import RequestBody

if TYPE_CHECKING:
    from reference.http1 import Http1


class Http1Stream:
    """The request's content is decoded as it comes, the response's framed as it goes."""

    def __init__(self, http1: Http1, connection: Connection, request: Request) -> None:
        self.request = request
        self.body = RequestBody(on_take=self._take)
        self.closes = False
        """Whether the connection ends with the response."""
        self.ended = False
        """Whether the response is out."""
        self.broken = False
        """Whether the rest of the request will not come, or cannot be read."""
        self._http1 = http1
        self._connection = connection
        self._policy: Policy = connection.policy
        self._decoder: Decoder = self._policy.create_decoder(request)
        self._framing = Framing.NONE
        self._begun = False

    # The request.

    @property
    def complete(self) -> bool:
        """Whether all of the request has been read."""
        return self._decoder.complete

    @property
    def sated(self) -> bool:
        """Whether nothing more may be read before the application takes what there is."""
        return not self.ended and self.body.buffered >= self._policy.read_ahead

    def decode(self, buffer: bytearray) -> None:
        """Take content out of the buffer. Raises `BadRequest`, once."""
        if self.broken:
            buffer.clear()
            return
        while buffer and not self.complete and not self.sated:
            try:
                data = self._decoder.decode(buffer)
            except BadRequest:
                self.broken = True
                raise
            if not data:
                break
            if not self.ended:
                self.body.feed(data)
        if self.complete and not self.body.complete:
            self.body.finish()

    def break_off(self, error: BadRequest | None) -> None:
        """The content ends before it is complete."""
        self.broken = self.closes = True
        self._policy.break_off(self.body, error)

    def _take(self, _: int) -> None:
        self._http1.advance()

    # The response.

    @property
    def closed(self) -> bool:
        return self.ended or self._connection.closed

    def inform(self, status: int, fields: Fields) -> None:
        if self.request.version != "1.0" and not self._begun:
            self._connection.write(encode_head(status, fields))

    def start(self, head: Head, *, last: bool) -> None:
        self._begun = True
        unread = last and not self.complete
        self._framing = self._policy.choose_framing(self.request, head)
        announced = self.closes or self._http1.stopping
        if self._policy.closes(self.request, head, self._framing, unread) or announced:
            self.closes = True
        fields = self._policy.add_framing(self.request, head, self._framing, self.closes)
        self._connection.write(encode_head(head.status, fields))

    def write(self, data: bytes) -> None:
        chunked = self._framing is Framing.CHUNKED
        framed = self._policy.encode_chunk(data) if chunked else data
        if framed:
            self._connection.write(framed)

    def end(self, trailers: Fields) -> None:
        if self._framing is Framing.CHUNKED:
            self._connection.write(LAST_CHUNK + encode_fields(trailers) + b"\r\n")
        self.ended = True
        self._http1.advance()

    def push(self, path: bytes, fields: Fields) -> None:
        raise NotImplementedError("HTTP/1.1 has no push; it is not offered")

    def abort(self) -> None:
        # Where the client took little enough for it to be kept, or where nothing but the end
        # of the connection tells the end of the content, only a reset is seen.
        if self._framing is Framing.CLOSE or self._connection.is_full():
            self._connection.reset()
        else:
            self._connection.close()

    async def drain(self) -> None:
        await self._connection.drain()
