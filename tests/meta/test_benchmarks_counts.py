"""What does not depend on the machine's speed: messages, hops into threads, memory a stream takes.

The bounds are what was counted when they were written. One that is lower now is to be lowered.
"""

from __future__ import annotations

import asyncio
import os
import random
import sqlite3
import tracemalloc
from base64 import b64encode
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
import pytest
from anyio import to_thread

from raw_asgi import (
    Catalog,
    CSVRows,
    Events,
    Files,
    GZipMiddleware,
    JSONLRows,
    Uploads,
    UploadStore,
)
from raw_asgi.asgi.types import ASGIApp, Message
from raw_asgi.backends.files import open_cached_file

CHUNK = 65536
MIB = 1 << 20

# Longer than any test: no chunk is cut short because the machine is slow.
NEVER = 3600.0


@dataclass(slots=True)
class Counts:
    """What was counted of one request."""

    sizes: list[int] = field(default_factory=list)
    hops: int = 0
    peak: int = 0
    status: int = 0

    @property
    def messages(self) -> int:
        """All of the response: the start, the bodies, empty ones too."""
        return 1 + len(self.sizes)

    @property
    def size(self) -> int:
        return sum(self.sizes)


@pytest.fixture(autouse=True)
def hops(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of what was run in worker threads."""
    run_sync, called = to_thread.run_sync, []

    async def count(function: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        called.append(getattr(function, "__name__", type(function).__name__))
        return await run_sync(function, *arguments, **options)

    monkeypatch.setattr(to_thread, "run_sync", count)
    return called


def request(
    app: ASGIApp,
    path: str,
    hops: list[str],
    *,
    query: str = "",
    method: str = "GET",
    headers: Iterable[tuple[bytes, bytes]] = (),
    body: Iterable[bytes] = (),
) -> Counts:
    """Make one request of an application that is mounted at the root, and count."""
    counts, pieces, left = Counts(), iter(body), True

    async def receive() -> Message:
        nonlocal left
        if not left:
            await anyio.sleep_forever()
        piece = next(pieces, None)
        left = piece is not None
        return {"type": "http.request", "body": piece or b"", "more_body": left}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            counts.status = message["status"]
        else:
            counts.sizes.append(len(message.get("body", b"")))

    async def run() -> None:
        await app(_make_scope(method, path, query, headers), receive, send)

    before = len(hops)
    tracemalloc.start()
    try:
        anyio.run(run)
        counts.peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    counts.hops = len(hops) - before
    return counts


def _make_scope(
    method: str, path: str, query: str, headers: Iterable[tuple[bytes, bytes]]
) -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(b"host", b"localhost"), *headers],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 2),
        "state": {},
    }


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    """A database of one table of 20,000 rows."""
    path = tmp_path / "counted.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE counted (id INTEGER PRIMARY KEY, name TEXT, value REAL)")
        rows = ((i, f"item number {i:06}", i * 1.5) for i in range(20_000))
        connection.executemany("INSERT INTO counted VALUES (?, ?, ?)", rows)
        connection.commit()
    return Catalog(path)


def _fill(size: int, chunk: int = CHUNK) -> int:
    """How many messages a body of that size takes: full ones, and one that ends it."""
    return -(-size // chunk) + 1


@pytest.mark.parametrize("family", [CSVRows, JSONLRows])
def test_an_export_takes_a_message_and_a_hop_a_chunk(
    family: type[CSVRows] | type[JSONLRows], catalog: Catalog, hops: list[str]
) -> None:
    counts = request(family(catalog, flush_seconds=NEVER), "/counted", hops)
    assert counts.status == 200
    assert counts.size > 8 * CHUNK, "too little to count anything"
    assert counts.messages <= 1 + _fill(counts.size), f"{counts.messages} messages"
    assert counts.hops <= _fill(counts.size), f"{counts.hops} hops"
    assert counts.peak <= 7 * CHUNK, f"{counts.peak} bytes at once"


def test_a_small_stream_takes_three_messages_and_no_hop(hops: list[str]) -> None:
    counts = request(JSONLRows(Catalog()), "/numbers", hops, query="rows=10")
    assert (counts.status, counts.size) == (200, 373)
    assert counts.messages <= 3, f"bodies of {counts.sizes} bytes"
    assert counts.hops == 0, f"{counts.hops} hops: {hops}"


def test_a_small_table_of_a_database_takes_three_messages_and_two_hops(
    catalog: Catalog, hops: list[str]
) -> None:
    counts = request(JSONLRows(catalog), "/counted", hops, query="limit=10")
    assert counts.status == 200
    assert counts.messages <= 3, f"bodies of {counts.sizes} bytes"
    assert counts.hops <= 2, f"{counts.hops} hops: {hops}"


def test_a_file_in_the_page_cache_takes_a_message_a_quarter_mib_and_no_hop(
    tmp_path: Path, hops: list[str]
) -> None:
    (tmp_path / "counted.bin").write_bytes(bytes(8 * MIB))
    if not _reads_without_waiting(tmp_path / "counted.bin"):
        pytest.skip("this file system does not tell what is in the page cache")
    counts = request(Files(tmp_path), "/counted.bin", hops)
    assert (counts.status, counts.size) == (200, 8 * MIB)
    assert counts.messages <= 1 + _fill(8 * MIB, MIB // 4), f"{counts.messages} messages"
    assert counts.hops <= _count_hops_to_open(tmp_path, "counted.bin"), f"{counts.hops}: {hops}"
    assert counts.peak <= 1.25 * MIB, f"{counts.peak} bytes at once"


@pytest.mark.parametrize(
    ("asked", "status", "size"),
    [
        ("bytes=1000-5095", 206, 4096),
        ("bytes=0-262143", 206, 262_144),
        # Two parts, each with its delimiter and header section, and the closing delimiter.
        ("bytes=0-9,-10", 206, 121 + 133 + 40),
        ("bytes=0-", 206, 262_144),
        ("", 200, 262_144),
    ],
)
def test_a_small_content_takes_two_messages_and_no_hop(
    asked: str, status: int, size: int, tmp_path: Path, hops: list[str]
) -> None:
    (tmp_path / "counted.bin").write_bytes(bytes(MIB // 4))
    if not _reads_without_waiting(tmp_path / "counted.bin"):
        pytest.skip("this file system does not tell what is in the page cache")
    headers = [(b"range", asked.encode())] if asked else []
    counts = request(Files(tmp_path), "/counted.bin", hops, headers=headers)
    assert (counts.status, counts.size) == (status, size)
    assert counts.messages == 2, f"bodies of {counts.sizes} bytes"
    assert counts.hops <= _count_hops_to_open(tmp_path, "counted.bin"), f"{counts.hops}: {hops}"


@pytest.mark.parametrize(
    ("content", "hops_to_compress"),
    [
        # Where zlib has it, each piece is compressed in a worker thread.
        (b"".join(b"%d,%d.%02d\r\n" % (i, i % 7919, i % 61) for i in range(600_000)), 32),
        # Where isal has it, compressing takes hardly longer than a hop: the first piece alone,
        # of which a sample is compressed by both.
        (b64encode(random.Random(0).randbytes(6 * MIB)), 1),  # noqa: S311 - no secret
    ],
    ids=["table", "noise"],
)
def test_a_compressed_file_takes_no_more_messages_and_hops_than_pieces(
    tmp_path: Path, hops: list[str], content: bytes, hops_to_compress: int
) -> None:
    (tmp_path / "counted.txt").write_bytes(content[: 8 * MIB])
    app = GZipMiddleware(Files(tmp_path), flush_seconds=NEVER)
    counts = request(app, "/counted.txt", hops, headers=[(b"accept-encoding", b"gzip")])
    assert counts.status == 200
    assert counts.messages <= 1 + _fill(8 * MIB, MIB // 4), f"{counts.messages} messages"
    hops_to_open = _count_hops_to_open(tmp_path, "counted.txt")
    assert counts.hops <= hops_to_open + hops_to_compress, f"{counts.hops} hops"
    assert counts.peak <= 2 * MIB, f"{counts.peak} bytes at once"


def test_an_upload_takes_a_hop_a_piece_and_four(tmp_path: Path, hops: list[str]) -> None:
    app, body = Uploads(UploadStore(tmp_path)), [bytes(CHUNK)] * 64
    counts = request(app, "/counted.bin", hops, method="PUT", body=body)
    assert counts.status == 201
    assert counts.hops <= 64 + 4, f"{counts.hops} hops"
    assert counts.peak <= MIB, f"{counts.peak} bytes at once"


def test_a_form_takes_a_hop_a_piece_and_four(tmp_path: Path, hops: list[str]) -> None:
    head = b'--b\r\nContent-Disposition: form-data; name="f"; filename="counted.bin"\r\n\r\n'
    body = [head, *[bytes(CHUNK)] * 64, b"\r\n--b--\r\n"]
    headers = [(b"content-type", b"multipart/form-data; boundary=b")]
    app = Uploads(UploadStore(tmp_path))
    counts = request(app, "", hops, method="POST", headers=headers, body=body)
    assert counts.status == 201
    assert counts.hops <= 66 + 2, f"{counts.hops} hops"
    assert counts.peak <= MIB, f"{counts.peak} bytes at once"


def test_an_event_is_encoded_once_and_is_one_message_for_each_subscriber(hops: list[str]) -> None:
    events, subscribers = Events(), 20
    bodies: list[bytes] = []

    async def run() -> None:
        begun, arrived = anyio.Semaphore(0), anyio.Semaphore(0)

        async def receive() -> Message:
            await anyio.sleep_forever()
            raise AssertionError

        async def send(message: Message) -> None:
            body: bytes = message.get("body", b"")
            if b"data:" in body:
                bodies.append(body)
                arrived.release()
            elif body:
                begun.release()

        async with anyio.create_task_group() as tasks:
            for _ in range(subscribers):
                tasks.start_soon(events, _make_scope("GET", "/news", "", ()), receive, send)
            for _ in range(subscribers):
                await begun.acquire()
            events.publish("news", "counted")
            for _ in range(subscribers):
                await arrived.acquire()
            tasks.cancel_scope.cancel()

    anyio.run(run)
    assert len(bodies) == subscribers
    assert len({id(body) for body in bodies}) == 1, "the subscribers do not share the event's bytes"
    assert hops == []


def test_an_idle_subscriber_takes_the_task_of_its_request_and_little_memory() -> None:
    events, subscribers = Events(), 200
    tasks_each, bytes_each = 0.0, 0.0

    async def receive() -> Message:
        await anyio.sleep_forever()
        raise AssertionError

    async def send(_message: Message) -> None:
        pass

    async def run() -> None:
        nonlocal tasks_each, bytes_each
        tasks_before = len(asyncio.all_tasks())
        scopes = [_make_scope("GET", "/news", "", ()) for _ in range(subscribers)]
        tracemalloc.start()
        requests = [asyncio.create_task(events(scope, receive, send)) for scope in scopes]
        await anyio.wait_all_tasks_blocked()
        bytes_each = tracemalloc.get_traced_memory()[0] / subscribers
        tracemalloc.stop()
        tasks_each = (len(asyncio.all_tasks()) - tasks_before) / subscribers
        for each in requests:
            each.cancel()

    anyio.run(run)
    assert tasks_each <= 1, f"{tasks_each} tasks"
    assert bytes_each <= 5120, f"{bytes_each} bytes"


def _count_hops_to_open(directory: Path, name: str) -> int:
    """None where the machine tells what is in its caches: the file was looked up just now."""
    file = open_cached_file(directory, name)
    if file is None:
        return 1
    file.close()
    return 0


def _reads_without_waiting(path: Path) -> bool:
    with path.open("rb") as file:
        try:
            return os.preadv(file.fileno(), [bytearray(1)], 0, os.RWF_NOWAIT) == 1
        except (OSError, AttributeError):
            return False
