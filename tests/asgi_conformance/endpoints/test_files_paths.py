"""Files: which paths name a file, and which must not (CONTRACT.md, Files, 404)."""

from __future__ import annotations

import os
import uuid

import pytest

from asgi_conformance.checks import check
from asgi_conformance.hosting import Subject
from asgi_conformance.material import place_file
from asgi_conformance.request_lines import skip_too_long


def _expect_missing(subject: Subject, *targets: str) -> None:
    for target in targets:
        answer = subject.client.get(target)
        skip_too_long(subject, answer)
        assert answer.status == 404, f"{target} is {answer.status}"


@check("files-path-traversal", reference="CONTRACT Files, 404")
def test_files_path_traversal(subject: Subject) -> None:
    secret = subject.files.parent / f"secret-{uuid.uuid4().hex}"
    secret.write_bytes(b"content from outside")
    below = place_file(subject.files, name="x.bin").target.rpartition("/")[0]
    climbs = (
        f"/files/../{secret.name}",
        f"/files/%2e%2e/{secret.name}",
        f"/files/%2E./{secret.name}",
        f"/files/..%2f{secret.name}",
        f"/files/%2e%2e%2f{secret.name}",
        f"/files/..%5c{secret.name}",
        f"{below}/../../{secret.name}",
        f"{below}/..%2f..%2f{secret.name}",
        f"/files/{secret}",
        f"/files/{str(secret).replace('/', '%2f')}",
    )
    for target in climbs:
        answer = subject.client.get(target)
        assert b"content from outside" not in answer.body, f"{target} gets the file outside"
        assert answer.status == 404, f"{target} is {answer.status}"


@check("files-path-segments", reference="CONTRACT Files, 404")
def test_files_path_segments(subject: Subject) -> None:
    below = place_file(subject.files, name="x.bin").target.rpartition("/")[0]
    _expect_missing(
        subject,
        f"{below}//x.bin",
        f"{below}/./x.bin",
        f"{below}/y/../x.bin",
        f"{below}/x.bin/",
        f"/files//{below.rpartition('/')[2]}/x.bin",
    )


@check("files-path-characters", reference="CONTRACT Files, 404")
def test_files_path_characters(subject: Subject) -> None:
    placed = place_file(subject.files, name="x.bin")
    placed.path.with_name("back\\slash.bin").write_bytes(b"served")
    below = placed.target.rpartition("/")[0]
    _expect_missing(
        subject,
        f"{below}/back%5cslash.bin",
        f"{below}/x.bin%00",
        f"{below}/%00",
        f"{below}/%ff.bin",
        f"{below}/{'a' * 300}",
        f"{below}/{'a/' * 3000}x",
    )


@check("files-path-directory", reference="CONTRACT Files, 404")
def test_files_path_directory(subject: Subject) -> None:
    below = place_file(subject.files, name="x.bin").target.rpartition("/")[0]
    _expect_missing(subject, below, f"{below}/", "/files/", "/files")


@check("files-path-dotfile", reference="CONTRACT Files, 404")
def test_files_path_dotfile(subject: Subject) -> None:
    placed = place_file(subject.files, name="x.bin")
    placed.path.with_name(".hidden").write_bytes(b"hidden")
    hidden = placed.path.with_name(".git")
    hidden.mkdir()
    (hidden / "config").write_bytes(b"hidden")
    below = placed.target.rpartition("/")[0]
    _expect_missing(subject, f"{below}/.hidden", f"{below}/%2ehidden", f"{below}/.git/config")


@check("files-link-inside", reference="CONTRACT Files, 404")
def test_files_link_inside(subject: Subject) -> None:
    placed = place_file(subject.files, b"linked", name="x.bin")
    placed.path.with_name("link.bin").symlink_to("x.bin")
    placed.path.with_name("up.bin").symlink_to(placed.path)
    below = placed.target.rpartition("/")[0]
    for name in ("link.bin", "up.bin"):
        answer = subject.client.get(f"{below}/{name}")
        assert (answer.status, answer.body) == (200, b"linked"), name


@check("files-link-outside", reference="CONTRACT Files, 404")
def test_files_link_outside(subject: Subject) -> None:
    outside = subject.files.parent / f"outside-{uuid.uuid4().hex}"
    outside.mkdir()
    (outside / "secret.bin").write_bytes(b"secret")
    placed = place_file(subject.files, name="x.bin")
    placed.path.with_name("file.bin").symlink_to(outside / "secret.bin")
    placed.path.with_name("directory").symlink_to(outside)
    placed.path.with_name("relative.bin").symlink_to(f"../../{outside.name}/secret.bin")
    below = placed.target.rpartition("/")[0]
    _expect_missing(
        subject, f"{below}/file.bin", f"{below}/directory/secret.bin", f"{below}/relative.bin"
    )


@check("files-link-sibling", reference="CONTRACT Files, 404")
def test_files_link_sibling(subject: Subject) -> None:
    sibling = subject.files.with_name(f"{subject.files.name}-{uuid.uuid4().hex}")
    sibling.write_bytes(b"secret")
    placed = place_file(subject.files, name="x.bin")
    placed.path.with_name("link.bin").symlink_to(sibling)
    _expect_missing(subject, placed.target.replace("x.bin", "link.bin"))


@check("files-link-dotfile", reference="CONTRACT Files, 404")
def test_files_link_dotfile(subject: Subject) -> None:
    placed = place_file(subject.files, name="x.bin")
    placed.path.with_name(".hidden").write_bytes(b"hidden")
    placed.path.with_name("link.bin").symlink_to(".hidden")
    _expect_missing(subject, placed.target.replace("x.bin", "link.bin"))


@check("files-link-broken", reference="CONTRACT Files, 404")
def test_files_link_broken(subject: Subject) -> None:
    placed = place_file(subject.files, name="x.bin")
    placed.path.with_name("dangling.bin").symlink_to("nothing.bin")
    placed.path.with_name("loop.bin").symlink_to("loop.bin")
    below = placed.target.rpartition("/")[0]
    _expect_missing(subject, f"{below}/dangling.bin", f"{below}/loop.bin")


@check("files-path-fifo", reference="CONTRACT Files, 404")
def test_files_path_fifo(subject: Subject) -> None:
    placed = place_file(subject.files, name="x.bin")
    os.mkfifo(placed.path.with_name("fifo.bin"))
    _expect_missing(subject, placed.target.replace("x.bin", "fifo.bin"))


@check("files-path-unreadable", reference="CONTRACT Files, 404")
def test_files_path_unreadable(subject: Subject) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may read every file")
    placed = place_file(subject.files)
    placed.path.chmod(0)
    _expect_missing(subject, placed.target)
