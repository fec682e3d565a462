"""Mistakes in how the parts of a form are told from each other, and their headers read."""

from __future__ import annotations

import re

from broken.messages import change_request_body
from raw_asgi.asgi.types import ASGIApp


def any_line_of_dashes_is_a_delimiter(app: ASGIApp) -> ASGIApp:
    """LF before `--b` will do."""
    return change_request_body(app, lambda body: re.sub(rb"(?<!\r)\n--b", b"\r\n--b", body))


def loses_a_cr_between_pieces(app: ASGIApp) -> ASGIApp:
    """What ends in CR, with its LF in the next piece, ends without."""
    return change_request_body(app, lambda body: body.removesuffix(b"\r"))


def a_form_begins_with_its_delimiter(app: ASGIApp) -> ASGIApp:
    return change_request_body(app, lambda body: body.replace(b"what goes before\r\n--b", b"x"))


def reads_over_the_preamble(app: ASGIApp) -> ASGIApp:
    """No mistake: what the parser of the application does not do."""
    return change_request_body(app, lambda body: body.replace(b"what goes before\r\n", b""))


def reads_on_after_the_end(app: ASGIApp) -> ASGIApp:
    """A part that follows the closing delimiter is one of the form."""
    return change_request_body(
        app, lambda body: re.sub(rb"(?s)--b--\r\n[^-]*(?=--b\r\n)", b"", body)
    )


def compares_header_names_exactly(app: ASGIApp) -> ASGIApp:
    return change_request_body(app, lambda body: body.replace(b"content-disp", b"other-disp"))


def reads_over_malformed_headers(app: ASGIApp) -> ASGIApp:
    # In a section of two lines the second.
    malformed = re.compile(rb"(\r\nContent-Disposition: [^\r]*\r\n)(?!Content-Type)[^\r]+\r\n")
    return change_request_body(app, lambda body: malformed.sub(rb"\1", body))


def parts_without_disposition_are_fields(app: ASGIApp) -> ASGIApp:
    field = b'--b\r\nContent-Disposition: form-data; name="f"\r\nContent-Type'
    return change_request_body(app, lambda body: body.replace(b"--b\r\nContent-Type", field))


def any_disposition_will_do(app: ASGIApp) -> ASGIApp:
    return change_request_body(app, lambda body: body.replace(b": attachment;", b": form-data;"))


def empty_files_are_fields(app: ASGIApp) -> ASGIApp:
    empty = re.compile(rb'; filename="[^"]*"(?=\r\n[^\r]*\r\n\r\n\r\n--)')
    return change_request_body(app, lambda body: empty.sub(b"", body))


def files_without_name_are_fields(app: ASGIApp) -> ASGIApp:
    return change_request_body(app, lambda body: body.replace(b'; filename=""', b""))


def files_of_bad_names_are_fields(app: ASGIApp) -> ASGIApp:
    return change_request_body(app, lambda body: re.sub(rb'; filename="\.[^"]*"', b"", body))


def filenames_are_latin_1(app: ASGIApp) -> ASGIApp:
    def decode(filename: re.Match[bytes]) -> bytes:
        return filename[0].decode("latin-1").encode()

    return change_request_body(app, lambda body: re.sub(rb'(?<=filename=")[^"]+', decode, body))


def first_of_a_name_wins(app: ASGIApp) -> ASGIApp:
    """Gives the later parts of a name another one."""

    def change(body: bytes) -> bytes:
        named = re.search(rb'filename="([^"]+)"', body)
        if named is None:
            return body
        first, again, rest = body.partition(named[0])
        return first + again + rest.replace(named[0], b'filename="other-' + named[1] + b'"')

    return change_request_body(app, change)


def fields_are_files(app: ASGIApp) -> ASGIApp:
    def change(body: bytes) -> bytes:
        return body.replace(b'name="field"', b'name="field"; filename="field"')

    return change_request_body(app, change)


def keeps_directories(app: ASGIApp) -> ASGIApp:
    return change_request_body(
        app, lambda body: re.sub(rb'filename="[^"]*[/\\]', b'filename=".', body)
    )
