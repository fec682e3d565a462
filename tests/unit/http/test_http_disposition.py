"""Content-Disposition: RFC 6266, RFC 8187."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raw_asgi.http.disposition import format_disposition


@pytest.mark.parametrize(
    ("filename", "expected"),
    [
        ("a.txt", "filename=\"a.txt\"; filename*=UTF-8''a.txt"),
        ("a b.txt", "filename=\"a b.txt\"; filename*=UTF-8''a%20b.txt"),
        # RFC 6266 §5 and RFC 8187 §3.2.3
        ("\u20ac rates", "filename=\"_ rates\"; filename*=UTF-8''%E2%82%AC%20rates"),
        ("na\u00efve.csv", "filename=\"na_ve.csv\"; filename*=UTF-8''na%C3%AFve.csv"),
        ('a"b\\c%41', "filename=\"a_b_c_41\"; filename*=UTF-8''a%22b%5Cc%2541"),
        ("a\r\nb\0c\x7f", "filename=\"a__b_c_\"; filename*=UTF-8''a%0D%0Ab%00c%7F"),
        ("a;b='c'*", "filename=\"a;b='c'*\"; filename*=UTF-8''a%3Bb%3D%27c%27%2A"),
        ("!#$&+-.^_`|~", "filename=\"!#$&+-.^_`|~\"; filename*=UTF-8''!#$&+-.^_`|~"),
        ("a/b", "filename=\"a/b\"; filename*=UTF-8''a%2Fb"),
        ("\udce9.txt", "filename=\"_.txt\"; filename*=UTF-8''%EF%BF%BD.txt"),
        ("\U0001f600", "filename=\"_\"; filename*=UTF-8''%F0%9F%98%80"),
    ],
)
def test_both_parameters(filename: str, expected: str) -> None:
    assert format_disposition("attachment", filename) == f"attachment; {expected}"


def test_kind() -> None:
    assert format_disposition("inline", "a").startswith("inline; ")


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=20))
def test_the_name_survives_in_one_ascii_line(filename: str) -> None:
    written = format_disposition("attachment", filename)
    match = re.fullmatch(
        r"attachment; filename=\"[ !#$&-\[\]-~]*\"; filename\*=UTF-8''([!#$&+\-.^_`|~0-9A-Za-z%]*)",
        written,
    )
    assert match is not None, written
    assert unquote(match[1], errors="strict") == filename
