"""Files as an application: CONTRACT.md, *Files*."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import anyio
import pytest
from fakes import PATIENCE, Client, Sent, make_scope

from raw_asgi import Files
from raw_asgi.asgi.types import Message
from raw_asgi.backends.files import READ_BYTES

pytestmark = pytest.mark.anyio


class PathSendingServer(Sent):
    """A server that offers to send a file by itself, and opens it when `send` has returned."""

    @property
    def body(self) -> bytes:
        paths = [Path(each["path"]) for each in self.messages if "path" in each]
        return super().body + b"".join(path.read_bytes() for path in paths)


async def test_what_is_sent_is_what_was_opened_whatever_the_server_offers(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"old")
    (tmp_path / "new").write_bytes(b"other")
    scope = make_scope(path="/a.txt", extensions={"http.response.pathsend": {}})
    server = PathSendingServer()
    with anyio.fail_after(PATIENCE):
        await Files(tmp_path)(scope, Client().receive, server.send)
    (tmp_path / "new").replace(tmp_path / "a.txt")
    assert server.headers[b"content-length"] == b"3"
    assert server.body == b"old", "what took the file's place is sent under its headers"


class WatchingServer(Sent):
    """A server that looks, at every message, whether the application holds a file open."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.held: list[bool] = []
        self._path = path

    async def send(self, message: Message) -> None:
        await super().send(message)
        self.held.append(_is_open(self._path))


def _is_open(path: Path) -> bool:
    for link in Path("/proc/self/fd").iterdir():
        # The descriptor of the listing itself is gone by now.
        with suppress(OSError):
            if link.readlink() == path:
                return True
    return False


async def _get(path: Path, *fields: tuple[bytes, bytes]) -> WatchingServer:
    server = WatchingServer(path)
    with anyio.fail_after(PATIENCE):
        scope = make_scope("GET", f"/{path.name}", *fields)
        await Files(path.parent)(scope, Client().receive, server.send)
    assert not _is_open(path)
    return server


@pytest.mark.parametrize(
    ("fields", "size"),
    [
        ((), READ_BYTES),
        (((b"range", b"bytes=-1"),), 1),
        (((b"range", b"bytes=0-99,200-299"),), None),
    ],
)
async def test_a_small_content_leaves_at_once_with_its_file_closed(
    tmp_path: Path, fields: tuple[tuple[bytes, bytes], ...], size: int | None
) -> None:
    path = tmp_path / "small"
    path.write_bytes(os.urandom(READ_BYTES))
    server = await _get(path, *fields)
    assert server.types == ["http.response.start", "http.response.body"]
    assert server.finished
    assert size is None or server.body == path.read_bytes()[-size:]
    assert server.headers[b"content-length"] == str(len(server.body)).encode()
    assert server.held == [False, False], "the file is open while the server sends"


async def test_a_large_content_is_read_while_it_is_sent(tmp_path: Path) -> None:
    path = tmp_path / "large"
    path.write_bytes(os.urandom(READ_BYTES + 1))
    server = await _get(path)
    assert list(map(len, server.pieces)) == [262_144, 1, 0]
    assert server.body == path.read_bytes()
    assert server.held[0]


async def test_an_empty_file_is_sent(tmp_path: Path) -> None:
    path = tmp_path / "empty"
    path.write_bytes(b"")
    server = await _get(path)
    assert (server.status, server.pieces, server.finished) == (200, [b""], True)
    assert server.headers[b"content-length"] == b"0"


async def test_a_file_that_changes_is_described_anew(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"old")
    os.utime(path, (0, 0))
    before = await _get(path)
    path.write_bytes(b"newer")
    os.utime(path, (86_400, 86_400))
    after = await _get(path)
    assert before.headers[b"last-modified"] == b"Thu, 01 Jan 1970 00:00:00 GMT"
    assert after.headers[b"last-modified"] == b"Fri, 02 Jan 1970 00:00:00 GMT"
    assert before.headers[b"etag"] != after.headers[b"etag"]
    assert (before.body, after.body) == (b"old", b"newer")
