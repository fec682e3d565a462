"""Files: what happens while a file is sent (CONTRACT.md: no-clean-end, cancel, flow)."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest

from asgi_conformance.checks import check
from asgi_conformance.exchange import Ending
from asgi_conformance.holding import SAYS_WHY, hold_in_midst, is_path_sent
from asgi_conformance.hosting import Subject
from asgi_conformance.material import PlacedFile, place_file

_MEBIBYTE = 1024 * 1024
_VAST = 256  # mebibytes
_VAST_COMPRESSED = 32  # they are written, and kept on the disk


Placing = Callable[[int], PlacedFile]


@pytest.fixture
def place_large(subject: Subject) -> Iterator[Placing]:
    """Places a file of so many mebibytes, which is gone after the check.

    Its zeros take no room on the disk. Where they would be compressed, to next to nothing, they
    are random bytes.
    """
    placed: list[PlacedFile] = []

    def place(mebibytes: int) -> PlacedFile:
        placed.append(place_file(subject.files, b""))
        if subject.gzip:
            with placed[-1].path.open("wb") as file:
                for _ in range(mebibytes):
                    file.write(os.urandom(_MEBIBYTE))
        else:
            os.truncate(placed[-1].path, mebibytes * _MEBIBYTE)
        return placed[-1]

    yield place
    for each in placed:
        each.path.unlink()


@pytest.fixture
def vast(subject: Subject, place_large: Placing) -> PlacedFile:
    """A file that is not sent as long as nobody reads: more than all buffers on the way take."""
    return place_large(_VAST_COMPRESSED if subject.gzip else _VAST)


@check("files-shrinking", rule="no-clean-end", reference="RFC 9112 §8")
def test_files_shrinking(subject: Subject, place_large: Placing) -> None:
    placed = place_large(8)
    answer = hold_in_midst(subject, placed.target)
    record = subject.record(answer)
    os.truncate(placed.path, 1)
    record.release()
    assert answer.status == 200
    assert answer.ending in (Ending.TRUNCATED, Ending.RESET)
    assert len(answer.body) < 8 * _MEBIBYTE


@check("files-growing", reference="CONTRACT Files", slow=True)
def test_files_growing(subject: Subject, place_large: Placing) -> None:
    placed = place_large(8)
    content = placed.path.read_bytes()
    answer = hold_in_midst(subject, placed.target)
    record = subject.record(answer)
    with placed.path.open("ab") as file:
        file.write(b"more")
    record.release()
    assert answer.ending is Ending.CLEAN
    assert answer.body == content, "more, or other, than the file that was opened"


@check("files-replaced", reference="CONTRACT Files")
def test_files_replaced(subject: Subject, place_large: Placing) -> None:
    placed = place_large(8)
    content = placed.path.read_bytes()
    answer = hold_in_midst(subject, placed.target)
    record = subject.record(answer)
    place_file(subject.files, b"new").path.replace(placed.path)
    record.release()
    assert answer.body == content, "the body is not that of the file that was opened"
    assert subject.client.get(placed.target).body == b"new"


@check("files-streamed", rule="flow", reference="CONTRACT flow")
def test_files_streamed(subject: Subject, place_large: Placing) -> None:
    placed = place_large(8)
    answer = hold_in_midst(subject, placed.target)
    if is_path_sent(subject, answer):
        pytest.skip(SAYS_WHY)
    record = subject.record(answer)
    assert record.body_bytes_offered <= _MEBIBYTE
    record.release()
    assert answer.ending is Ending.CLEAN


@check("files-slow-reader", rule="flow", reference="CONTRACT flow", slow=True)
def test_files_slow_reader(subject: Subject, vast: PlacedFile) -> None:
    answer = subject.client.request("GET", vast.target, receive_buffer=4096)
    assert answer.status == 200
    record = subject.record(answer)
    record.wait_for_quiet()
    assert record.body_bytes_offered < 16 * _MEBIBYTE
    other = subject.client.get(place_file(subject.files).target)
    assert other.body == b"0123456789", "a slow reader keeps another from its file"


@check("files-client-resets", rule="cancel", reference="CONTRACT cancel")
def test_files_client_resets(subject: Subject, vast: PlacedFile) -> None:
    answer = subject.client.request("GET", vast.target, receive_buffer=4096)
    assert answer.read_chunk()
    assert subject.open_files(vast.path), "the file is not open while it is sent"
    answer.connection.reset()
    subject.record(answer).wait_for_end()
    assert subject.releases(vast.path), "the file is still open"


@check("files-client-closes", rule="cancel", reference="CONTRACT cancel")
def test_files_client_closes(subject: Subject, vast: PlacedFile) -> None:
    answer = subject.client.request("GET", vast.target, receive_buffer=4096)
    assert answer.read_chunk()
    answer.connection.close()
    subject.record(answer).wait_for_end()
    assert subject.releases(vast.path), "the file is still open"


@check("files-client-leaves-held", rule="cancel", reference="CONTRACT cancel")
def test_files_client_leaves_held(subject: Subject, place_large: Placing) -> None:
    placed = place_large(8)
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
def test_files_leaving_is_no_error(subject: Subject, vast: PlacedFile) -> None:
    answer = subject.client.request("GET", vast.target, receive_buffer=4096)
    assert answer.read_chunk()
    answer.connection.reset()
    ending = subject.record(answer).wait_for_end()
    assert ending.how != "raised", f"the application raised {ending.error}"
    assert "Traceback" not in subject.output()
