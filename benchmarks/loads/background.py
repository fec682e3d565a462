"""Background: exports, downloads and an upload that go on until they are told to stop.

A process of its own: `python -m benchmarks.loads.background port prefix upload exports downloads`.
It prints how many bytes it moved when its standard input ends.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.client import connect, make_request
from benchmarks.loads.load import Target
from benchmarks.loads.upload import encode_frame

_UPLOAD_BYTES = 1 << 30
_PIECE_BYTES = 1 << 18
_READ_BYTES = 1 << 18


class Background:
    """Nine connections' work, and how many bytes it has moved."""

    def __init__(self, target: Target, csv_path: str, file_path: str) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            [
                *(sys.executable, "-m", "benchmarks.loads.background"),
                *(str(target.address[1]), target.prefix, csv_path, file_path),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdout is not None
        self._process.stdout.readline()  # all have begun

    def stop(self) -> int:
        """End it; returns how many bytes were moved."""
        moved, _ = self._process.communicate(b"", 60)
        return int(moved)

    def kill(self) -> None:
        """End it at once, if it still runs."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()


@contextmanager
def run_background(target: Target, csv_path: str, file_path: str) -> Iterator[Background]:
    """Four exports, four downloads and one upload, each begun anew when it ends."""
    background = Background(target, csv_path, file_path)
    try:
        yield background
    finally:
        background.kill()


class _Mover(threading.Thread):
    """One connection's work, again and again."""

    def __init__(self, port: int, prefix: str, path: str | None) -> None:
        super().__init__(daemon=True)
        self.moved = 0
        self.begun = threading.Event()
        self._address = ("127.0.0.1", port)
        self._prefix = prefix
        self._path = path

    def run(self) -> None:
        while True:
            try:
                with connect(self._address) as connection:
                    if self._path is None:
                        self._upload(connection)
                    else:
                        self._download(connection, self._path)
            except ConnectionError:
                continue

    def _download(self, connection: socket.socket, path: str) -> None:
        buffer = bytearray(_READ_BYTES)
        connection.settimeout(None)
        connection.sendall(make_request("GET", self._prefix + path, gzip=False))
        self.begun.set()
        while received := connection.recv_into(buffer):
            self.moved += received

    def _upload(self, connection: socket.socket) -> None:
        before, _ = encode_frame("put", self._prefix, _UPLOAD_BYTES)
        piece = bytes(_PIECE_BYTES)
        connection.settimeout(None)
        connection.sendall(before)
        self.begun.set()
        for _ in range(_UPLOAD_BYTES // _PIECE_BYTES):
            connection.sendall(piece)
            self.moved += len(piece)
        connection.recv(_READ_BYTES)


def main(port: int, prefix: str, csv_path: str, file_path: str) -> None:
    """Work until the standard input ends, then print how many bytes were moved."""
    movers = [_Mover(port, prefix, path) for path in (*[csv_path] * 4, *[file_path] * 4, None)]
    for mover in movers:
        mover.start()
    for mover in movers:
        mover.begun.wait(10)
    print("begun", flush=True)
    before = sum(mover.moved for mover in movers)
    sys.stdin.read()
    print(sum(mover.moved for mover in movers) - before, flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
