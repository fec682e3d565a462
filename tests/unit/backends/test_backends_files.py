"""Files below a directory: `raw_asgi.backends.files`. CONTRACT.md, *Files*."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import aclosing
from pathlib import Path

import anyio
import pytest
from fakes import PATIENCE

from raw_asgi.backends.files import (
    READ_BYTES,
    FileNotServed,
    FileShrank,
    OpenFile,
    find_version,
    guess_type,
    open_file,
    open_file_sync,
)
from raw_asgi.http.dates import format_http_date

SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - its file system is what is wanted


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """What is served, with something beside it that is not."""
    served = tmp_path / "served"
    (served / "below" / "deeper").mkdir(parents=True)
    (served / "a.txt").write_bytes(b"content of a")
    (served / "below" / "b.txt").write_bytes(b"content of b")
    (served / ".hidden").write_bytes(b"hidden")
    (served / "below" / ".git").mkdir()
    (served / "below" / ".git" / "config").write_bytes(b"hidden")
    (tmp_path / "secret.txt").write_bytes(b"secret")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.txt").write_bytes(b"secret")
    return served


def _read(directory: Path, path: str) -> bytes:
    file = open_file_sync(directory, path)
    try:
        return os.pread(file.descriptor, 1000, 0)
    finally:
        file.close()


@pytest.mark.parametrize(
    ("path", "content"), [("a.txt", b"content of a"), ("below/b.txt", b"content of b")]
)
def test_a_file_is_opened(directory: Path, path: str, content: bytes) -> None:
    assert _read(directory, path) == content


@pytest.mark.anyio
@pytest.mark.parametrize("path", ["a.txt", "below/b.txt", "link.txt"])
async def test_a_file_is_opened_without_blocking(directory: Path, path: str) -> None:
    (directory / "link.txt").symlink_to("a.txt")
    with anyio.fail_after(PATIENCE):
        file = await open_file(directory, path)
    try:
        assert os.pread(file.descriptor, 7, 0) == b"content"
    finally:
        file.close()


@pytest.mark.anyio
@pytest.mark.parametrize("path", ["", "..", "nothing", "below", ".hidden"])
async def test_what_is_not_served_is_told_without_blocking(directory: Path, path: str) -> None:
    with anyio.fail_after(PATIENCE), pytest.raises(FileNotServed):
        await open_file(directory, path)


def test_what_is_known_of_a_file(directory: Path) -> None:
    os.utime(directory / "a.txt", ns=(0, 1_700_000_000_987_654_321))
    file = open_file_sync(directory, "a.txt")
    try:
        assert (file.name, file.size, file.modified) == ("a.txt", 12, 1_700_000_000)
    finally:
        file.close()


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "nothing",
        "below",
        "below/",
        "a.txt/",
        "a.txt/x",
        "/a.txt",
        "below//b.txt",
        ".",
        "./a.txt",
        "below/./b.txt",
        "..",
        "../secret.txt",
        "below/../a.txt",
        "below/../../secret.txt",
        "../served/a.txt",
        ".hidden",
        "below/.git/config",
        "below\\b.txt",
        "..\\secret.txt",
        "a.txt\0",
        "\0",
        "A.TXT",
        "x" * 300,
        "x/" * 3000 + "x",
        "\ud800",
    ],
)
def test_what_is_not_served(directory: Path, path: str) -> None:
    with pytest.raises(FileNotServed):
        open_file_sync(directory, path)


def test_an_absolute_path_is_not_served(directory: Path) -> None:
    with pytest.raises(FileNotServed):
        open_file_sync(directory, str(directory.parent / "secret.txt"))


def test_a_missing_directory_serves_nothing(tmp_path: Path) -> None:
    with pytest.raises(FileNotServed):
        open_file_sync(tmp_path / "missing", "a.txt")


def test_a_link_that_stays_inside_is_followed(directory: Path) -> None:
    (directory / "link.txt").symlink_to("below/b.txt")
    (directory / "way").symlink_to("below")
    assert _read(directory, "link.txt") == b"content of b"
    assert _read(directory, "way/b.txt") == b"content of b"


def test_a_link_lends_its_name(directory: Path) -> None:
    (directory / "link.json").symlink_to("below/b.txt")
    file = open_file_sync(directory, "link.json")
    file.close()
    assert file.name == "link.json"


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("../secret.txt", "link"),
        ("../outside", "link/secret.txt"),
        ("below/../../secret.txt", "link"),
        ("..", "link/secret.txt"),
        (".hidden", "link"),
        ("below/.git", "link/config"),
        ("below", "link"),
        (".", "link"),
        ("link", "link"),
        ("nothing", "link"),
    ],
)
def test_a_link_that_is_not_followed(directory: Path, target: str, path: str) -> None:
    (directory / "link").symlink_to(target)
    with pytest.raises(FileNotServed):
        open_file_sync(directory, path)


def test_an_absolute_link_that_leaves_is_not_followed(directory: Path) -> None:
    (directory / "link").symlink_to(directory.parent / "secret.txt")
    with pytest.raises(FileNotServed):
        open_file_sync(directory, "link")


def test_the_directory_may_be_a_link_itself(directory: Path) -> None:
    link = directory.parent / "current"
    link.symlink_to(directory)
    assert _read(link, "below/b.txt") == b"content of b"


def test_the_directory_may_be_below_a_dotted_one(tmp_path: Path) -> None:
    hidden = tmp_path / ".data" / "files"
    hidden.mkdir(parents=True)
    (hidden / "a.txt").write_bytes(b"content")
    assert _read(hidden, "a.txt") == b"content"


def test_a_directory_that_cannot_be_listed_is_passed_through(directory: Path) -> None:
    script = (
        "import os, sys; from pathlib import Path; "
        "from raw_asgi.backends.files import open_file_sync; "
        "os.geteuid() or os.seteuid(65534); "
        "file = open_file_sync(Path(sys.argv[1]), 'below/b.txt'); "
        "print(os.read(file.descriptor, 100).decode())"
    )
    # A place that others may enter as well; pytest's is its user's own.
    with tempfile.TemporaryDirectory() as place:
        served = shutil.copytree(directory, Path(place, "served"))
        Path(place).chmod(0o711)
        for listed in (served, served / "below"):
            listed.chmod(0o311)
        found = subprocess.run(  # noqa: S603 - our own interpreter and arguments
            [sys.executable, "-c", script, str(served)], capture_output=True, text=True, check=False
        )
        for listed in (served, served / "below"):
            listed.chmod(0o755)
    assert (found.stdout, found.stderr) == ("content of b\n", "")


@pytest.mark.skipif(not SHARED_MEMORY.is_dir(), reason="no file system here has such times")
@pytest.mark.parametrize("seconds", [-(1 << 36), -62135596801])
def test_what_is_older_than_any_date_is_of_the_year_1(seconds: int) -> None:
    with tempfile.NamedTemporaryFile(dir=SHARED_MEMORY) as file:
        path = Path(file.name)
        os.utime(path, (seconds, seconds))
        assert path.stat().st_mtime == seconds
        found = open_file_sync(path.parent, path.name)
        found.close()
        assert format_http_date(found.modified) == "Mon, 01 Jan 0001 00:00:00 GMT"


def test_a_fifo_is_not_served_and_not_waited_for(directory: Path) -> None:
    os.mkfifo(directory / "fifo")
    with pytest.raises(FileNotServed):
        open_file_sync(directory, "fifo")


def test_what_is_refused_leaves_no_descriptor(directory: Path) -> None:
    os.mkfifo(directory / "fifo")
    descriptors = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 -- all that is wanted
    for path in ("fifo", "below", "nothing", "below/nothing", "../secret.txt"):
        with pytest.raises(FileNotServed):
            open_file_sync(directory, path)
    assert len(os.listdir("/proc/self/fd")) == descriptors  # noqa: PTH208


def _wait_for_the_clock_of_the_disk(directory: Path) -> None:
    """Until a change gets another time than the last one: the kernel's clock has ticks."""
    probe = directory.parent / "probe"
    probe.write_bytes(b"")
    first = probe.stat().st_ctime_ns
    while probe.stat().st_ctime_ns == first:
        probe.write_bytes(b"")


