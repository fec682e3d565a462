"""HTTP/2 on a connection, by prior knowledge or ALPN; its frames are h2's (RFC 9113)."""

from __future__ import annotations

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import (
    DataReceived,
    Event,
    RemoteSettingsChanged,
    RequestReceived,
    StreamEnded,
    StreamReset,
    WindowUpdated,
)
from h2.exceptions import ProtocolError

from reference.connection import Connection
from reference.errors import BadRequest
from reference.fields import Fields, find_values
from reference.framing import build_error
from reference.http2_frames import FrameReader, encode_goaway, is_goaway
from reference.http2_stream import Http2Stream

_DEFAULT_WINDOW = 65535


class Http2:
    """Reads frames into streams, and lets the streams send in turn."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._policy = connection.policy
        # What goes out is checked before it comes here, and h2 would hide mistakes.
        self._h2 = H2Connection(
            H2Configuration(
                client_side=False,
                header_encoding=None,
                validate_inbound_headers=self._policy.checks_fields(),
                validate_outbound_headers=False,
                normalize_outbound_headers=False,
                normalize_inbound_headers=False,  # ASGI has headers as they came
            )
        )
        self._reader = FrameReader()
        self._streams: dict[int, Http2Stream] = {}
        self._finishing = False
        self._stopping = False
        self._last = 0
        self._h2.initiate_connection()
        # A stream that is not read stops at its own window, never at the connection's, where
        # it would stop the others (RFC 9113 §5.2.2).
        more = self._policy.http2_connection_window - _DEFAULT_WINDOW
        if more > 0:
            self._h2.increment_flow_control_window(more)
        self.flush()

    # What the connection tells.

    def feed(self, data: bytes) -> None:
        for frame in self._reader.feed(data):
            if self._connection.closed:
                return
            self._receive(frame)
        self.pump()

    def leave(self) -> None:
        # Nothing would open the windows again.
        self.lose()
        self._connection.close()

    def sense_end(self) -> None:
        self.leave()

    def lose(self) -> None:
        for stream in list(self._streams.values()):
            stream.lose()

    def resume(self) -> None:
        self.pump()

    def expire(self) -> None:
        self._close()

    def stop(self) -> None:
        self._stopping = True
        self._connection.write(encode_goaway(self._last))
        for stream in list(self._streams.values()):
            stream.body.stop()
        self.finish()

    # What streams do.

    def flush(self) -> None:
        """Hand what h2 has written to the connection."""
        data = self._h2.data_to_send()
        if data:
            self._connection.write(data)

    def pump(self) -> None:
        """Let the streams send, a frame each in turn, as long as the system takes it."""
        progress = True
        while progress and not self._connection.is_full():
            progress = False
            for stream in self._policy.order_streams(list(self._streams.values())):
                if self._connection.is_full():
                    # The next time it begins with those that did not have their turn.
                    break
                if stream.send_frame():
                    progress = True
                    self._move_to_end(stream)
                    self.flush()
        self.flush()

    def push(self, parent: Http2Stream, path: bytes, fields: Fields) -> None:
        """Promise the response to a GET of that path, and make it, if the client wants it."""
        remote = self._h2.remote_settings
        if (
            not remote.enable_push
            or self._h2.open_outbound_streams >= remote.max_concurrent_streams
        ):
            return
        authority = find_values(parent.request.fields, b"host")[:1]
        headers = [
            (b":method", b"GET"),
            (b":scheme", self._connection.peer.scheme.encode()),
            *((b":authority", value) for value in authority),
            (b":path", path),
            *self._policy.drop_connection_fields(fields),
        ]
        promised = self._h2.get_next_available_stream_id()
        self._h2.push_stream(parent.id, promised, headers)
        self.flush()
        self._open(promised, headers).finish()

    def forget(self, stream: Http2Stream) -> None:
        """The stream is over."""
        del self._streams[stream.id]
        if self._streams:
            return
        if self._finishing:
            self._close()
        else:
            self._connection.expect()

    def finish(self) -> None:
        """Close when the streams that are open are over."""
        self._finishing = True
        if not self._streams:
            self._close()

    # Frames.

    def _receive(self, frame: bytes) -> None:
        if frame[:3] != b"PRI" and is_goaway(frame):
            self._policy.go_away(self)
            return
        try:
            events = self._h2.receive_data(frame)
        except ProtocolError:
            # h2 has written the GOAWAY that tells what is wrong.
            self.flush()
            self.lose()
            self._connection.close()
            return
        for event in events:
            self._handle(event)
        self.flush()

    def _handle(self, event: Event) -> None:
        stream = self._streams.get(getattr(event, "stream_id", None) or 0)
        match event:
            case RequestReceived():
                self._begin(event)
            case DataReceived() if stream is not None:
                stream.feed(event.data, event.flow_controlled_length - len(event.data))
            case StreamEnded() if stream is not None:
                stream.finish()
            case StreamReset() if stream is not None:
                self._policy.lose_stream(stream)
            case WindowUpdated() | RemoteSettingsChanged():
                self.pump()

    def _begin(self, event: RequestReceived) -> None:
        stream_id = event.stream_id
        # A wrong length ends the stream (RFC 9113 §8.1.1); h2 would end the connection.
        self._h2.streams[stream_id]._expected_content_length = None
        if self._stopping:
            self._h2.reset_stream(stream_id, ErrorCodes.REFUSED_STREAM)
            return
        try:
            self._last = stream_id
            self._open(stream_id, list(event.headers))
        except BadRequest as error:
            fields, content = build_error(error.status)
            fields = self._policy.complete_fields(error.status, fields)
            self._h2.send_headers(stream_id, [(b":status", b"%d" % error.status), *fields])
            self._h2.send_data(stream_id, content, end_stream=True)
            if event.stream_ended is None:
                self._h2.reset_stream(stream_id, ErrorCodes.NO_ERROR)

    def _open(self, stream_id: int, headers: Fields) -> Http2Stream:
        request = self._policy.read_fields(headers)
        stream = Http2Stream(self, self._h2, self._connection, stream_id, request)
        self._streams[stream_id] = stream
        self._connection.rest()
        pushes = bool(stream_id % 2 and self._h2.remote_settings.enable_push)
        self._connection.host.start_cycle(
            self._connection, request, stream.body, stream, pushes=pushes
        )
        return stream

    def _close(self) -> None:
        """Say that the connection ends, and end it."""
        if not self._connection.closed:
            self._h2.close_connection()
            self.flush()
            self._connection.close()

    def _move_to_end(self, stream: Http2Stream) -> None:
        if stream.id in self._streams:
            self._streams[stream.id] = self._streams.pop(stream.id)
