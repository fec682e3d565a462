"""Forms with files: multipart/form-data (RFC 7578), over the parser of python-multipart."""

from __future__ import annotations

import re
from typing import Protocol

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser

from raw_asgi.http.negotiation import media_type_essence, parse_media_type, scan_parameters
from raw_asgi.http.problem import Problem

# boundary := 0*69<bchars> bcharsnospace
# bcharsnospace := DIGIT / ALPHA / "'" / "(" / ")" / "+" / "_" / "," / "-" / "." / "/" / ":"
#                / "=" / "?"                                  ; bchars adds the space
_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,\-./:=? ]{0,69}[0-9A-Za-z'()+_,\-./:=?]")
# disposition := disposition-type parameters ; the only type here is "form-data" (RFC 7578 §4.2)
_FORM_DATA = re.compile(r"form-data(?P<parameters>[ \t]*(?:;.*)?)", re.IGNORECASE | re.DOTALL)
# What a browser writes for the characters that would end the quoted-string (WHATWG HTML,
# multipart/form-data encoding); it leaves every other "%" as it is.
_BROWSER_ESCAPES = {"%22": '"', "%0D": "\r", "%0A": "\n"}
_BROWSER_ESCAPE = re.compile("|".join(_BROWSER_ESCAPES))
_QUOTED_PAIR = re.compile(r'\\(["\\])')


class PartSink(Protocol):
    """Where the files of a form go. What it raises passes through the parser unchanged."""

    def begin_file(self, filename: str) -> None:
        """A file begins; `filename` is without directories, else as sent, maybe empty."""

    def write(self, data: bytes | memoryview) -> None:
        """The next bytes of the file."""

    def end_file(self) -> None:
        """The file is complete. Not called where the form breaks off."""


def parse_boundary(content_type: str) -> bytes:
    """Take the boundary from a request's `Content-Type` (RFC 2046 §5.1.1).

    Raises `Problem` 415 when it is not `multipart/form-data`, 400 when it has
    no boundary of 1 to 70 allowed characters.
    """
    if media_type_essence(content_type) != "multipart/form-data":
        raise Problem(415, "the content must be multipart/form-data")
    parsed = parse_media_type(content_type)
    boundary = "" if parsed is None else parsed[1].get("boundary", "")
    if not _BOUNDARY.fullmatch(boundary):
        raise Problem(400, "Content-Type has no valid boundary")
    return boundary.encode("ascii")


class FormParser:
    """Takes a form's bytes as they come and hands the bytes of its files to a sink.

    Parts without a `filename` are read over. `feed` and `finish` raise
    `Problem` 400 for a form that is malformed (RFC 7578, RFC 2046 §5.1), ends
    early, has more than `max_parts` parts or a header section of more than
    `max_header_bytes`, and 422 for a file name that is not UTF-8. After an
    error or `finish` both raise `RuntimeError`, and the sink is not called.
    """

    def __init__(
        self,
        boundary: bytes,
        sink: PartSink,
        *,
        max_parts: int = 100,
        max_header_bytes: int = 16384,
    ) -> None:
        self._sink = sink
        self._max_parts = max_parts
        self._max_header_bytes = max_header_bytes
        self._parts = 0
        self._fed = 0
        self._section_start: int | None = None
        self._field_name = bytearray()
        self._field_value = bytearray()
        self._disposition: str | None = None
        self._in_file = False
        self._complete = False
        self._usable = True
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin_part,
                "on_part_data": self._take_data,
                "on_part_end": self._end_part,
                "on_header_field": self._take_field_name,
                "on_header_value": self._take_field_value,
                "on_header_end": self._end_field,
                "on_headers_finished": self._end_section,
                "on_end": self._end_form,
            },
            # The section as a whole is measured here; a line alone cannot be longer.
            max_header_count=max_header_bytes,
            max_header_size=max_header_bytes,
        )

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the content; what follows the closing delimiter is dropped."""
        self._take_turn()
        try:
            self._parser.write(data)
        except MultipartParseError as error:
            raise Problem(400, "the form is malformed") from error
        self._fed += len(data)
        self._usable = True

    def finish(self) -> None:
        """Say that the content has ended; its closing delimiter must have come."""
        self._take_turn()
        if not self._complete:
            raise Problem(400, "the form ends before its closing delimiter")

    def _take_turn(self) -> None:
        # Given back only where all went well: the parser's state after an error means nothing.
        if not self._usable:
            raise RuntimeError("the form is already finished or broken")
        self._usable = False

    def _begin_part(self) -> None:
        self._parts += 1
        if self._parts > self._max_parts:
            raise Problem(400, f"the form has more than {self._max_parts} parts")
        self._section_start = None
        self._disposition = None

    def _take_field_name(self, data: bytes, start: int, end: int) -> None:
        if self._section_start is None:
            self._section_start = self._fed + start
        self._measure_section(end)
        self._field_name += data[start:end]

    def _take_field_value(self, data: bytes, start: int, end: int) -> None:
        self._measure_section(end)
        self._field_value += data[start:end]

    def _measure_section(self, end: int) -> None:
        if self._fed + end - (self._section_start or 0) > self._max_header_bytes:
            raise Problem(400, f"a part's headers exceed {self._max_header_bytes} bytes")

    def _end_field(self) -> None:
        name = self._field_name.decode("latin-1").lower()
        value = self._field_value.decode("latin-1")
        self._field_name.clear()
        self._field_value.clear()
        # The parser ends a line at CR LF alone: a bare LF could hide a field from it.
        if "\n" in value or "\0" in value:
            raise Problem(400, "a part's header has LF or NUL in its value")
        if name == "content-disposition":
            if self._disposition is not None:
                raise Problem(400, "a part has Content-Disposition twice")
            self._disposition = value

    def _end_section(self) -> None:
        filename = _parse_filename(self._disposition)
        self._in_file = filename is not None
        if filename is not None:
            self._sink.begin_file(filename)

    def _take_data(self, data: bytes, start: int, end: int) -> None:
        if self._in_file:
            # A view, not a copy: a form is mostly files, and they come in large pieces.
            self._sink.write(memoryview(data)[start:end])

    def _end_part(self) -> None:
        if self._in_file:
            self._in_file = False
            self._sink.end_file()

    def _end_form(self) -> None:
        self._complete = True


def _parse_filename(disposition: str | None) -> str | None:
    """The name of the file that a part is, by its Content-Disposition; None where it is none."""
    match = None if disposition is None else _FORM_DATA.fullmatch(disposition.strip(" \t"))
    pairs = None if match is None else scan_parameters(match["parameters"])
    parameters = None if pairs is None else dict(pairs)
    if parameters is None or "name" not in parameters:
        raise Problem(400, "a part has no valid Content-Disposition of form-data")
    value = parameters.get("filename")
    return None if value is None else _decode_filename(value)


def _decode_filename(value: str) -> str:
    if value.startswith('"'):
        # Only these two pairs: browsers leave a backslash as it is, and old ones send
        # the whole path in the manner of Windows.
        value = _QUOTED_PAIR.sub(r"\1", value[1:-1])
    value = _BROWSER_ESCAPE.sub(lambda escape: _BROWSER_ESCAPES[escape[0]], value)
    try:
        # RFC 7578 §5.1: names go as UTF-8, without saying so.
        name = value.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError as error:
        raise Problem(422, "a file name is not UTF-8") from error
    return re.split(r"[/\\]", name)[-1]
