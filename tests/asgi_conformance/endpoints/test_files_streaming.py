"""Files: what happens while a file is sent (CONTRACT.md: no-clean-end, cancel, flow)."""

from __future__ import annotations

import os

import pytest

from asgi_conformance.checks import check
from asgi_conformance.exchange import Ending
from asgi_conformance.holding import SAYS_WHY, hold_in_midst, is_path_sent
from asgi_conformance.hosting import Subject
from asgi_conformance.material import PlacedFile, place_file

_MEBIBYTE = 1024 * 1024


def _place_large(subject: Subject, size: int) -> PlacedFile:
    """A file of zeros that takes no room on the disk."""
    placed = place_file(subject.files, b"")
    os.truncate(placed.path, size)
    return placed


@check("files-shrinking", rule="no-clean-end", reference="RFC 9112 §8")
def test_files_shrinking(subject: Subject) -> None:
    placed = _place_large(subject, 8 * _MEBIBYTE)
    answer = hold_in_midst(subject, placed.target)
    record = subject.record(answer)
    os.truncate(placed.path, 1)
    record.release()
    assert answer.status == 200
    assert answer.ending in (Ending.TRUNCATED, Ending.RESET)
    assert len(answer.body) < 8 * _MEBIBYTE


@check("files-growing", reference="CONTRACT Files", slow=True)
def test_files_growing(subject: Subject) -> None:
    placed = _place_large(subject, 8 * _MEBIBYTE)
    answer = hold_in_midst(subject, placed.target)
    record = subject.record(answer)
    with placed.path.open("ab") as file:
        file.write(b"more")
    record.release()
    assert answer.ending is Ending.CLEAN
    assert answer.body == bytes(8 * _MEBIBYTE), "more, or other, than the file that was opened"


@check("files-replaced", reference="CONTRACT Files")
def test_files_replaced(subject: Subject) -> None:
    placed = _place_large(subject, 8 * _MEBIBYTE)
    answer = hold_in_midst(subject, placed.target)
    record = subject.record(answer)
    place_file(subject.files, b"new").path.replace(placed.path)
    record.release()
    assert answer.body == bytes(8 * _MEBIBYTE), "the body is not that of the file that was opened"
    assert subject.client.get(placed.target).body == b"new"


@check("files-streamed", rule="flow", reference="CONTRACT flow")
def test_files_streamed(subject: Subject) -> None:
    placed = _place_large(subject, 8 * _MEBIBYTE)
    answer = hold_in_midst(subject, placed.target)
    if is_path_sent(subject, answer):
        pytest.skip(SAYS_WHY)
    record = subject.record(answer)
    assert record.body_bytes_offered <= _MEBIBYTE
    record.release()
    assert answer.ending is Ending.CLEAN


@check("files-slow-reader", rule="flow", reference="CONTRACT flow", slow=True)
def test_files_slow_reader(subject: Subject) -> None:
    placed = _place_large(subject, 256 * _MEBIBYTE)
    answer = subject.client.request("GET", placed.target, receive_buffer=4096)
    assert answer.status == 200
    record = subject.record(answer)
    record.wait_for_quiet()
    assert record.body_bytes_offered < 16 * _MEBIBYTE
    other = subject.client.get(place_file(subject.files).target)
    assert other.body == b"0123456789", "a slow reader keeps another from its file"


@check("files-client-resets", rule="cancel", reference="CONTRACT cancel")
def test_files_client_resets(subject: Subject) -> None:
    placed = _place_large(subject, 256 * _MEBIBYTE)
    answer = subject.client.request("GET", placed.target, receive_buffer=4096)
    assert answer.read_chunk()
    assert subject.open_files(placed.path), "the file is not open while it is sent"
    answer.connection.reset()
    subject.record(answer).wait_for_end()
    assert subject.releases(placed.path), "the file is still open"


@check("files-client-closes", rule="cancel", reference="CONTRACT cancel")
def test_files_client_closes(subject: Subject) -> None:
    placed = _place_large(subject, 256 * _MEBIBYTE)
    answer = subject.client.request("GET", placed.target, receive_buffer=4096)
    assert answer.read_chunk()
    answer.connection.close()
    subject.record(answer).wait_for_end()
    assert subject.releases(placed.path), "the file is still open"


@check("files-client-leaves-held", rule="cancel", reference="CONTRACT cancel")
def test_files_client_leaves_held(subject: Subject) -> None:
    placed = _place_large(subject, 8 * _MEBIBYTE)
    answer = hold_in_midst(subject, placed.target)
    record = subject.record(answer)
    answer.connection.reset()
    record.wait_for_end()
    assert subject.releases(placed.path), "the file is still open"


@check("files-closed-after-answer", rule="cancel", reference="CONTRACT cancel")
def test_files_closed_after_answer(subject: Subject) -> None:
    placed = place_file(subject.files)
    tag = subject.client.get(placed.target).header("etag") or ""
    subject.client.head(placed.target)
    subject.client.get(placed.target, headers=[("If-None-Match", tag)])
    subject.client.get(placed.target, headers=[("Range", "bytes=99-")])
    subject.client.get(placed.target, headers=[("Range", "bytes=0-1,3-4")])
    subject.client.get(placed.target + "?download=2")
    assert subject.releases(placed.path), "the file is still open"


@check("files-leaving-is-no-error", rule="cancel", reference="CONTRACT cancel")
def test_files_leaving_is_no_error(subject: Subject) -> None:
    placed = _place_large(subject, 256 * _MEBIBYTE)
    answer = subject.client.request("GET", placed.target, receive_buffer=4096)
    assert answer.read_chunk()
    answer.connection.reset()
    ending = subject.record(answer).wait_for_end()
    assert ending.how != "raised", f"the application raised {ending.error}"
    assert "Traceback" not in subject.output()
