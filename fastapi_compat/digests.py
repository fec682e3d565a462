"""`Repr-Digest` and `Content-Digest` (RFC 9530)."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode

from fastapi import HTTPException
from starlette.datastructures import Headers

_SIZES = {"sha-256": 32, "sha-512": 64}

# member = key "=:" base64 ":" *( ";" parameter )  (RFC 9651 §3.2, for the one type of RFC 9530)
_MEMBER = re.compile(r"[ \t]*([a-z*][a-z0-9_\-.*]*)=:([A-Za-z0-9+/]*={0,2}):(?:;[^,]*)?[ \t]*")


def read_digests(headers: Headers) -> list[tuple[str, bytes]]:
    """The digests that the body should have, by hashlib's names of their algorithms.

    Those of `sha-256` and `sha-512`; others are ignored. Raises HTTPException 400 for a field
    that is malformed.
    """
    digests = []
    for field in (*headers.getlist("repr-digest"), *headers.getlist("content-digest")):
        for written in field.split(","):
            member = _MEMBER.fullmatch(written)
            if member is None:
                raise HTTPException(400, "A digest field is malformed.")
            if member[1] in _SIZES:
                digests.append((member[1].replace("-", ""), _decode(member[1], member[2])))
    return digests


def _decode(algorithm: str, encoded: str) -> bytes:
    try:
        digest = b64decode(encoded, validate=True)
    except binascii.Error:
        digest = b""
    if len(digest) != _SIZES[algorithm]:
        raise HTTPException(400, f"A {algorithm} digest is {_SIZES[algorithm]} bytes in base64.")
    return digest
