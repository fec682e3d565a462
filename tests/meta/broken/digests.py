"""Mistakes in digests, and in the fields that forbid an upload."""

from __future__ import annotations

import re

from broken.messages import (
    change_request,
    change_request_field,
    change_status,
    read_field,
    refuse,
)
from raw_asgi.asgi.types import ASGIApp, Scope


def ignores_digests(app: ASGIApp) -> ASGIApp:
    return change_request_field(
        change_request_field(app, b"repr-digest", lambda _: None), b"content-digest", lambda _: None
    )


def ignores_content_digest(app: ASGIApp) -> ASGIApp:
    return change_request_field(app, b"content-digest", lambda _: None)


def knows_sha_256_only(app: ASGIApp) -> ASGIApp:
    return refuse(app, lambda scope: b"sha-512" in _read_digests(scope), 400)


def refuses_unknown_algorithms(app: ASGIApp) -> ASGIApp:
    return refuse(app, lambda scope: re.search(rb"md5|unixsum", _read_digests(scope)), 400)


def every_digest_mismatches(app: ASGIApp) -> ASGIApp:
    return refuse(app, lambda scope: _read_digests(scope), 422)


def mismatch_is_400(app: ASGIApp) -> ASGIApp:
    return change_status(app, 422, 400)


def malformed_is_422(app: ASGIApp) -> ASGIApp:
    return change_status(app, 400, 422)


def ignores_content_range(app: ASGIApp) -> ASGIApp:
    return change_request_field(app, b"content-range", lambda _: None)


def ignores_content_encoding(app: ASGIApp) -> ASGIApp:
    return change_request_field(app, b"content-encoding", lambda _: None)


def refuses_every_content_encoding(app: ASGIApp) -> ASGIApp:
    return refuse(app, lambda scope: read_field(scope, b"content-encoding") is not None, 415)


def refuses_several_digests(app: ASGIApp) -> ASGIApp:
    return refuse(app, lambda scope: b"," in _read_digests(scope), 400)


def reads_the_first_digest(app: ASGIApp) -> ASGIApp:
    return change_request_field(app, b"repr-digest", lambda it: it.partition(b",")[0])


def reads_the_first_line_of_a_digest(app: ASGIApp) -> ASGIApp:
    def change(scope: Scope) -> Scope:
        first = dict(reversed(scope["headers"]))
        kept = [it for it in scope["headers"] if it[0] != b"repr-digest" or first[it[0]] == it[1]]
        return {**scope, "headers": kept}

    return change_request(app, change)


def _read_digests(scope: Scope) -> bytes:
    fields = (read_field(scope, name) for name in (b"repr-digest", b"content-digest"))
    return b"".join(filter(None, fields))
