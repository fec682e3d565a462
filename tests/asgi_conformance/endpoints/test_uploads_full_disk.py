"""Uploads: the disk takes no more (CONTRACT.md, Uploads: 507).

The system is told to let the server's process write no file beyond 256 KiB, which fails as a
full disk does, and harms nobody.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from asgi_conformance.cells import Cell
from asgi_conformance.checks import check
from asgi_conformance.hosting import Host, Subject
from asgi_conformance.uploading import END, Listing, choose_name, file_part, post_form, put

resource = pytest.importorskip("resource", reason="this system has no limits of a process")

_ROOM = 262144
_TOO_MUCH = bytes(400000)


@pytest.fixture(scope="module")
def asgi_host(asgi_cell: Cell, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """A server whose files cannot grow beyond `_ROOM` bytes."""
    if not hasattr(resource, "prlimit"):
        pytest.skip("this system limits no other process")
    host = Host(asgi_cell, tmp_path_factory.mktemp(f"full-{asgi_cell}"))
    try:
        # Of a server that has workers, which of its processes writes is its own matter.
        for pid in host.attach().process.pids:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (_ROOM, _ROOM))
        yield host
    finally:
        host.stop()


@check("uploads-disk-full", reference="RFC 4918 §11.5", own=True)
def test_uploads_disk_full(subject: Subject) -> None:
    assert put(subject, choose_name(), _TOO_MUCH).status == 507


@check("uploads-disk-full-leaves-nothing", reference="CONTRACT Uploads: leaves nothing", own=True)
def test_uploads_disk_full_leaves_nothing(subject: Subject) -> None:
    listing = Listing(subject)
    put(subject, choose_name(), _TOO_MUCH).read_all()
    assert listing.new == set()


@check("uploads-disk-full-keeps-old", reference="CONTRACT Uploads: old or new", own=True)
def test_uploads_disk_full_keeps_old(subject: Subject) -> None:
    name = choose_name()
    put(subject, name, b"old").read_all()
    assert put(subject, name, _TOO_MUCH).status == 507
    assert subject.client.get(f"/files/{name}").body == b"old"


@check("uploads-disk-full-form", reference="CONTRACT POST /uploads: all or nothing", own=True)
def test_uploads_disk_full_form(subject: Subject) -> None:
    listing = Listing(subject)
    form = file_part(choose_name(), b"good") + file_part(choose_name(), _TOO_MUCH) + END
    assert post_form(subject, form).status == 507
    assert listing.new == set()


@check("uploads-disk-full-serves-on", reference="CONTRACT Uploads", own=True)
def test_uploads_disk_full_serves_on(subject: Subject) -> None:
    put(subject, choose_name(), _TOO_MUCH).read_all()
    assert put(subject, choose_name(), bytes(_ROOM)).status == 201


@check("uploads-disk-full-is-no-crash", rule="problem", reference="CONTRACT problem", own=True)
def test_uploads_disk_full_is_no_crash(subject: Subject) -> None:
    answer = put(subject, choose_name(), _TOO_MUCH)
    assert answer.header("content-type") == "application/problem+json"
    assert str(subject.files).encode() not in answer.body, "the problem tells the server's path"
    assert "Traceback" not in subject.output()
