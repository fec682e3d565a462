"""Probing: a check's view of a server that runs the probe, over HTTP/1.1 or HTTP/2."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pytest

from asgi_conformance.answer import Answer
from asgi_conformance.client import Client, Headers, Upload
from asgi_conformance.connection import Connection
from asgi_conformance.exchange import Exchange
from asgi_conformance.hosting import Subject
from asgi_conformance.process import ServerProcess
from asgi_conformance.record import Record
from asgi_conformance.server.http2 import Http2Connection, Http2Exchange
from asgi_conformance.server.script import HEADER, Script, body, start, write
from asgi_conformance.side_channel import SideChannel

HURRIED_SECONDS = 2.5  # what ends at all does so in milliseconds; 5 s is the shortest keep-alive

OK: Script = (start(), body(b"done"))
"""The shortest script that answers well."""


@dataclass(frozen=True, slots=True)
class Large:
    """Bytes that are too many to be told: how many, and their SHA-256 in hexadecimal digits."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Other:
    """A value of a type that ASGI's messages do not have: the type's name, the value's repr."""

    type: str
    shown: str


class Probe:
    """A running server with the probe, as one check sees it.

    `http` is the protocol that the cell is about, `1.1` or `2`.
    """

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self.http = subject.http

    @property
    def client(self) -> Client:
        """The client of HTTP/1.1, for literal bytes."""
        return self._subject.client

    @property
    def process(self) -> ServerProcess:
        return self._subject.process

    @property
    def recorder(self) -> SideChannel:
        return self._subject.recorder

    @property
    def lifespan(self) -> Record:
        """What the recorder saw of the lifespan."""
        return self.recorder.lifespan

    def output(self) -> str:
        """What the server has written to its output since the check began."""
        return self._subject.output()

    def connect(
        self, *, receive_buffer: int | None = None, window: int | None = None
    ) -> Connection:
        """Open a connection, in the cell's protocol, that several requests may be made on.

        `receive_buffer` is its SO_RCVBUF in bytes, `window` the initial window of its streams
        (HTTP/2).
        """
        if self.http == "1.1":
            return self.client.connect(receive_buffer=receive_buffer)
        return self.connect_http2(receive_buffer=receive_buffer, window=window)

    def connect_http2(
        self,
        *,
        receive_buffer: int | None = None,
        window: int | None = None,
        enable_push: bool = False,
    ) -> Http2Connection:
        """Open a connection of HTTP/2; see `Http2Connection`."""
        connection = Http2Connection(
            self.process.address,
            deadline=self.client.deadline,
            receive_buffer=receive_buffer,
            window=window,
            enable_push=enable_push,
            tls=self.client.tls,
        )
        # Closed with the others, and shown where the check fails.
        self.client.connections.append(connection)
        return connection

    def hurry(self) -> None:
        """Wait less long, from now on, than a server keeps an idle connection.

        Some end by that alone what hangs; whoever asks whether it ends must not meet them there.
        """
        self.client.deadline = min(self.client.deadline, HURRIED_SECONDS)

    def request(
        self,
        script: Script = OK,
        method: str = "GET",
        target: str = "/",
        *,
        headers: Headers = (),
        body: bytes | Iterable[bytes] | None = None,
        upload: Upload | None = None,
        connection: Connection | None = None,
        receive_buffer: int | None = None,
    ) -> Answer:
        """Have the probe do a script; read nothing of the answer yet.

        `body` is sent at once: bytes with a `Content-Length`, an iterable without, an item a
        piece. For `upload` the check itself sends a body of so many bytes, or of a length that
        is not told, with `send_body` and `finish_body` of what is returned.
        """
        connection = connection or self.connect(receive_buffer=receive_buffer)
        if isinstance(connection, Http2Connection):
            return self.request_http2(
                connection, script, method, target, headers=headers, body=body, upload=upload
            )
        fields = [*headers, (HEADER, write(script))]
        return self.client.request(
            method, target, headers=fields, body=body, upload=upload, connection=connection
        )

    def request_http2(
        self,
        connection: Http2Connection,
        script: Script = OK,
        method: str = "GET",
        target: str = "/",
        *,
        headers: Headers = (),
        body: bytes | Iterable[bytes] | None = None,
        upload: Upload | None = None,
    ) -> Http2Exchange:
        """The same as `request`, where what HTTP/2 alone has is wanted of the answer."""
        request_id, fields = self._prepare(script)
        return connection.request(
            method,
            target,
            headers=[*headers, *fields],
            body=body,
            upload=upload,
            request_id=request_id,
        )

    def get(self, script: Script = OK, *, headers: Headers = ()) -> Answer:
        """`GET` and read the whole answer."""
        return self.request(script, headers=headers).read_all()

    def send_literally(self, head: bytes, script: Script = OK, content: bytes = b"") -> Exchange:
        """Send a head as it is written, of HTTP/1, with the script and an end, and the content."""
        request_id, fields = self._prepare(script)
        lines = "".join(f"{name}: {value}\r\n" for name, value in fields)
        method = "HEAD" if head.startswith(b"HEAD ") else "GET"
        data = head + lines.encode("ascii") + b"\r\n" + content
        return self.client.send(data, method=method, request_id=request_id)

    def send_fields(
        self,
        connection: Http2Connection,
        fields: Headers,
        script: Script = OK,
        *,
        end_stream: bool = True,
    ) -> Http2Exchange:
        """Open a stream with fields as they are, of HTTP/2, to which the script is added."""
        request_id, more = self._prepare(script)
        return connection.send_headers(
            [*fields, *more], end_stream=end_stream, request_id=request_id
        )

    def record(self, answer: Answer) -> Record:
        """The recorder's record of a request."""
        return self.recorder.request(answer.id)

    def scope(self, answer: Answer) -> dict[str, Any]:
        """The scope that the probe was called with; waits for it."""
        event = self.record(answer).wait_for("scope")
        scope: dict[str, Any] = read_description(event.fields["scope"])
        return scope

    def messages(self, answer: Answer) -> list[dict[str, Any]]:
        """What the probe has received so far, in full."""
        events = self.record(answer).select("message")
        return [read_description(event.fields["message"]) for event in events]

    def content(self, answer: Answer) -> bytes:
        """What the probe has received so far of the request's body, of pieces up to 4096 bytes."""
        return b"".join(message.get("body", b"") for message in self.messages(answer))

    def notes(self, answer: Answer) -> list[str]:
        """The names of the notes that the script has made so far."""
        return [event.fields["name"] for event in self.record(answer).select("note")]

    def offers(self, extension: str) -> bool:
        """Whether the server offers an extension to a request without a body."""
        answer = self.get()
        return extension in (self.scope(answer).get("extensions") or {})

    def require(self, extension: str) -> None:
        """Skip the check where the server does not offer an extension."""
        if not self.offers(extension):
            pytest.skip(f"the server does not offer {extension}")

    def require_state(self) -> None:
        """Skip the check where the server offers no lifespan state, which is optional."""
        if "state" not in self.scope(self.get()):
            pytest.skip("the server does not offer lifespan state")

    def observe(self, text: str) -> None:
        """Say what a check saw that judges nothing."""
        self._subject.findings.observe(text)

    def measure(self, name: str, values: Iterable[float], unit: str) -> None:
        """Say what a check measured, each of its repetitions. `unit` is `bytes` or `s`."""
        self._subject.findings.measure(name, list(values), unit)

    def _prepare(self, script: Script) -> tuple[str, Headers]:
        """The id of a request to come, and the fields for its script."""
        request_id = str(uuid.uuid4())
        self.recorder.request(request_id)
        return request_id, [(HEADER, write(script)), ("asgi-conformance-id", request_id)]


def read_description(described: Any) -> Any:
    """The value that `probe.describe` has put into words."""
    match described:
        case {"$bytes": text}:
            return text.encode("latin-1")
        case {"$large": [size, digest]}:
            return Large(size, digest)
        case {"$tuple": items}:
            return tuple(read_description(item) for item in items)
        case {"$dict": items}:
            return {read_description(key): read_description(item) for key, item in items}
        case {"$other": [name, shown]}:
            return Other(name, shown)
        case list():
            return [read_description(item) for item in described]
        case _:
            return described
