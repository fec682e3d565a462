"""multipart/form-data: RFC 7578, RFC 2046 §5.1."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raw_asgi.http.multipart import FormParser, parse_boundary
from raw_asgi.http.problem import Problem


class CollectingSink:
    """Keeps the name and the bytes of each file that is complete."""

    def __init__(self) -> None:
        self.files: list[tuple[str, bytes]] = []
        self.begun: list[str] = []
        self._content = bytearray()

    def begin_file(self, filename: str) -> None:
        self.begun.append(filename)
        self._content.clear()

    def write(self, data: bytes | memoryview) -> None:
        self._content += data

    def end_file(self) -> None:
        self.files.append((self.begun[-1], bytes(self._content)))


class FullSink(CollectingSink):
    """Refuses every byte, as a full disk does."""

    def write(self, data: bytes | memoryview) -> None:
        raise ValueError(f"no space left for {len(data)} bytes")


_FORM = (
    b"--XX\r\n"
    b'Content-Disposition: form-data; name="note"\r\n'
    b"\r\n"
    b"read over\r\n"
    b"--XX\r\n"
    b'Content-Disposition: form-data; name="f"; filename="a.txt"\r\n'
    b"Content-Type: text/plain\r\n"
    b"\r\n"
    b"one\r\n--X\r\n--X\r\r\n--XY two\r\n\r\n"
    b"--XX\r\n"
    b'content-disposition: Form-Data; filename="b.bin"; name=f\r\n'
    b"\r\n"
    b"\r\n"
    b"--XX--\r\n"
)
_FILES = [("a.txt", b"one\r\n--X\r\n--X\r\r\n--XY two\r\n"), ("b.bin", b"")]


def _parse(*pieces: bytes) -> list[tuple[str, bytes]]:
    sink = CollectingSink()
    parser = FormParser(b"XX", sink)
    for piece in pieces:
        parser.feed(piece)
    parser.finish()
    return sink.files


def _part(*header_lines: bytes) -> bytes:
    return b"--XX\r\n" + b"".join(line + b"\r\n" for line in header_lines) + b"\r\n\r\n--XX--\r\n"


def _refusal(*pieces: bytes) -> tuple[int, str]:
    with pytest.raises(Problem) as caught:
        _parse(*pieces)
    return caught.value.status, caught.value.detail


def test_whole() -> None:
    assert _parse(_FORM) == _FILES


def test_byte_by_byte() -> None:
    assert _parse(*(bytes([byte]) for byte in _FORM)) == _FILES


def test_with_trailing_data() -> None:
    assert _parse(_FORM + b"epilogue --XX\r\n", b"more") == _FILES


def test_without_the_last_line_end() -> None:
    assert _parse(_FORM.removesuffix(b"\r\n")) == _FILES


def test_form_without_parts() -> None:
    assert _parse(b"--XX--\r\n") == []


@given(st.lists(st.integers(0, len(_FORM)), max_size=8).map(sorted))
def test_any_pieces(cuts: list[int]) -> None:
    bounds = [0, *cuts, len(_FORM)]
    assert _parse(*(_FORM[a:b] for a, b in pairwise(bounds))) == _FILES


@given(st.lists(st.sampled_from([b"\r", b"\n", b"-", b"X", b"\r\n--X", b"a"]), max_size=12))
def test_any_content(pieces: list[bytes]) -> None:
    content = b"".join(pieces)
    if b"\r\n--XX" in b"\r\n" + content + b"\r\n":
        return
    head = b'--XX\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\n'
    assert _parse(head, *pieces, b"\r\n--XX--") == [("a", content)]


@pytest.mark.parametrize("length", range(0, len(_FORM) - len(b"--\r\n") + 2))
def test_a_form_that_breaks_off(length: int) -> None:
    assert _refusal(_FORM[:length]) == (400, "the form ends before its closing delimiter")


@pytest.mark.parametrize(
    ("disposition", "expected"),
    [
        (b'form-data; name="f"; filename="a.txt"', "a.txt"),
        (b"form-data; name=f; filename=a.txt", "a.txt"),
        (b'form-data ; NAME="f" ; FileName="a.txt" ;', "a.txt"),
        (b'form-data; name="f"; filename=""', ""),
        (b'form-data; name="f"; filename="a;b, c=d.txt"', "a;b, c=d.txt"),
        # RFC 7578 §5.1, WHATWG HTML: UTF-8, and three characters percent-encoded
        (b'form-data; name="f"; filename="\xe2\x82\xac.txt"', "\u20ac.txt"),
        (b'form-data; name="f"; filename="a%22b.txt"', 'a"b.txt'),
        (b'form-data; name="f"; filename="a%0D%0Ab"', "a\r\nb"),
        (b'form-data; name="f"; filename="100%25%2e%2F"', "100%25%2e%2F"),
        # backslashes: as quoted-pairs, and as browsers leave them
        (b'form-data; name="f"; filename="a\\"b.txt"', 'a"b.txt'),
        (b'form-data; name="f"; filename="C:\\dir\\n.txt"', "n.txt"),
        (b'form-data; name="f"; filename="C:\\\\dir\\\\n.txt"', "n.txt"),
        # directories are dropped
        (b'form-data; name="f"; filename="/etc/passwd"', "passwd"),
        (b'form-data; name="f"; filename="../../x"', "x"),
        (b'form-data; name="f"; filename="dir/"', ""),
        (b'form-data; name="f"; filename=".."', ".."),
        # §4.2: filename* is not to be used
        (b"form-data; name=f; filename=a; filename*=UTF-8''%e2%82%ac", "a"),
    ],
)
def test_filename(disposition: bytes, expected: str) -> None:
    assert _parse(_part(b"Content-Disposition: " + disposition)) == [(expected, b"")]


def test_filename_in_the_extended_form_alone_makes_no_file() -> None:
    disposition = b"Content-Disposition: form-data; name=f; filename*=UTF-8''a"
    assert _parse(_part(disposition)) == []


def test_filename_that_is_not_utf_8() -> None:
    disposition = b'Content-Disposition: form-data; name="f"; filename="\xff.txt"'
    assert _refusal(_part(disposition)) == (422, "a file name is not UTF-8")


@pytest.mark.parametrize(
    "header_lines",
    [
        (),
        (b"Content-Type: text/plain",),
        (b"Content-Disposition:",),
        (b'Content-Disposition: attachment; name="f"; filename="a"',),
        (b'Content-Disposition: form-data-x; name="f"',),
        (b"Content-Disposition: form-data",),
        (b'Content-Disposition: form-data; filename="a"',),
        (b'Content-Disposition: form-data; name="f"; filename="a',),
        (b'Content-Disposition: form-data; name="f"; filename=a b',),
        (b'Content-Disposition: form-data; name="f"; filename="a"; filename="b"',),
        (b'Content-Disposition: form-data; name="f"; filename="a\x01b"',),
    ],
)
def test_disposition_that_is_missing_or_malformed(header_lines: tuple[bytes, ...]) -> None:
    detail = "a part has no valid Content-Disposition of form-data"
    assert _refusal(_part(*header_lines)) == (400, detail)


def test_disposition_twice() -> None:
    line = b'Content-Disposition: form-data; name="f"'
    assert _refusal(_part(line, line)) == (400, "a part has Content-Disposition twice")


@pytest.mark.parametrize("byte", [b"\n", b"\0"])
def test_header_value_with_a_forbidden_byte(byte: bytes) -> None:
    lines = (b"A: b" + byte + b"c", b'Content-Disposition: form-data; name="f"')
    assert _refusal(_part(*lines)) == (400, "a part's header has LF or NUL in its value")


@pytest.mark.parametrize(
    "form",
    [
        b"not a form",
        b"--YY\r\n",
        b"--XX\n",
        b"--XXY\r\n",
        b"--XX-x",
        b"--XX\r\n: b\r\n",
        b"--XX\r\nA B: c\r\n",
        b"--XX\r\nA: b\rc",
        b"--XX\r\nA: b\r\n\rc",
    ],
)
def test_malformed(form: bytes) -> None:
    assert _refusal(form) == (400, "the form is malformed")


_EMPTY_PART = b'--XX\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\n\r\n'


def test_one_hundred_parts_are_taken() -> None:
    assert len(_parse(_EMPTY_PART * 100 + b"--XX--")) == 100


def test_more_than_one_hundred_parts_are_refused() -> None:
    assert _refusal(_EMPTY_PART * 101) == (400, "the form has more than 100 parts")


_LINE = b'Content-Disposition: form-data; name="f"; filename="a"'


@pytest.mark.parametrize(
    "header_lines",
    [
        (_LINE, b"A: " + b"b" * 16384),
        (_LINE, b"A" * 16385 + b": b"),
        (_LINE, *(b"A: " + b"b" * 4000,) * 5),
        (_LINE, *(b"A: b",) * 4000),
        (_LINE, *(b"A:",) * 5000),
        (_LINE, *(b"A:" + b" " * 1000 + b"b",) * 20),
    ],
    ids=["value", "name", "long lines", "short lines", "empty lines", "white space"],
)
@pytest.mark.parametrize("size", [1 << 20, 7], ids=["whole", "in pieces"])
def test_header_section_that_is_too_large(header_lines: tuple[bytes, ...], size: int) -> None:
    form = _part(*header_lines)
    status, detail = _refusal(*(form[at : at + size] for at in range(0, len(form), size)))
    assert status == 400
    assert detail in ("a part's headers exceed 16384 bytes", "the form is malformed")


def test_header_section_that_is_just_small_enough() -> None:
    filler = b"A: " + b"b" * (16384 - len(_LINE) - len(b"\r\nA: "))
    assert _parse(_part(_LINE, filler)) == [("a", b"")]
    assert _refusal(_part(_LINE, filler + b"b"))[0] == 400


def test_each_part_has_a_header_section_of_its_own() -> None:
    head = b"--XX\r\n" + _LINE + b"\r\nA: " + b"b" * 10000 + b"\r\n\r\n"
    assert _parse(head + b"1\r\n", head + b"2\r\n--XX--") == [("a", b"1"), ("a", b"2")]


def test_what_the_sink_raises_passes_through() -> None:
    parser = FormParser(b"XX", FullSink())
    with pytest.raises(ValueError, match="no space left"):
        parser.feed(_FORM)


def test_nothing_after_finish() -> None:
    parser = FormParser(b"XX", CollectingSink())
    parser.feed(_FORM)
    parser.finish()
    with pytest.raises(RuntimeError, match="already finished or broken"):
        parser.feed(b"")
    with pytest.raises(RuntimeError, match="already finished or broken"):
        parser.finish()


def test_nothing_after_an_error() -> None:
    sink = CollectingSink()
    parser = FormParser(b"XX", sink)
    with pytest.raises(Problem):
        parser.feed(b"not a form")
    with pytest.raises(RuntimeError, match="already finished or broken"):
        parser.feed(_FORM)
    assert sink.begun == []


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("multipart/form-data; boundary=XX", b"XX"),
        # RFC 2046 §5.1.1
        ('Multipart/Form-Data; charset=utf-8; Boundary="gc0p:08j"', b"gc0p:08j"),
        ('multipart/form-data; boundary="a b"', b"a b"),
        ("multipart/form-data; boundary=" + "x" * 70, b"x" * 70),
        ('multipart/form-data; boundary="\'()+_,-./:=?"', b"'()+_,-./:=?"),
    ],
)
def test_boundary(content_type: str, expected: bytes) -> None:
    assert parse_boundary(content_type) == expected


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("", 415),
        ("text/plain; boundary=XX", 415),
        ("multipart/mixed; boundary=XX", 415),
        ("multipart/form-data-x; boundary=XX", 415),
        ("multipart/form-data", 400),
        ("multipart/form-data; boundary", 400),
        ("multipart/form-data; boundary=", 400),
        ('multipart/form-data; boundary=""', 400),
        ('multipart/form-data; boundary="a "', 400),
        ('multipart/form-data; boundary="a', 400),
        ("multipart/form-data; boundary=a;boundary=b", 400),
        ("multipart/form-data; boundary=" + "x" * 71, 400),
        ("multipart/form-data; boundary=a*b", 400),
        ('multipart/form-data; boundary="\xe9"', 400),
    ],
)
def test_no_boundary(content_type: str, status: int) -> None:
    with pytest.raises(Problem) as caught:
        parse_boundary(content_type)
    assert caught.value.status == status
