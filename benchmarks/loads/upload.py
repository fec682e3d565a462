"""Upload: one file, by `PUT` or in a form, until its receipt is there."""

from __future__ import annotations

import mmap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import orjson

from benchmarks.client import Mismatch, connect
from benchmarks.loads.load import Figures, Target, timing
from benchmarks.loads.recording import Tape, record, take_apart
from benchmarks.material import MIB, Content, digest_file

NAME = "upload.bin"
_BOUNDARY = "boundary-of-the-benchmark"
_PIECE_BYTES = 1 << 18
_TIMEOUT = 120.0
_MAPPED = mmap.MAP_SHARED | mmap.MAP_POPULATE

Form = Literal["put", "form"]


@dataclass(frozen=True)
class Upload:
    """A file of the material, hashed and durable when its receipt comes.

    Figures: `rate`, bytes of the file a second; `busy`, of the client. What was stored is
    looked at and removed afterwards.
    """

    file: Path
    find: Callable[[], Content]
    check_file: Path
    check_find: Callable[[], Content]
    form: Form = "put"

    def check(self, target: Target) -> None:
        self._send(target, self.check_file, self.check_find(), thorough=True)

    def measure(self, target: Target) -> Figures:
        return self._send(target, self.file, self.find(), thorough=False)

    def _send(self, target: Target, file: Path, content: Content, *, thorough: bool) -> Figures:
        tape = Tape(MIB)
        before, after = encode_frame(self.form, target.prefix, content.size)
        with (
            file.open("rb") as source,
            # All of it is brought into memory before the clock runs.
            mmap.mmap(source.fileno(), 0, _MAPPED, mmap.PROT_READ) as mapped,
            memoryview(mapped) as body,
            connect(target.address) as connection,
            timing() as clock,
        ):
            try:
                connection.sendall(before)
                for offset in range(0, len(body), _PIECE_BYTES):
                    connection.sendall(body[offset : offset + _PIECE_BYTES])
                connection.sendall(after)
            except ConnectionError as error:
                raise Mismatch(f"the upload was refused: {error}") from None
            recording = record(connection, tape, _TIMEOUT)
        _check_receipt(recording.answer, content)
        _check_stored(target.files / NAME, content, thorough=thorough)
        return {"rate": content.size / clock.seconds, "busy": clock.busy}


def encode_frame(form: Form, prefix: str, size: int) -> tuple[bytes, bytes]:
    """What stands before the file's bytes, and what after them."""
    if form == "put":
        return _encode_head("PUT", f"{prefix}/uploads/{NAME}", size), b""
    part = (
        f"--{_BOUNDARY}\r\n"
        f'Content-Disposition: form-data; name="file"; filename="{NAME}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    ).encode()
    end = f"\r\n--{_BOUNDARY}--\r\n".encode()
    content_type = f"Content-Type: multipart/form-data; boundary={_BOUNDARY}\r\n"
    size += len(part) + len(end)
    return _encode_head("POST", f"{prefix}/uploads", size, content_type) + part, end


def _encode_head(method: str, path: str, size: int, fields: str = "") -> bytes:
    return (
        f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        f"{fields}Content-Length: {size}\r\n\r\n"
    ).encode()


def _check_receipt(answer: memoryview, content: Content) -> None:
    text = bytearray()
    body = take_apart(answer, keep=text)
    if body.status not in (200, 201):
        raise Mismatch(f"status {body.status} for an upload")
    read: Any = orjson.loads(text)
    receipt = read[0] if isinstance(read, list) else read
    if (receipt["size"], receipt["sha256"]) != (content.size, content.sha256.hex()):
        raise Mismatch("the receipt does not tell what was sent")


def _check_stored(path: Path, content: Content, *, thorough: bool) -> None:
    if not path.is_file() or path.stat().st_size != content.size:
        raise Mismatch("what was sent is not stored")
    if thorough and content != digest_file(path):
        raise Mismatch("other bytes are stored than were sent")
    path.unlink()
