"""Problem details (RFC 9457): what an error says to the client."""

from __future__ import annotations

from http import HTTPStatus

import msgspec

MEDIA_TYPE = "application/problem+json"

# RFC 9110 §15.5 renamed these; the standard library still has the old phrases.
_RENAMED = {
    413: "Content Too Large",
    416: "Range Not Satisfiable",
    422: "Unprocessable Content",
}


class Problem(Exception):
    """A request that is answered with an error status.

    `status` is the HTTP status code, `detail` one sentence for the client,
    `headers` what the response carries besides (`Allow` on a 405).
    """

    def __init__(self, status: int, detail: str, headers: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(status, detail, headers)
        self.status = status
        self.detail = detail
        self.headers = headers

    def __str__(self) -> str:
        return f"{self.status} {self.title}: {self.detail}"

    @property
    def title(self) -> str:
        """The status's reason phrase, as RFC 9457 §4.2.1 asks of `about:blank`.

        Raises `ValueError` when the status is not a registered one.
        """
        return _RENAMED.get(self.status) or HTTPStatus(self.status).phrase

    def as_object(self) -> dict[str, object]:
        """The members of the problem object, in the order of RFC 9457 §3.1."""
        return {
            "type": "about:blank",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
        }

    def body(self) -> bytes:
        """The problem object as one JSON text, UTF-8, without white space."""
        return msgspec.json.encode(self.as_object())
