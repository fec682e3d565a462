"""Uploads: many small files, over some connections at once."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import orjson

from benchmarks.client import Mismatch, connect
from benchmarks.loads.load import Figures, Target, timing
from benchmarks.loads.recording import Tape, record, take_apart
from benchmarks.material import MIB

_TIMEOUT = 60.0


@dataclass(frozen=True, slots=True)
class Uploads:
    """So many files of one MiB each by `PUT`, from so many threads with a connection each.

    Figures: `throughput`, bytes a second; `busy`, of the client.
    """

    total: int
    connections: int

    def check(self, target: Target) -> None:
        self._run(target, 4)

    def measure(self, target: Target) -> Figures:
        return self._run(target, self.total)

    def _run(self, target: Target, total: int) -> Figures:
        body = bytes(range(256)) * (MIB // 256)
        digest = hashlib.sha256(body).hexdigest()

        def send(number: int) -> bytes:
            head = (
                f"PUT {target.prefix}/uploads/part-{number}.bin HTTP/1.1\r\nHost: localhost\r\n"
                f"Connection: close\r\nContent-Length: {len(body)}\r\n\r\n"
            )
            with connect(target.address) as connection:
                connection.settimeout(_TIMEOUT)
                connection.sendall(head.encode())
                connection.sendall(body)
                return bytes(record(connection, Tape(1 << 16), _TIMEOUT).answer)

        with ThreadPoolExecutor(self.connections) as threads, timing() as clock:
            answers = list(threads.map(send, range(total)))
        for number, answer in enumerate(answers):
            text = bytearray()
            status = take_apart(memoryview(answer), keep=text).status
            if status not in (200, 201) or orjson.loads(text)["sha256"] != digest:
                raise Mismatch(f"status {status} for an upload, or a wrong receipt")
            (target.files / f"part-{number}.bin").unlink()
        return {"throughput": total * len(body) / clock.seconds, "busy": clock.busy}
