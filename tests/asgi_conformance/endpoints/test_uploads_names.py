"""Uploads: the names that a file may have (CONTRACT.md, Uploads)."""

from __future__ import annotations

import json

from asgi_conformance.checks import check
from asgi_conformance.hosting import Subject
from asgi_conformance.uploading import HELLO, Listing, choose_name, put


def _refuse(subject: Subject, *targets: str) -> None:
    """Check that each name, percent-encoded, is refused and that nothing is stored."""
    listing = Listing(subject)
    for target in targets:
        answer = put(subject, target)
        assert answer.status == 422, f"/uploads/{target[:60]}"
        assert listing.new == set(), f"/uploads/{target[:60]} is refused and leaves a file"


@check("uploads-name-segment", reference="CONTRACT Uploads, name")
def test_uploads_name_segment(subject: Subject) -> None:
    unique = choose_name("")
    for target, name in {
        "two%20words": "two words",
        "a+b&c=d;e,f": "a+b&c=d;e,f",
        "q%3Fx%23y": "q?x#y",
        "100%25": "100%",
        "%2525": "%25",
        "~%7e-_.": "~~-_.",
        "-dash": "-dash",
        "C%3A": "C:",
        "%22quoted%22": '"quoted"',
    }.items():
        answer = put(subject, target + unique)
        assert answer.status == 201, target
        assert json.loads(answer.body)["name"] == name + unique, target
        assert (subject.files / (name + unique)).read_bytes() == HELLO, target


@check("uploads-name-unicode", reference="CONTRACT Uploads, name")
def test_uploads_name_unicode(subject: Subject) -> None:
    unique = choose_name()
    answer = put(subject, f"Zo%C3%AB%20%E9%9B%AA%F0%9F%8D%B5{unique}")
    assert answer.status == 201
    assert json.loads(answer.body)["name"] == f"Zoë 雪🍵{unique}"
    assert (subject.files / f"Zoë 雪🍵{unique}").read_bytes() == HELLO


@check("uploads-name-not-normalised", reference="CONTRACT Uploads, name")
def test_uploads_name_not_normalised(subject: Subject) -> None:
    unique = choose_name()
    put(subject, "%C3%A9" + unique, b"composed").read_all()
    assert put(subject, "e%CC%81" + unique, b"decomposed").status == 201
    assert subject.client.get("/files/%C3%A9" + unique).body == b"composed"


@check("uploads-name-255-bytes", reference="CONTRACT Uploads, name")
def test_uploads_name_255_bytes(subject: Subject) -> None:
    unique = choose_name("")
    for target in (unique + "x" * 223, unique + "%C3%A9" * 111 + "x"):
        assert put(subject, target).status == 201, "a name of 255 bytes of UTF-8"
        assert subject.client.get("/files/" + target).body == HELLO


@check("uploads-name-256-bytes", reference="CONTRACT Uploads, name")
def test_uploads_name_256_bytes(subject: Subject) -> None:
    _refuse(subject, "x" * 256, "%C3%A9" * 128, "x" * 4000)


@check("uploads-name-empty", reference="CONTRACT Uploads, name")
def test_uploads_name_empty(subject: Subject) -> None:
    _refuse(subject, "")


@check("uploads-name-dot", reference="CONTRACT Uploads, name")
def test_uploads_name_dot(subject: Subject) -> None:
    _refuse(subject, ".hidden", "%2Ehidden", ".", "..", "%2E%2e", "...")


@check("uploads-name-slash", reference="CONTRACT Uploads, name")
def test_uploads_name_slash(subject: Subject) -> None:
    _refuse(subject, "a%2Fb", "a%2fb", "%2Fetc%2Fx", "a%2F..%2Fb", "..%2F..%2Fb", "a%2F")


@check("uploads-name-backslash", reference="CONTRACT Uploads, name")
def test_uploads_name_backslash(subject: Subject) -> None:
    _refuse(subject, "a%5Cb", "%5c", "C%3A%5Cx", "..%5C..%5Cx")


@check("uploads-name-nul", reference="CONTRACT Uploads, name")
def test_uploads_name_nul(subject: Subject) -> None:
    _refuse(subject, "a%00b", "%00", "a.txt%00.bin")


@check("uploads-name-control", reference="CONTRACT Uploads, name")
def test_uploads_name_control(subject: Subject) -> None:
    _refuse(subject, "a%0Ab", "a%0D", "%09a", "a%1Fb", "a%7F", "a%1Bb")


@check("uploads-name-control-c1", reference="CONTRACT Uploads, name; Unicode category Cc")
def test_uploads_name_control_c1(subject: Subject) -> None:
    _refuse(subject, "a%C2%85b", "a%C2%80", "%C2%9F")


@check("uploads-name-not-a-link", severity="should", reference="CONTRACT Uploads: in one step")
def test_uploads_name_not_a_link(subject: Subject) -> None:
    name = choose_name()
    outside = subject.settings.database.with_name(choose_name())
    outside.write_bytes(b"outside")
    (subject.files / name).symlink_to(outside)
    put(subject, name, b"inside").read_all()
    assert outside.read_bytes() == b"outside", "an upload wrote through a link"
    outside.unlink()
