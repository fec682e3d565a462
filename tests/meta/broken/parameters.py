"""Mistakes in what is made of a path and a query, whatever the endpoint."""

from __future__ import annotations

import re

from broken.messages import change_path, change_query, refuse
from raw_asgi.asgi.types import ASGIApp


def numbers_of_32_bits(app: ASGIApp) -> ASGIApp:
    return refuse(app, lambda scope: re.search(rb"=[0-9]{11}", scope["query_string"]), 422)


def whole_numbers_only(app: ASGIApp) -> ASGIApp:
    return refuse(app, lambda scope: re.search(rb"=[0-9]+\.", scope["query_string"]), 422)


def fifty_fields_at_most(app: ASGIApp) -> ASGIApp:
    return refuse(app, lambda scope: scope["query_string"].count(b"&") >= 50, 422)


def reads_a_hundred_fields(app: ASGIApp) -> ASGIApp:
    """Reads no more than a hundred fields, and says nothing of the others."""
    return change_query(app, lambda query: b"&".join(query.split(b"&")[:100]))


def ignores_further_segments(app: ASGIApp) -> ASGIApp:
    return change_path(app, lambda path: re.sub(r"^(/(?:csv|jsonl|events)/[^/]+)/.*", r"\1", path))