def test_a_version_stays_while_the_file_does(directory: Path) -> None:
    assert find_version(directory, "a.txt") == find_version(directory, "a.txt") is not None


def test_a_version_changes_within_a_second_and_under_a_restored_time(directory: Path) -> None:
    path = directory / "a.txt"
    before, status = find_version(directory, "a.txt"), path.stat()
    _wait_for_the_clock_of_the_disk(directory)
    path.write_bytes(b"another of a")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert path.stat().st_size == status.st_size
    assert find_version(directory, "a.txt") != before


def test_a_version_changes_with_a_replacement(directory: Path) -> None:
    path = directory / "a.txt"
    before, status = find_version(directory, "a.txt"), path.stat()
    other = directory / "other"
    other.write_bytes(b"another of a")
    os.utime(other, ns=(status.st_atime_ns, status.st_mtime_ns))
    other.replace(path)
    assert find_version(directory, "a.txt") != before


def test_a_version_is_an_entity_tag(directory: Path) -> None:
    """RFC 9110 §8.8.3: no quote, no white space."""
    version = find_version(directory, "a.txt")
    assert version is not None
    assert set(version) <= set("0123456789abcdef-")


def test_what_is_not_there_has_no_version(directory: Path) -> None:
    assert find_version(directory, "nothing") is None


