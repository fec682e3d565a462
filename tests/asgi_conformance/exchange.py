"""An exchange: the answer to one request on an HTTP/1.1 connection."""

from __future__ import annotations

from collections.abc import Iterable

import h11

from asgi_conformance.answer import Answer, Ending, Head
from asgi_conformance.connection import Connection, Reset

__all__ = ["Answer", "Ending", "Exchange"]


class Exchange(Answer):
    """An answer on HTTP/1.1; takes no more from its connection than is needed."""

    def __init__(
        self,
        connection: Connection,
        method: str,
        request_id: str | None,
        *,
        chunked: bool = False,
    ) -> None:
        """`chunked` is whether the request said so of its body."""
        super().__init__(connection, method, request_id)
        self._chunked = chunked
        self._framing = h11.Connection(h11.CLIENT, max_incomplete_event_size=262144)
        # h11 must know the method, no more: the request itself has its own way out.
        self._framing.send(h11.Request(method=method, target="/", headers=[("Host", "x")]))
        self._framing.send(h11.EndOfMessage())

    @property
    def excess(self) -> bytes:
        """What came on the connection after this answer, until the server closed it.

        For requests with `Connection: close`: of a HEAD, or a 304, this must be nothing.
        """
        self.read_all()
        return self.connection.receive_until_closed()

    @property
    def cut(self) -> bool:
        return self.connection.cut

    def send_body(self, data: bytes) -> None:
        if self._chunked:
            self.connection.send_chunk(data)
        else:
            self.connection.send(data)

    def send_until_full(self, data: bytes, patience: float = 0.3) -> int:
        if not self._chunked:
            return self.connection.send_until_full(data, patience)
        self.connection.send(b"%x\r\n" % len(data))
        taken = self.connection.send_until_full(data, patience)
        if taken == len(data):
            self.connection.send(b"\r\n")
        return taken

    def finish_body(self) -> None:
        if self._chunked:
            self.connection.send_last_chunk()

    def reset(self) -> None:
        self.connection.reset()
        self._end(Ending.RESET)

    def _advance(self, timeout: float | None) -> None:
        """Take one event of the framing, receiving once if it needs bytes."""
        try:
            event = self._framing.next_event()
            if event is h11.NEED_DATA:
                self._framing.receive_data(self.connection.receive(timeout))
                return
        except Reset:
            self._end(Ending.RESET)
            return
        except h11.RemoteProtocolError as error:
            _, at_end = self._framing.trailing_data
            self._end(Ending.TRUNCATED if at_end else Ending.MALFORMED, str(error))
            return
        if isinstance(event, h11.InformationalResponse):
            self.informational.append(event.status_code)
            self.informational_headers.append(_decode(event.headers))
        elif isinstance(event, h11.Response):
            version = event.http_version.decode("ascii")
            self._begin(Head(event.status_code, _decode(event.headers), version))
        elif isinstance(event, h11.Data):
            self._take(bytes(event.data))
        elif isinstance(event, h11.EndOfMessage):
            self._trailers = _decode(event.headers)
            self.connection.unread = self._framing.trailing_data[0]
            self._end(Ending.CLEAN)
        else:
            self._end(Ending.TRUNCATED)  # closed before the head


def _decode(fields: Iterable[tuple[bytes, bytes]]) -> list[tuple[str, str]]:
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in fields]
