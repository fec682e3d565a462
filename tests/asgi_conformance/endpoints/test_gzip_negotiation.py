"""Gzip: which clients are answered in it (CONTRACT.md, Gzip; RFC 9110 §12.5.3)."""

from __future__ import annotations

import pytest

from asgi_conformance.checks import check
from asgi_conformance.coding import expected_coding, read_coding, write_text
from asgi_conformance.exchange import Exchange
from asgi_conformance.hosting import Subject
from asgi_conformance.material import place_file


@pytest.fixture
def target(subject: Subject) -> str:
    """The target of a text that is worth compressing."""
    return place_file(subject.files, write_text(2000), suffix=".txt").target


def _expect(subject: Subject, target: str, coding: str, values: tuple[str, ...]) -> None:
    """Assert that an answer to each value of `Accept-Encoding` has that coding."""
    for value in values:
        answer = subject.client.get(target, headers=[("Accept-Encoding", value)])
        assert answer.status == 200, f"Accept-Encoding: {value}"
        assert read_coding(answer) == coding, f"Accept-Encoding: {value}"
        assert answer.body == write_text(2000), f"Accept-Encoding: {value}"


@check("gzip-accepted", rule="gzip", reference="RFC 9110 §12.5.3")
def test_gzip_accepted(subject: Subject, target: str) -> None:
    _expect(subject, target, expected_coding(subject), ("gzip",))


@check("gzip-accepted-any-case", rule="gzip", reference="RFC 9110 §8.4.1")
def test_gzip_accepted_any_case(subject: Subject, target: str) -> None:
    _expect(subject, target, expected_coding(subject), ("GZIP", "Gzip", "gZiP;q=0.5"))


@check("gzip-accepted-among-others", rule="gzip", reference="RFC 9110 §12.5.3")
def test_gzip_accepted_among_others(subject: Subject, target: str) -> None:
    values = (
        "deflate, gzip",
        "gzip, deflate, br, zstd",
        "br,gzip",
        "compress;q=0.5, gzip;q=1.0",
        "br;q=0, gzip",
        "unheard-of , gzip",
    )
    _expect(subject, target, expected_coding(subject), values)


@check("gzip-accepted-with-quality", rule="gzip", reference="RFC 9110 §12.4.2")
def test_gzip_accepted_with_quality(subject: Subject, target: str) -> None:
    values = ("gzip;q=1", "gzip;q=1.000", "gzip; q=0.5", "gzip ;q=0.001", "gzip\t;\tq=0.01")
    _expect(subject, target, expected_coding(subject), values)


@check("gzip-accepted-quality-any-case", rule="gzip", reference="RFC 9110 §12.4.2")
def test_gzip_accepted_quality_any_case(subject: Subject, target: str) -> None:
    _expect(subject, target, expected_coding(subject), ("gzip;Q=1",))
    _expect(subject, target, "identity", ("gzip;Q=0",))


@check("gzip-accepted-by-star", rule="gzip", reference="RFC 9110 §12.5.3")
def test_gzip_accepted_by_star(subject: Subject, target: str) -> None:
    values = ("*", "*;q=0.1", "br;q=1, *;q=0.5", "identity;q=0, *")
    _expect(subject, target, expected_coding(subject), values)


@check("gzip-accepted-beside-identity", rule="gzip", reference="RFC 9110 §12.5.3")
def test_gzip_accepted_beside_identity(subject: Subject, target: str) -> None:
    values = (
        "gzip, identity",
        "identity;q=0.5, gzip",
        "identity;q=0.5, gzip;q=0.5",
        "identity;q=0, gzip;q=0.1",
        "gzip;q=0.8, identity;q=0.7, *;q=0",
    )
    _expect(subject, target, expected_coding(subject), values)


@check("gzip-accepted-empty-elements", rule="gzip", reference="RFC 9110 §5.6.1.2")
def test_gzip_accepted_empty_elements(subject: Subject, target: str) -> None:
    _expect(subject, target, expected_coding(subject), (", gzip", "br,,gzip", "gzip,"))


@check("gzip-accepted-x-gzip", severity="should", rule="gzip", reference="RFC 9110 §8.4.1.3")
def test_gzip_accepted_x_gzip(subject: Subject, target: str) -> None:
    _expect(subject, target, expected_coding(subject), ("x-gzip",))


@check("gzip-accepted-in-lines", rule="gzip", reference="RFC 9110 §5.3")
def test_gzip_accepted_in_lines(subject: Subject, target: str) -> None:
    headers = [("Accept-Encoding", "br"), ("accept-encoding", "gzip;q=0.5")]
    answer = subject.client.get(target, headers=headers)
    assert read_coding(answer) == expected_coding(subject)


@check("gzip-refused-by-quality", rule="gzip", reference="RFC 9110 §12.4.2")
def test_gzip_refused_by_quality(subject: Subject, target: str) -> None:
    values = ("gzip;q=0", "gzip;q=0.0", "gzip; q=0.000", "br, gzip;q=0", "gzip;q=0, deflate")
    _expect(subject, target, "identity", values)


@check("gzip-refused-despite-star", rule="gzip", reference="RFC 9110 §12.5.3")
def test_gzip_refused_despite_star(subject: Subject, target: str) -> None:
    _expect(subject, target, "identity", ("gzip;q=0, *", "*;q=1, gzip;q=0"))


@check("gzip-refused-by-star", rule="gzip", reference="RFC 9110 §12.5.3")
def test_gzip_refused_by_star(subject: Subject, target: str) -> None:
    _expect(subject, target, "identity", ("*;q=0, identity", "identity, *;q=0", "br, *;q=0.0"))


@check("gzip-refused-unnamed", rule="gzip", reference="RFC 9110 §12.5.3")
def test_gzip_refused_unnamed(subject: Subject, target: str) -> None:
    _expect(subject, target, "identity", ("identity", "br", "deflate, br;q=0.9", "zstd"))


@check("gzip-refused-other-names", rule="gzip", reference="RFC 9110 §8.4.1")
def test_gzip_refused_other_names(subject: Subject, target: str) -> None:
    _expect(subject, target, "identity", ("notgzip", "gzipped", "gzip-x", "x-not-gzip", "zip"))


@check("gzip-refused-by-empty", rule="gzip", reference="RFC 9110 §12.5.3")
def test_gzip_refused_by_empty(subject: Subject, target: str) -> None:
    _expect(subject, target, "identity", ("",))


@check("gzip-identity-preferred", rule="gzip", reference="CONTRACT Gzip: prefers identity")
def test_gzip_identity_preferred(subject: Subject, target: str) -> None:
    values = (
        "identity, gzip;q=0.5",
        "gzip;q=0.5, identity;q=0.6",
        "identity;q=1.0, *;q=0.5",
        "br, gzip;q=0.1, identity;q=0.11",
    )
    _expect(subject, target, "identity", values)


@check("gzip-unasked", severity="should", rule="gzip", reference="RFC 9110 §12.5.3")
def test_gzip_unasked(subject: Subject, target: str) -> None:
    request = f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n"
    answer: Exchange = subject.client.send(request.encode())
    assert read_coding(answer) == "identity", "a client that says nothing may not know gzip"
