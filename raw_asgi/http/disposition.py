"""Content-Disposition (RFC 6266)."""

from __future__ import annotations

import re
from urllib.parse import quote

# What the plain parameter cannot carry to every recipient: other than printable
# ASCII, what a quoted-string escapes, and "%", which some would decode (RFC 6266 App. D).
_UNSAFE_IN_FALLBACK = re.compile(r'[^\x20-\x7e]|["\\%]')

# attr-char = ALPHA / DIGIT / "!" / "#" / "$" / "&" / "+" / "-" / "."
#           / "^" / "_" / "`" / "|" / "~"          (RFC 8187 §3.2.1)
_ATTR_CHARS = "!#$&+-.^_`|~"

_SURROGATE = re.compile("[\ud800-\udfff]")


def format_disposition(kind: str, filename: str) -> str:
    """Write the value of `Content-Disposition` (RFC 6266 §4).

    `kind` is the disposition type, `inline` or `attachment`. The name goes
    out twice (§4.3, App. D): as an ASCII `filename` with `_` for what it cannot
    carry, and exactly as `filename*` in UTF-8 (RFC 8187). A lone surrogate, which
    has no UTF-8 form, becomes U+FFFD there.
    """
    name = _SURROGATE.sub("\ufffd", filename)
    fallback = _UNSAFE_IN_FALLBACK.sub("_", name)
    extended = quote(name, safe=_ATTR_CHARS)
    return f"{kind}; filename=\"{fallback}\"; filename*=UTF-8''{extended}"
