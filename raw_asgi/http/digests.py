"""Digest fields (RFC 9530) in the syntax of structured fields (RFC 9651)."""

from __future__ import annotations

import base64
import re

_SIZES = {"sha-256": 32, "sha-512": 64}

# The types of RFC 9651 §3.3, by §4.2:
_BARE_ITEM = "|".join((
    # sf-decimal = ["-"] 1*12DIGIT "." 1*3DIGIT
    r"-?[0-9]{1,12}\.[0-9]{1,3}",
    # sf-integer = ["-"] 1*15DIGIT
    r"-?[0-9]{1,15}",
    # sf-string = DQUOTE *( %x20-21 / %x23-5B / %x5D-7E / "\" ( DQUOTE / "\" ) ) DQUOTE
    r'"(?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*"',
    # sf-token = ( ALPHA / "*" ) *( tchar / ":" / "/" )
    r"[A-Za-z*][!#$%&'*+\-.^_`|~0-9A-Za-z:/]*",
    # sf-binary = ":" base64 ":"
    r":[A-Za-z0-9+/]*={0,2}:",
    # sf-boolean = "?" ( "0" / "1" )
    r"\?[01]",
    # sf-date = "@" sf-integer
    r"@-?[0-9]{1,15}",
    # sf-displaystring = "%" DQUOTE *( %x20-21 / %x23-24 / %x26-7E / "%" 2lc-hexdig ) DQUOTE
    r'%"(?:[\x20\x21\x23\x24\x26-\x7e]|%[0-9a-f]{2})*"',
))  # fmt: skip
# key = ( lcalpha / "*" ) *( lcalpha / DIGIT / "_" / "-" / "." / "*" )
_KEY = r"[a-z*][a-z0-9_\-.*]*"
# parameters = *( ";" *SP parameter ) ; parameter = key [ "=" bare-item ]
_PARAMETERS = rf"(?:;\ *{_KEY}(?:=(?:{_BARE_ITEM}))?)*"
# sf-item = bare-item parameters
_ITEM = rf"(?:{_BARE_ITEM}){_PARAMETERS}"
# inner-list = "(" *SP [ sf-item *( 1*SP sf-item ) *SP ] ")" parameters
_INNER_LIST = rf"\(\ *(?:{_ITEM}(?:\ +{_ITEM})*\ *)?\){_PARAMETERS}"
# dict-member = key ( parameters / ( "=" ( sf-item / inner-list ) ) )
_MEMBER = re.compile(
    rf"(?P<key>{_KEY})(?:=(?:(?P<item>{_BARE_ITEM}){_PARAMETERS}|{_INNER_LIST})|{_PARAMETERS})"
)
# sf-dictionary = dict-member *( OWS "," OWS dict-member )
_SEPARATOR = re.compile(r"[ \t]*,[ \t]*")


def parse_digests(value: str) -> dict[str, bytes]:
    """Read `Repr-Digest` or `Content-Digest` (RFC 9530 §2 and §3).

    Returns the digests by the names of their algorithms, of `sha-256` and
    `sha-512` only. Of members with one name the last counts. Raises
    `ValueError` when the field is no dictionary (RFC 9651 §3.2), or when one of
    these two is not a byte sequence of its algorithm's length.
    """
    members = _parse_dictionary(value.strip(" \t"))
    return {name: _decode_digest(name, item) for name, item in members.items() if name in _SIZES}


def _parse_dictionary(text: str) -> dict[str, str | None]:
    """Each key with its bare item as written; None for a boolean by default or an inner list."""
    members: dict[str, str | None] = {}
    position = 0
    # RFC 9651 §4.2: an empty text is an empty dictionary.
    while position < len(text) or members:
        member = _MEMBER.match(text, position)
        if member is None:
            raise ValueError("the digest field is not a dictionary")
        members[member["key"]] = member["item"]
        if member.end() == len(text):
            break
        separator = _SEPARATOR.match(text, member.end())
        if separator is None:
            raise ValueError("the digest field is not a dictionary")
        position = separator.end()
    return members


def _decode_digest(name: str, item: str | None) -> bytes:
    if item is None or not item.startswith(":"):
        raise ValueError(f"the {name} digest is not a byte sequence")
    # RFC 9651 §4.2.7: a parser should not fail for want of padding.
    encoded = item.strip(":").rstrip("=")
    try:
        digest = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except ValueError as error:
        raise ValueError(f"the {name} digest is not base64") from error
    if len(digest) != _SIZES[name]:
        raise ValueError(f"the {name} digest is not {_SIZES[name]} bytes long")
    return digest
