"""Uploads: digests, and the fields that forbid an upload (CONTRACT.md, PUT /uploads/{name})."""

from __future__ import annotations

from asgi_conformance.checks import check
from asgi_conformance.hosting import Subject
from asgi_conformance.uploading import (
    HELLO,
    HELLO_REPR_SHA256,
    HELLO_REPR_SHA512,
    WORLD_REPR_SHA256,
    WORLD_REPR_SHA512,
    Listing,
    choose_name,
    put,
)


def _accept(subject: Subject, *headers: tuple[str, str]) -> None:
    """Check that `hello` with these fields is stored."""
    name = choose_name()
    assert put(subject, name, HELLO, *headers).status == 201, headers
    assert subject.client.get(f"/files/{name}").body == HELLO, headers


def _refuse(subject: Subject, status: int, *headers: tuple[str, str]) -> None:
    """Check that `hello` with these fields is refused, and that nothing is stored."""
    listing = Listing(subject)
    assert put(subject, choose_name(), HELLO, *headers).status == status, headers
    assert listing.new == set(), f"{headers} is refused and leaves a file"


@check("uploads-repr-digest-sha256", reference="RFC 9530 §3")
def test_uploads_repr_digest_sha256(subject: Subject) -> None:
    _accept(subject, ("Repr-Digest", HELLO_REPR_SHA256))


@check("uploads-repr-digest-sha512", reference="RFC 9530 §3, §5")
def test_uploads_repr_digest_sha512(subject: Subject) -> None:
    _accept(subject, ("Repr-Digest", HELLO_REPR_SHA512))


@check("uploads-content-digest-sha256", reference="RFC 9530 §2")
def test_uploads_content_digest_sha256(subject: Subject) -> None:
    _accept(subject, ("Content-Digest", HELLO_REPR_SHA256))


@check("uploads-content-digest-sha512", reference="RFC 9530 §2, §5")
def test_uploads_content_digest_sha512(subject: Subject) -> None:
    _accept(subject, ("Content-Digest", HELLO_REPR_SHA512))


@check("uploads-digest-several", reference="RFC 9530 §3, RFC 9651 §3.2")
def test_uploads_digest_several(subject: Subject) -> None:
    _accept(subject, ("Repr-Digest", f"{HELLO_REPR_SHA256}, {HELLO_REPR_SHA512}"))
    _accept(subject, ("Repr-Digest", HELLO_REPR_SHA256), ("Content-Digest", HELLO_REPR_SHA512))


@check("uploads-digest-field-lines", reference="RFC 9110 §5.3")
def test_uploads_digest_field_lines(subject: Subject) -> None:
    _accept(subject, ("Repr-Digest", HELLO_REPR_SHA256), ("Repr-Digest", HELLO_REPR_SHA512))
    _refuse(subject, 422, ("Repr-Digest", HELLO_REPR_SHA256), ("Repr-Digest", WORLD_REPR_SHA512))


@check("uploads-repr-digest-mismatch", reference="CONTRACT Uploads: mismatch is 422")
def test_uploads_repr_digest_mismatch(subject: Subject) -> None:
    _refuse(subject, 422, ("Repr-Digest", WORLD_REPR_SHA256))
    _refuse(subject, 422, ("Repr-Digest", WORLD_REPR_SHA512))


@check("uploads-content-digest-mismatch", reference="CONTRACT Uploads: mismatch is 422")
def test_uploads_content_digest_mismatch(subject: Subject) -> None:
    _refuse(subject, 422, ("Content-Digest", WORLD_REPR_SHA256))
    _refuse(subject, 422, ("Content-Digest", WORLD_REPR_SHA512))


@check("uploads-digest-one-mismatch", reference="CONTRACT Uploads: mismatch is 422")
def test_uploads_digest_one_mismatch(subject: Subject) -> None:
    _refuse(subject, 422, ("Repr-Digest", f"{HELLO_REPR_SHA256}, {WORLD_REPR_SHA512}"))
    _refuse(subject, 422, ("Repr-Digest", f"{WORLD_REPR_SHA256}, {HELLO_REPR_SHA512}"))
    _refuse(subject, 422, ("Repr-Digest", HELLO_REPR_SHA256), ("Content-Digest", WORLD_REPR_SHA256))


@check("uploads-digest-mismatch-keeps-old", reference="CONTRACT Uploads: leaves nothing")
def test_uploads_digest_mismatch_keeps_old(subject: Subject) -> None:
    name = choose_name()
    put(subject, name, b"old").read_all()
    assert put(subject, name, HELLO, ("Repr-Digest", WORLD_REPR_SHA256)).status == 422
    assert subject.client.get(f"/files/{name}").body == b"old"


@check("uploads-digest-unknown-algorithm", reference="RFC 9530 §5")
def test_uploads_digest_unknown_algorithm(subject: Subject) -> None:
    for field in ("Repr-Digest", "Content-Digest"):
        _accept(subject, (field, "md5=:AAAAAAAAAAAAAAAAAAAAAA==:"))
        _accept(subject, (field, f"unixsum=:AAA=:, {HELLO_REPR_SHA256}"))


@check("uploads-digest-unknown-beside-wrong", reference="CONTRACT Uploads: mismatch is 422")
def test_uploads_digest_unknown_beside_wrong(subject: Subject) -> None:
    _refuse(subject, 422, ("Repr-Digest", f"unixsum=:AAA=:, {WORLD_REPR_SHA256}"))


@check("uploads-digest-malformed", reference="RFC 9651 §4.2")
def test_uploads_digest_malformed(subject: Subject) -> None:
    for value in (
        "sha-256=",
        "sha-256=:LPJNul",
        "sha-256=:?!:",
        f"{HELLO_REPR_SHA256} {HELLO_REPR_SHA512}",
        '"sha-256"',
        "=:LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=:",
    ):
        _refuse(subject, 400, ("Repr-Digest", value))
        _refuse(subject, 400, ("Content-Digest", value))


@check("uploads-digest-not-bytes", reference="RFC 9530 §2: a byte sequence")
def test_uploads_digest_not_bytes(subject: Subject) -> None:
    for value in ("sha-256", "sha-256=1", 'sha-256="LPJNul"', "sha-512=token", "sha-512=?1"):
        _refuse(subject, 400, ("Repr-Digest", value))


@check("uploads-content-range", reference="RFC 9110 §14.5")
def test_uploads_content_range(subject: Subject) -> None:
    _refuse(subject, 400, ("Content-Range", "bytes 0-4/10"))
    _refuse(subject, 400, ("Content-Range", "bytes 0-4/5"))


@check("uploads-content-range-keeps-old", reference="RFC 9110 §14.5")
def test_uploads_content_range_keeps_old(subject: Subject) -> None:
    name = choose_name()
    put(subject, name, b"0123456789").read_all()
    assert put(subject, name, HELLO, ("Content-Range", "bytes 0-4/10")).status == 400
    assert subject.client.get(f"/files/{name}").body == b"0123456789"


@check("uploads-content-encoding", reference="RFC 9110 §15.5.16")
def test_uploads_content_encoding(subject: Subject) -> None:
    for coding in ("gzip", "br", "unheard-of", "gzip, identity"):
        _refuse(subject, 415, ("Content-Encoding", coding))


@check("uploads-content-encoding-identity", reference="CONTRACT Uploads, Content-Encoding")
def test_uploads_content_encoding_identity(subject: Subject) -> None:
    _accept(subject, ("Content-Encoding", "identity"))
    _accept(subject, ("Content-Encoding", "Identity"))
