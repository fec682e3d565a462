"""The client: HTTP/1.1 on a real socket, with the bytes, their order and their end in view.

h11 does the framing of answers; what is sent is sent as it is given. Every wait has a deadline.
"""

from __future__ import annotations

import ssl
import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from typing import Literal

from asgi_conformance.connection import DEADLINE, Connection
from asgi_conformance.exchange import Exchange

Headers = Sequence[tuple[str, str]]
Upload = int | Literal["chunked"]


class Client:
    """Makes connections to one server and closes them all at the end.

    `accept_encoding` is sent with every request that does not bring an `Accept-Encoding` of
    its own; None sends none. `announce` is told the `asgi-conformance-id` of each request
    before it is sent. With `tls` the connections are encrypted.
    """

    def __init__(
        self,
        address: tuple[str, int],
        *,
        accept_encoding: str | None = None,
        announce: Callable[[str], object] = str,
        deadline: float = DEADLINE,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.deadline = deadline
        self.tls = tls
        self.connections: list[Connection] = []
        self._address = address
        self._accept_encoding = accept_encoding
        self._announce = announce

    def connect(self, *, receive_buffer: int | None = None) -> Connection:
        """Open a connection. `receive_buffer` is its SO_RCVBUF in bytes, for slow readers."""
        connection = Connection(
            self._address, deadline=self.deadline, receive_buffer=receive_buffer, tls=self.tls
        )
        self.connections.append(connection)
        return connection

    def request(
        self,
        method: str,
        target: str,
        *,
        headers: Headers = (),
        body: bytes | Iterable[bytes] | None = None,
        upload: Upload | None = None,
        hold: int | None = None,
        connection: Connection | None = None,
        receive_buffer: int | None = None,
    ) -> Exchange:
        """Send a request, on a connection of its own unless one is given; read nothing yet.

        `target` goes out as it is. `bytes` as `body` get a `Content-Length`, an iterable the
        chunked coding, a chunk an item; with None the caller frames the body and sends it with
        `exchange.connection`, or says by `upload` how long it will be (`chunked`: that is not
        known) and sends it with `exchange.send_body` and `finish_body`. `hold` makes the
        recorder keep back that message of the response's body, counted from 1, and those after
        it.
        """
        connection = connection or self.connect(receive_buffer=receive_buffer)
        request_id = str(uuid.uuid4())
        self._announce(request_id)
        fields = [("Host", "127.0.0.1"), *headers, ("asgi-conformance-id", request_id)]
        names = {name.lower() for name, _ in headers}
        if hold is not None:
            fields.append(("asgi-conformance-hold", str(hold)))
        if self._accept_encoding is not None and "accept-encoding" not in names:
            fields.append(("Accept-Encoding", self._accept_encoding))
        if isinstance(body, bytes) and not names & {"content-length", "transfer-encoding"}:
            fields.append(("Content-Length", str(len(body))))
        if body is not None and not isinstance(body, bytes):
            fields.append(("Transfer-Encoding", "chunked"))
        if isinstance(upload, int):
            fields.append(("Content-Length", str(upload)))
        elif upload is not None:
            fields.append(("Transfer-Encoding", upload))
        lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in fields)]
        head = "\r\n".join([*lines, "", ""]).encode("latin-1")
        exchange = Exchange(connection, method, request_id, chunked=upload == "chunked")
        if isinstance(body, bytes):
            connection.send(head + body)
        else:
            connection.send(head)
            if body is not None:
                for chunk in body:
                    connection.send_chunk(chunk)
                connection.send_last_chunk()
        return exchange

    def get(self, target: str, *, headers: Headers = ()) -> Exchange:
        """`GET` the target and read the whole answer."""
        return self.request("GET", target, headers=headers).read_all()

    def head(self, target: str, *, headers: Headers = ()) -> Exchange:
        """`HEAD` the target; what the connection carries beyond the head is in `excess`."""
        closing = [*headers, ("Connection", "close")]
        return self.request("HEAD", target, headers=closing).read_all()

    def send(self, data: bytes, *, method: str = "GET", request_id: str | None = None) -> Exchange:
        """Send literal bytes on a new connection; the answer is read as that to `method`.

        `request_id` is the `asgi-conformance-id` that is among them.
        """
        connection = self.connect()
        exchange = Exchange(connection, method, request_id)
        connection.send(data)
        return exchange

    def close(self) -> None:
        """Close every connection."""
        for connection in self.connections:
            connection.close()


def eventually(holds: Callable[[], object], *, timeout: float = DEADLINE) -> bool:
    """Ask a callable again and again, until what it says is true or the time is up.

    For what no event announces, such as a file that is closed.
    """
    deadline = time.monotonic() + timeout
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.005)
    return True
