"""HTTP/1.1 on a connection: one request after the other, pipelined or not (RFC 9112 §9.3)."""

from __future__ import annotations

import re

from reference.connection import Connection
from reference.errors import BadRequest
from reference.framing import build_error, encode_head
from reference.http1_stream import Http1Stream

_HEAD_BYTES = 65536
_BARE_LF = re.compile(rb"(?<!\r)\n")


class Http1:
    """Reads requests from a buffer; the next one when the response to the one before is out."""

    def __init__(self, connection: Connection) -> None:
        self.stopping = False
        self._connection = connection
        self._policy = connection.policy
        self._buffer = bytearray()
        self._stream: Http1Stream | None = None
        self._left = False

    # What the connection tells.

    def feed(self, data: bytes) -> None:
        self._buffer += data
        self.advance()

    def leave(self) -> None:
        self._left = True
        self.advance()

    def sense_end(self) -> None:
        # Of a request that is not complete, what is unread may well be the rest.
        if self._stream is not None and self._stream.complete:
            self._stream.body.leave()

    def lose(self) -> None:
        if self._stream is not None:
            self._stream.body.lose()

    def resume(self) -> None:
        pass

    def expire(self) -> None:
        if self._buffer:
            self._refuse(408)
        else:
            self._connection.close()

    def stop(self) -> None:
        self.stopping = True
        if self._stream is None:
            self._connection.close()
        else:
            self._stream.body.stop()

    # Requests.

    def advance(self) -> None:
        """Go as far as what has been read allows."""
        try:
            while not self._connection.closed and self._take_step():
                pass
        except BadRequest as error:
            status = self._policy.answer_malformed(error)
            if status is None:
                self._connection.close()
            else:
                self._refuse(status)
        self._regulate()

    def _take_step(self) -> bool:
        """Begin a request, read of it, or end it; whether there may be more to do."""
        stream = self._stream
        if stream is None:
            return self._begin()
        try:
            stream.decode(self._buffer)
        except BadRequest as error:
            stream.break_off(error)
        if self._left:
            if stream.complete:
                stream.body.leave()
            elif not stream.sated and not stream.broken:
                stream.break_off(None)
        if not stream.ended:
            return False
        if stream.closes or self.stopping or not stream.complete:
            self._connection.close()
            return False
        self._stream = None
        self._connection.expect()
        return True

    def _begin(self) -> bool:
        head = self._take_head()
        if head is None:
            if self._left:
                self._connection.close()
            return False
        stream = Http1Stream(self, self._connection, self._policy.parse_head(head))
        # What has come with the head is looked at first: if it is malformed, no application
        # need be told.
        stream.decode(self._buffer)
        self._connection.rest()
        self._stream = stream
        self._connection.host.start_cycle(
            self._connection, stream.request, stream.body, stream, pushes=False
        )
        return True

    def _take_head(self) -> bytes | None:
        """The next head, without the empty line; None where it has not come whole."""
        while self._buffer.startswith(b"\r\n"):  # RFC 9112 §2.2
            del self._buffer[:2]
        end = self._buffer.find(b"\r\n\r\n")
        if _BARE_LF.search(self._buffer, 0, end if end >= 0 else len(self._buffer)):
            raise BadRequest(400, "a line of the head does not end in CRLF")
        if max(end, len(self._buffer) if end < 0 else 0) > _HEAD_BYTES:
            raise BadRequest(431, "the head is too large")
        if end < 0:
            return None
        head = bytes(self._buffer[:end])
        del self._buffer[: end + 4]
        return head

    def _refuse(self, status: int) -> None:
        """Answer what is no request, and close."""
        fields, content = build_error(status)
        fields = [*self._policy.complete_fields(status, fields), (b"connection", b"close")]
        self._connection.write(encode_head(status, fields))
        self._connection.write(content)
        self._buffer.clear()
        self._connection.close()

    def _regulate(self) -> None:
        """Read from the client, or do not, so that what is kept has a bound."""
        stream = self._stream
        waiting = stream is not None and stream.complete
        if stream is not None and (
            stream.sated or (waiting and len(self._buffer) >= self._policy.read_ahead)
        ):
            self._connection.pause()
        else:
            self._connection.proceed()
