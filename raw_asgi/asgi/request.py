"""What a scope says of a request."""

from __future__ import annotations

import re
from functools import cached_property

from raw_asgi.asgi.disconnect import RequestBody
from raw_asgi.asgi.routing import route_path
from raw_asgi.asgi.types import Receive, Scope
from raw_asgi.http.problem import Problem
from raw_asgi.http.query import Query

# Content-Length = 1*DIGIT ; RFC 9110 §8.6: large ones are to be expected, these Python converts
_CONTENT_LENGTH = re.compile(r"[0-9]{1,4000}")


class Request:
    """A request: its scope (www.rst, *HTTP Connection Scope*) made ready to read, and its body."""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self.scope = scope
        self.method: str = scope["method"]
        self.root_path: str = scope.get("root_path", "")
        self.body = RequestBody(receive)

    @cached_property
    def path(self) -> str:
        """The decoded path below `root_path`, empty or with a leading slash."""
        return route_path(self.scope)

    @cached_property
    def headers(self) -> dict[str, str]:
        """Fields by lower-case name. The lines of one field are joined by `, ` (RFC 9110 §5.3)."""
        fields: dict[str, str] = {}
        for raw_name, raw_value in self.scope["headers"]:
            name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1").strip()
            fields[name] = f"{fields[name]}, {value}" if name in fields else value
        return fields

    @cached_property
    def query(self) -> Query:
        """The parameters of the query. Raises Problem 422 where there are too many."""
        return Query.parse(self.scope.get("query_string", b""))

    @property
    def is_head(self) -> bool:
        """Whether only the status and the headers are wanted (RFC 9110 §9.3.2)."""
        return self.method == "HEAD"

    @cached_property
    def content_length(self) -> int | None:
        """The announced size of the content in bytes (RFC 9110 §8.6), None without one.

        Raises Problem 400 where the field is not a number; a server should not let it pass.
        """
        value = self.headers.get("content-length")
        if value is not None and not _CONTENT_LENGTH.fullmatch(value):
            raise Problem(400, "Content-Length is not a number")
        return None if value is None else int(value)

    @property
    def leaves_body_unread(self) -> bool:
        """Whether the client may still be sending a body that nobody reads.

        RFC 9112 §6: a request has content where it has one of these fields.
        """
        announced = "transfer-encoding" in self.headers or (
            self.headers.get("content-length", "0") != "0"
        )
        return announced and not self.body.complete
