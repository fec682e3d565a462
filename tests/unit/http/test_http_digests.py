"""Digest fields: RFC 9530, RFC 9651."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raw_asgi.http.digests import parse_digests

# Of the empty content, and of "abc" (FIPS 180-4).
_EMPTY_256 = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
_EMPTY_256_HEX = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
_ABC_256 = "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="
_ABC_256_HEX = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
_ABC_512 = (
    "3a81oZNherrMQXNJriBBMRLm+k6JqX6iCp7u5ktV05ohkpkqJ0/BqDa6PCOj/uu9RU1EI2Q86A4qmslPpUyknw=="
)
_ABC_512_HEX = (
    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
    "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", {}),
        ("  ", {}),
        (f"sha-256=:{_ABC_256}:", {"sha-256": _ABC_256_HEX}),
        (f"sha-512=:{_ABC_512}:", {"sha-512": _ABC_512_HEX}),
        (
            f" sha-256=:{_ABC_256}:\t, sha-512=:{_ABC_512}: ",
            {"sha-256": _ABC_256_HEX, "sha-512": _ABC_512_HEX},
        ),
        # padding may be left out
        (f"sha-256=:{_ABC_256[:-1]}:", {"sha-256": _ABC_256_HEX}),
        # parameters are read over, the last member of a name counts
        (f'sha-256=:{_ABC_256}:;a;b=1; c="x"', {"sha-256": _ABC_256_HEX}),
        (f"sha-256=:{_EMPTY_256}:,sha-256=:{_ABC_256}:", {"sha-256": _ABC_256_HEX}),
        (f"sha-256=1,sha-256=:{_EMPTY_256}:", {"sha-256": _EMPTY_256_HEX}),
        # other algorithms are ignored, whatever type they have
        ("md5=:1B2M2Y8AsgTpgAmY7PhCfg==:", {}),
        ('a,b;x,c=?0,d=1,e=-1.5,f="\\"\\\\",g=tok/en:*,h=@1659578233,i=%"f%c3%bc"', {}),
        ('a=(),b=( 1  "two";q=1 :Aw==: );x=?1,*c=()', {}),
        (f"unixsum=30637, sha-256=:{_ABC_256}:", {"sha-256": _ABC_256_HEX}),
    ],
)
def test_digests(value: str, expected: dict[str, str]) -> None:
    assert {name: digest.hex() for name, digest in parse_digests(value).items()} == expected


@pytest.mark.parametrize(
    "value",
    [
        ",",
        f"sha-256=:{_ABC_256}:,",
        f",sha-256=:{_ABC_256}:",
        f"sha-256=:{_ABC_256}: sha-512=:{_ABC_512}:",
        f"SHA-256=:{_ABC_256}:",
        f"sha-256 =:{_ABC_256}:",
        f"sha-256= :{_ABC_256}:",
        f"sha-256=:{_ABC_256}",
        f"sha-256=:{_ABC_256}:x",
        f"sha-256=:{_ABC_256}:;",
        f"sha-256=:{_ABC_256}:;A",
        f"sha-256=:{_ABC_256}:\n",
        "=1",
        "1a=1",
        "a=",
        "a=+1",
        "a=1.",
        "a=1.2345",
        "a=1234567890123456",
        "a=1234567890123.1",
        'a="x',
        'a="\\x"',
        'a="\xe9"',
        "a=?2",
        "a=:=:x",
        "a=:a=b:",
        "a=@1.5",
        'a=%"%C3"',
        "a=(1",
        "a=(1,2)",
        "a=(1)2",
        'a=("x""y")',
        "a=((1))",
    ],
)
def test_malformed(value: str) -> None:
    with pytest.raises(ValueError, match="not a dictionary"):
        parse_digests(value)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("sha-256", "sha-256 digest is not a byte sequence"),
        ("sha-256=1", "sha-256 digest is not a byte sequence"),
        (f'sha-256="{_ABC_256}"', "sha-256 digest is not a byte sequence"),
        (f"sha-256=(:{_ABC_256}:)", "sha-256 digest is not a byte sequence"),
        (f"sha-256=:{_ABC_256}:, sha-256", "sha-256 digest is not a byte sequence"),
        ("sha-256=::", "sha-256 digest is not 32 bytes long"),
        ("sha-512=:Aw==:", "sha-512 digest is not 64 bytes long"),
        (f"sha-512=:{_ABC_256}:", "sha-512 digest is not 64 bytes long"),
        ("sha-256=:A:", "sha-256 digest is not base64"),
    ],
)
def test_known_algorithm_with_a_wrong_value(value: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_digests(value)


@given(st.text(alphabet='sha-256=:,;()"\\ ?1.aA', max_size=30))
def test_any_text_is_read_or_refused(value: str) -> None:
    try:
        digests = parse_digests(value)
    except ValueError:
        return
    assert digests == {}, "no text this short holds a digest"
