"""Uploading: names of their own, the bytes of forms, and what uploads leave in the directory."""

from __future__ import annotations

import os
import uuid
from pathlib import Path

from asgi_conformance.exchange import Exchange
from asgi_conformance.gathering import wait_for_bytes
from asgi_conformance.hosting import Subject

# What the checks upload, and its digests: SHA-256 in hexadecimal and in base64, SHA-512.
HELLO = b"hello"
HELLO_SHA256 = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
HELLO_REPR_SHA256 = "sha-256=:LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=:"
HELLO_REPR_SHA512 = (
    "sha-512=:m3HSJL1i83hdltRq0+o9czGb+8KJDKra4t/3JRlnPKcj"
    "I8PZm6XBHXx6zG4UuMXaDEZjR1wuXDre9G9zvN7AQw==:"
)
WORLD_SHA256 = "486ea46224d1bb4fb680f34f7c9ad96a8f24ec88be73ea8e5a6c65260e9cb8a7"
WORLD_REPR_SHA256 = "sha-256=:SG6kYiTRu0+2gPNPfJrZao8k7Ii+c+qOWmxlJg6cuKc=:"
WORLD_REPR_SHA512 = (
    "sha-512=:EYU99A9LK5GdOBX2R5LljQhmN2eklLy7OMCyOJ2RQLux"
    "cCgbSoR753V73hLJzQBUzjZS0K06GgySurtpeYJG7g==:"
)

FORM_TYPE = ("Content-Type", "multipart/form-data; boundary=b")
END = b"--b--\r\n"


def choose_name(suffix: str = ".bin") -> str:
    """A name that no other check has."""
    return uuid.uuid4().hex + suffix


def file_part(filename: str, content: bytes) -> bytes:
    """A part with a file, under the boundary `b`; `filename` goes out as it is, as UTF-8."""
    return (
        b'--b\r\nContent-Disposition: form-data; name="f"; filename="%b"\r\n'
        b"Content-Type: application/octet-stream\r\n\r\n%b\r\n" % (filename.encode(), content)
    )


def field_part(value: bytes = b"value") -> bytes:
    """A part without a file, under the boundary `b`."""
    return b'--b\r\nContent-Disposition: form-data; name="field"\r\n\r\n%b\r\n' % value


def put(subject: Subject, name: str, content: bytes = HELLO, *headers: tuple[str, str]) -> Exchange:
    """`PUT` the content at `/uploads/{name}`; `name` goes out as it is."""
    return subject.client.request("PUT", f"/uploads/{name}", headers=headers, body=content)


def begin_put(
    subject: Subject, name: str, length: int, first: bytes, *headers: tuple[str, str]
) -> Exchange:
    """Begin a `PUT` of `length` bytes and wait until the application has taken `first` of it.

    Under a server that gathers (see `gathering`) nothing is waited for.
    """
    announced = [("Content-Length", str(length)), *headers]
    answer = subject.client.request("PUT", f"/uploads/{name}", headers=announced)
    answer.connection.send(first)
    wait_for_bytes(subject, answer, len(first))
    return answer


def post_form(subject: Subject, form: bytes, *headers: tuple[str, str]) -> Exchange:
    """`POST` the bytes of a form with the boundary `b`."""
    return subject.client.request("POST", "/uploads", headers=[FORM_TYPE, *headers], body=form)


class Listing:
    """The regular files below a subject's directory, temporary ones too, since one moment."""

    def __init__(self, subject: Subject) -> None:
        self._directory = subject.files
        self._known = self._list()

    @property
    def new(self) -> set[str]:
        """Paths of the files that were not there, relative to the directory."""
        return self._list() - self._known

    def sizes(self) -> dict[str, int]:
        """The new files with their sizes in bytes."""
        sizes = {}
        for path in self.new:
            try:
                sizes[path] = (self._directory / path).stat().st_size
            except FileNotFoundError:  # put in its place, or removed, since it was listed
                continue
        return sizes

    def _list(self) -> set[str]:
        return {
            str(Path(directory, name).relative_to(self._directory))
            for directory, _, names in os.walk(self._directory)
            for name in names
        }