async def _collect(file: OpenFile, start: int, stop: int) -> list[bytes]:
    with anyio.fail_after(PATIENCE):
        async with aclosing(file.read(start, stop)) as pieces:
            return [piece async for piece in pieces]


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("start", "stop", "expected"),
    [
        (0, 12, [b"content of a"]),
        (0, 7, [b"content"]),
        (8, 10, [b"of"]),
        (11, 12, [b"a"]),
        (3, 3, []),
        (0, 0, []),
    ],
)
async def test_read(directory: Path, start: int, stop: int, expected: list[bytes]) -> None:
    file = open_file_sync(directory, "a.txt")
    try:
        assert await _collect(file, start, stop) == expected
    finally:
        file.close()


@pytest.mark.anyio
async def test_a_large_file_comes_in_pieces(directory: Path) -> None:
    content = b"".join(b"%015d\n" % number for number in range(40_000))
    (directory / "large").write_bytes(content)
    file = open_file_sync(directory, "large")
    try:
        pieces = await _collect(file, 5, len(content) - 5)
    finally:
        file.close()
    assert b"".join(pieces) == content[5:-5]
    assert max(map(len, pieces)) <= 262144
    assert len(pieces) > 1


@pytest.mark.anyio
async def test_a_file_that_shrinks_is_a_failure(directory: Path) -> None:
    path = directory / "shrinking"
    path.write_bytes(b"x" * (READ_BYTES + 1000))
    file = open_file_sync(directory, "shrinking")
    arrived = 0

    async def read() -> None:
        nonlocal arrived
        async with aclosing(file.read(0, file.size)) as pieces:
            async for piece in pieces:
                arrived += len(piece)
                os.truncate(path, READ_BYTES + 10)

    try:
        with anyio.fail_after(PATIENCE), pytest.raises(FileShrank) as caught:
            await read()
    finally:
        file.close()
    assert arrived == READ_BYTES + 10, "what was still there did not arrive first"
    assert str(caught.value) == "shrinking ends at 262154 of 263144 bytes"


@pytest.mark.anyio
async def test_a_file_that_is_removed_is_read_on(directory: Path) -> None:
    file = open_file_sync(directory, "a.txt")
    try:
        (directory / "a.txt").unlink()
        assert await _collect(file, 0, file.size) == [b"content of a"]
    finally:
        file.close()


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("a.txt", "text/plain; charset=utf-8"),
        ("a.TXT", "text/plain; charset=utf-8"),
        ("a.html", "text/html; charset=utf-8"),
        ("a.csv", "text/csv; charset=utf-8"),
        ("a.json", "application/json"),
        ("a.png", "image/png"),
        ("a.svg", "image/svg+xml"),
        ("a.pdf", "application/pdf"),
        ("a.tar", "application/x-tar"),
        ("a.tar.gz", "application/gzip"),
        ("a.tgz", "application/gzip"),
        ("a.txt.gz", "application/gzip"),
        ("a.txt.xz", "application/x-xz"),
        ("a.txt.bz2", "application/x-bzip2"),
        ("a.svgz", "application/gzip"),
        ("a", "application/octet-stream"),
        ("a.unheard-of", "application/octet-stream"),
        ("", "application/octet-stream"),
        ("data:,a", "application/octet-stream"),
        ("data:,a.png", "image/png"),
    ],
)
def test_guess_type(name: str, media_type: str) -> None:
    assert guess_type(name) == media_type


def test_a_file_that_nobody_comes_to_see_closes_itself(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"x")
    file = open_file_sync(tmp_path, "a.txt")
    descriptor = file.descriptor
    with pytest.warns(ResourceWarning, match="unclosed file"):
        # As when the task that asked was cancelled while a thread opened the file.
        del file
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)


def test_a_system_without_descriptors_is_not_a_file_that_is_not_there(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: object, **_options: object) -> int:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(OSError, match="Too many open files"):
        open_file_sync(directory, "a.txt")


@pytest.mark.anyio
async def test_a_system_that_takes_no_advice_is_none_the_worse(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: object) -> None:
        raise OSError(errno.ENOSYS, "Function not implemented")

    (directory / "large").write_bytes(b"x" * (READ_BYTES + 1))
    monkeypatch.setattr(os, "posix_fadvise", refuse)
    file = open_file_sync(directory, "large")
    try:
        pieces = [len(piece) async for piece in file.read(0, file.size)]
    finally:
        file.close()
    assert sum(pieces) == READ_BYTES + 1
