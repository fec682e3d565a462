"""Files as an application: CONTRACT.md, *Files*."""

from __future__ import annotations

from pathlib import Path

import anyio
import pytest
from fakes import PATIENCE, Client, Sent, make_scope

from raw_asgi import Files

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
