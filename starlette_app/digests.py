"""Digest fields (RFC 9530)."""

from __future__ import annotations

import re
from base64 import b64decode

from starlette.exceptions import HTTPException
from starlette.requests import Request

_ALGORITHMS = {"sha-256": ("sha256", 32), "sha-512": ("sha512", 64)}

# A member of the dictionary (RFC 9651 §3.2): its key, and a byte sequence, which RFC 9530 wants
# as the value for every algorithm. Parameters are read over.
_MEMBER = re.compile(r"([a-z*][a-z0-9_\-.*]*)=:([A-Za-z0-9+/]*={0,2}):(?:;[^,]*)?")


def read_digests(request: Request) -> list[tuple[str, bytes]]:
    """What the content must hash to: hashlib's names of algorithms, and digests.

    `Repr-Digest` and `Content-Digest` speak of the same bytes where nothing is encoded. Raises
    HTTPException 400 where one is malformed.
    """
    return [
        digest
        for name in ("repr-digest", "content-digest")
        for digest in _parse_digests(name, ", ".join(request.headers.getlist(name)))
    ]


def _parse_digests(field: str, value: str) -> list[tuple[str, bytes]]:
    malformed = HTTPException(400, f"{field.title()} is malformed")
    digests: dict[str, bytes] = {}
    for member in value.split(",") if value else ():
        match = _MEMBER.fullmatch(member.strip(" \t"))
        if match is None:
            raise malformed
        key, encoded = match.groups()
        if key in _ALGORITHMS:
            algorithm, size = _ALGORITHMS[key]
            digests[algorithm] = _decode(encoded)
            if len(digests[algorithm]) != size:
                raise malformed
    return list(digests.items())


def _decode(encoded: str) -> bytes:
    digits = encoded.rstrip("=")
    # No number of bytes is one digit more than a multiple of four; b64decode would raise.
    return b"" if len(digits) % 4 == 1 else b64decode(digits + "=" * (-len(digits) % 4))
