"""The extension Path Send: a file by its path, in place of a body."""

from __future__ import annotations

from pathlib import Path

import pytest

from asgi_conformance.answer import Ending
from asgi_conformance.checks import check
from asgi_conformance.server.probing import Probe
from asgi_conformance.server.refusal import check_raises
from asgi_conformance.server.script import Step, body, catching, receive, send, start

_NAME = "http.response.pathsend"
_PATH_SEND = "extensions.rst, Path Send"
_INVALID = f"{_PATH_SEND}; asgi.rst, Error Handling"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file of six bytes."""
    path = tmp_path / "file"
    path.write_bytes(b"abcdef")
    return path


def _send_path(path: Path) -> Step:
    return send({"type": _NAME, "path": str(path)})


@check("pathsend-sends-file", severity="should", requirement="EX-01", reference=_PATH_SEND)
def test_pathsend_sends_file(probe: Probe, file: Path) -> None:
    probe.require(_NAME)
    answer = probe.get([start(200, ("content-length", "6")), _send_path(file)])
    assert (answer.status, answer.body, answer.ending) == (200, b"abcdef", Ending.CLEAN)
    assert answer.header("content-length") == "6"


@check("pathsend-without-length", severity="should", requirement="EX-01", reference=_PATH_SEND)
def test_pathsend_without_length(probe: Probe, file: Path) -> None:
    # To tell the length is the application's part; but a body may go without.
    probe.require(_NAME)
    answer = probe.get([start(), _send_path(file)])
    assert (answer.status, answer.body, answer.ending) == (200, b"abcdef", Ending.CLEAN)


@check("pathsend-empty-file", severity="should", requirement="EX-01", reference=_PATH_SEND)
def test_pathsend_empty_file(probe: Probe, tmp_path: Path) -> None:
    probe.require(_NAME)
    (tmp_path / "empty").touch()
    answer = probe.get([start(200, ("content-length", "0")), _send_path(tmp_path / "empty")])
    assert (answer.status, answer.body, answer.ending) == (200, b"", Ending.CLEAN)


@check("pathsend-large-file", severity="should", requirement="EX-01", reference=_PATH_SEND)
def test_pathsend_large_file(probe: Probe, tmp_path: Path) -> None:
    # Larger than what a system sends at once; each byte can be told from its neighbours.
    probe.require(_NAME)
    content = bytes(range(251)) * 20_000
    (tmp_path / "large").write_bytes(content)
    answer = probe.get([start(200, ("content-length", "5020000")), _send_path(tmp_path / "large")])
    assert answer.ending is Ending.CLEAN, f"the answer is {answer.ending} {answer.problem}"
    assert len(answer.body) == 5_020_000
    assert answer.body == content, "the bytes are others"


@check("pathsend-literal-path", severity="should", requirement="EX-10", reference=_PATH_SEND)
def test_pathsend_literal_path(probe: Probe, tmp_path: Path) -> None:
    # A path of the system, not of a URL.
    probe.require(_NAME)
    path = tmp_path / "ü %41?b#c"
    path.write_bytes(b"abc")
    answer = probe.get([start(200, ("content-length", "3")), _send_path(path)])
    assert (answer.body, answer.ending) == (b"abc", Ending.CLEAN)


@check("pathsend-head", severity="should", requirement="EX-01", reference="RFC 9110 §9.3.2")
def test_pathsend_head(probe: Probe, file: Path) -> None:
    probe.require(_NAME)
    answer = probe.request([start(200, ("content-length", "6")), _send_path(file)], "HEAD")
    assert (answer.status, answer.body, answer.ending) == (200, b"", Ending.CLEAN)
    after = probe.request(connection=answer.connection)
    assert (after.status, after.body) == (200, b"done"), "something is left on the connection"


@check("pathsend-ends-response", severity="should", requirement="EX-01", reference=_PATH_SEND)
def test_pathsend_ends_response(probe: Probe, file: Path) -> None:
    # As the last body does: the next request has its turn, the application its disconnect.
    probe.require(_NAME)
    script = [receive(), start(200, ("content-length", "6")), _send_path(file), receive()]
    answer = probe.request(script)
    assert answer.body == b"abcdef"
    assert probe.record(answer).wait_for_end().how == "returned"
    assert probe.messages(answer)[-1] == {"type": "http.disconnect"}
    after = probe.request(connection=answer.connection)
    assert (after.status, after.body) == (200, b"done")


@check("pathsend-late-nothing-sent", severity="should", requirement="EX-22", reference=_PATH_SEND)
def test_pathsend_late_nothing_sent(probe: Probe, file: Path) -> None:
    # It can be called once, and is not mixed with a body: what comes after it comes too late.
    probe.require(_NAME)
    late = [catching(_send_path(file)), catching(body("ghi"))]
    answer = probe.request([start(200, ("content-length", "6")), _send_path(file), *late])
    assert (answer.body, answer.ending) == (b"abcdef", Ending.CLEAN)
    probe.record(answer).wait_for_end()
    after = probe.request(connection=answer.connection)
    assert (after.ending, after.status, after.body) == (Ending.CLEAN, 200, b"done")


@check("pathsend-after-body", severity="should", requirement="EX-22", reference=_INVALID)
def test_pathsend_after_body(probe: Probe, file: Path) -> None:
    probe.require(_NAME)
    check_raises(probe, _send_path(file), [start(), body("abc", more=True)])


@check("pathsend-first", severity="should", requirement="EX-22", reference=_INVALID)
def test_pathsend_first(probe: Probe, file: Path) -> None:
    probe.require(_NAME)
    check_raises(probe, _send_path(file))


@check("pathsend-without-path", severity="should", requirement="EX-10", reference=_INVALID)
def test_pathsend_without_path(probe: Probe) -> None:
    probe.require(_NAME)
    check_raises(probe, send({"type": _NAME}), [start()])


@check("pathsend-path-bytes", severity="should", requirement="EX-10", reference=_INVALID)
def test_pathsend_path_bytes(probe: Probe, file: Path) -> None:
    probe.require(_NAME)
    check_raises(probe, send({"type": _NAME, "path": {"$bytes": str(file)}}), [start()])


@check("pathsend-no-file", severity="should", requirement="EX-10", reference=_PATH_SEND)
def test_pathsend_no_file(probe: Probe, tmp_path: Path) -> None:
    # An error for an answer, or one that is broken off; never a whole one.
    probe.require(_NAME)
    answer = probe.get([start(200), _send_path(tmp_path / "missing")])
    assert answer.ending is not Ending.HUNG, "no answer, and no end"
    if answer.ending is Ending.CLEAN:
        assert answer.status >= 400, f"the client got a whole {answer.status}"


@check("pathsend-not-offered", severity="should", requirement="EX-16", reference=_INVALID)
def test_pathsend_not_offered(probe: Probe, file: Path) -> None:
    if probe.offers(_NAME):
        pytest.skip(f"the server offers {_NAME}")
    check_raises(probe, _send_path(file), [start()])
