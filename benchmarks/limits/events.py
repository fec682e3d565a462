"""What is posted to a channel, written to each of its subscribers at once: `/events/{channel}`."""

from __future__ import annotations

import socket
from collections import defaultdict

import orjson

from benchmarks.limits.serving import Request, respond, serve

_HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
    b"Transfer-Encoding: chunked\r\n\r\nd\r\nretry: 3000\n\n\r\n"
)

_subscribers: dict[str, list[socket.socket]] = defaultdict(list)


def answer(request: Request) -> bytes | None:
    """Publish."""
    if request.method != "POST":
        return respond(b"") if request.path == "/" else None
    data = orjson.loads(request.begun)["data"]
    event = f"data: {data}\n\n".encode()
    chunk = b"%x\r\n%b\r\n" % (len(event), event)
    for subscriber in _subscribers[request.path]:
        subscriber.sendall(chunk)
    return respond(b'{"id":1}', "202 Accepted")


def stream(request: Request, connection: socket.socket) -> None:
    """Subscribe; the connection stays with the channel."""
    for path in [path for path in _subscribers if path != request.path]:
        # The audience before this one has gone.
        for gone in _subscribers.pop(path):
            gone.close()
    kept = connection.dup()
    _subscribers[request.path].append(kept)
    kept.sendall(_HEAD)


if __name__ == "__main__":
    serve(answer, stream)
