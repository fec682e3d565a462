"""The head of an HTTP/1.1 request, read as strictly as RFC 9112 allows.

What two readers could take in two ways is refused (§11.2): line ends that are not CRLF, folded
lines, space before a colon, a length told twice or in two ways.
"""

from __future__ import annotations

import re

from reference.errors import BadRequest
from reference.fields import Fields, find_tokens, find_values, parse_length
from reference.request import Request

# RFC 9112 §3: method SP request-target SP HTTP-version. A target is of characters that are
# visible; the bytes above ASCII, which a URI does not have, ASGI would have decoded.
_REQUEST_LINE = re.compile(
    rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+) ([!-\"$-~\x80-\xff]+) HTTP/([0-9])\.([0-9])"
)
# RFC 9112 §5: field-name ":" OWS field-value OWS.
_FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\0-\x08\x0a-\x1f\x7f]*?)[ \t]*")
# RFC 9112 §3.2.2: absolute-form.
_ABSOLUTE = re.compile(rb"https?://([^/?]+)(/[^?]*)?(?:\?(.*))?", re.IGNORECASE)
# RFC 9110 §7.2: uri-host [ ":" port ], empty where the target has no authority.
_HOST = re.compile(rb"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~!$&'()*+,;=%-]*)(?::[0-9]*)?")


def parse_head(head: bytes) -> Request:
    """The request of a head, which is all up to the empty line, without that.

    Raises `BadRequest`.
    """
    first, *lines = head.split(b"\r\n")
    line = _REQUEST_LINE.fullmatch(first)
    if line is None:
        raise BadRequest(400, f"malformed request line {first!r:.80}")
    method, target, major, minor = line.groups()
    if major != b"1":
        raise BadRequest(505, f"HTTP version {major.decode()}.{minor.decode()}")
    fields = [parse_field_line(line) for line in lines]
    version = "1.0" if minor == b"0" else "1.1"
    path, query, authority = _split_target(method, target)
    _check_host(version, fields)
    if authority is not None:
        # RFC 9112 §3.2.2: the target's authority takes the place of Host.
        fields = [(b"host", authority), *(f for f in fields if f[0] != b"host")]
    chunked = _is_chunked(version, fields)
    try:
        length = parse_length(find_values(fields, b"content-length"))
    except ValueError as error:
        raise BadRequest(400, str(error)) from None
    if chunked and length is not None:
        raise BadRequest(400, "both Transfer-Encoding and Content-Length")
    # ASGI has methods in upper case, whatever the client wrote.
    name = method.decode("ascii").upper()
    return Request(version, name, path, query, fields, length, chunked)


def parse_field_line(line: bytes) -> tuple[bytes, bytes]:
    """A field's name in lower case, and its value. Raises `BadRequest`."""
    match = _FIELD.fullmatch(line)
    if match is None:
        raise BadRequest(400, f"malformed field line {line!r:.80}")
    return match[1].lower(), match[2]


def _split_target(method: bytes, target: bytes) -> tuple[bytes, bytes, bytes | None]:
    """Path, query and, of the absolute form, authority."""
    if method.upper() == b"CONNECT":
        raise BadRequest(501, "CONNECT")
    if target == b"*" and method.upper() == b"OPTIONS":
        return target, b"", None
    if target.startswith(b"/"):
        path, _, query = target.partition(b"?")
        return path, query, None
    absolute = _ABSOLUTE.fullmatch(target)
    if absolute is None or not _HOST.fullmatch(absolute[1]):
        raise BadRequest(400, f"malformed request target {target!r:.80}")
    return absolute[2] or b"/", absolute[3] or b"", absolute[1]


def _check_host(version: str, fields: Fields) -> None:
    """RFC 9112 §3.2: exactly one, and valid; HTTP/1.0 may do without."""
    hosts = find_values(fields, b"host")
    if len(hosts) > 1 or (not hosts and version != "1.0"):
        raise BadRequest(400, "not exactly one Host")
    if hosts and not _HOST.fullmatch(hosts[0]):
        raise BadRequest(400, f"malformed Host {hosts[0]!r:.80}")


def _is_chunked(version: str, fields: Fields) -> bool:
    """Whether the content is chunked, the one transfer coding that is known (RFC 9112 §6.1)."""
    if not find_values(fields, b"transfer-encoding"):
        return False
    codings = find_tokens(fields, b"transfer-encoding")
    if version == "1.0":
        raise BadRequest(400, "Transfer-Encoding in HTTP/1.0")
    if codings == [b"chunked"]:
        return True
    if codings[-1:] == [b"chunked"] and b"chunked" not in codings[:-1]:
        raise BadRequest(501, f"unknown transfer coding {codings[0]!r:.80}")
    raise BadRequest(400, "the last transfer coding is not chunked, once")
