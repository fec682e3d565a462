"""What is opened and read without waiting: `raw_asgi.backends.kernel_cache`."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from raw_asgi.backends.files import FileNotServed, open_cached_file
from raw_asgi.backends.kernel_cache import open_cached, read_cached


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Files that were just looked up, so that the way to them is in the cache."""
    served = tmp_path / "served"
    (served / "below").mkdir(parents=True)
    (served / "a.txt").write_bytes(b"content of a")
    (served / "below" / "b.txt").write_bytes(b"content of b")
    (tmp_path / "secret.txt").write_bytes(b"secret")
    descriptor = open_cached(served, "a.txt")
    if descriptor is None:
        pytest.skip("this system does not tell what is in its caches")
    os.close(descriptor)
    return served


def _read(directory: Path, path: str) -> bytes | None:
    descriptor = open_cached(directory, path)
    if descriptor is None:
        return None
    try:
        return read_cached(descriptor, 100, 0)
    finally:
        os.close(descriptor)


def test_what_is_in_the_cache_is_opened_and_read(directory: Path) -> None:
    assert _read(directory, "a.txt") == b"content of a"
    assert _read(directory, "below/b.txt") == b"content of b"


def test_the_directory_may_be_a_link(directory: Path) -> None:
    link = directory.parent / "current"
    link.symlink_to(directory)
    # To follow a link that was not followed since it was made writes the time down, and may wait.
    os.utime(link, (time.time() + 60, time.time()), follow_symlinks=False)
    assert _read(link, "below/b.txt") == b"content of b"


def test_a_directory_that_is_replaced_is_another(directory: Path) -> None:
    other = directory.parent / "other"
    other.mkdir()
    (other / "a.txt").write_bytes(b"another a")
    directory.rename(directory.parent / "before")
    other.rename(directory)
    assert _read(directory, "a.txt") == b"another a"


@pytest.mark.parametrize("path", ["nothing", "a.txt/x", "../secret.txt", "a.txt\0x", "\ud800"])
def test_what_is_not_opened(directory: Path, path: str) -> None:
    assert open_cached(directory, path) is None


def test_an_absolute_path_is_not_opened(directory: Path) -> None:
    assert open_cached(directory, str(directory.parent / "secret.txt")) is None


@pytest.mark.parametrize("name", ["missing", "served\0x", "a\ud800"])
def test_a_directory_that_is_not_there(directory: Path, name: str) -> None:
    assert open_cached(directory.parent / name, "a.txt") is None


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("a.txt", "link"),
        ("../secret.txt", "link"),
        ("below", "link/b.txt"),
        ("..", "link/secret.txt"),
        ("link", "link"),
    ],
)
def test_no_link_is_followed(directory: Path, target: str, path: str) -> None:
    (directory / "link").symlink_to(target)
    assert open_cached(directory, path) is None


def test_another_file_system_is_not_entered() -> None:
    if not Path("/proc/version").exists():
        pytest.skip("there is no file system without a disk")
    assert open_cached(Path("/"), "proc/version") is None


def test_a_file_system_without_a_disk_is_not_opened() -> None:
    """What is not on a block device may be on a network, or in another process."""
    if not Path("/proc/version").exists():
        pytest.skip("there is no file system without a disk")
    assert open_cached(Path("/proc"), "version") is None


def test_no_descriptor_is_left(directory: Path) -> None:
    os.mkfifo(directory / "fifo")
    descriptors = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 -- all that is wanted
    for path in ("nothing", "../secret.txt"):
        assert open_cached(directory, path) is None
    for path in ("fifo", "below"):
        with pytest.raises(FileNotServed):
            open_cached_file(directory, path)
    assert len(os.listdir("/proc/self/fd")) == descriptors  # noqa: PTH208


def test_an_open_file_is_described_as_one_that_was_waited_for(directory: Path) -> None:
    file = open_cached_file(directory, "below/b.txt")
    assert file is not None
    try:
        status = (directory / "below" / "b.txt").stat()
        assert (file.name, file.size) == ("b.txt", 12)
        assert file.modified == int(status.st_mtime)
    finally:
        file.close()


@pytest.mark.parametrize("path", ["", ".hidden", "below/../a.txt", "a.txt\0", "below\\b.txt"])
def test_a_name_that_is_not_served_needs_no_look(directory: Path, path: str) -> None:
    with pytest.raises(FileNotServed):
        open_cached_file(directory, path)


def test_what_is_read_stays_when_more_is_read(directory: Path) -> None:
    descriptor = os.open(directory / "a.txt", os.O_RDONLY)
    try:
        first, second = read_cached(descriptor, 7, 0), read_cached(descriptor, 4, 8)
    finally:
        os.close(descriptor)
    assert (first, second) == (b"content", b"of a")


def test_threads_do_not_read_into_each_other(directory: Path) -> None:
    (directory / "x").write_bytes(b"x" * 262_144)
    (directory / "y").write_bytes(b"y" * 262_144)
    mixed: list[str] = []

    def read(name: str) -> None:
        descriptor = os.open(directory / name, os.O_RDONLY)
        try:
            for _ in range(300):
                if read_cached(descriptor, 262_144, 0).strip(name.encode()):
                    mixed.append(name)
        finally:
            os.close(descriptor)

    threads = [threading.Thread(target=read, args=(name,)) for name in "xy"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert mixed == []


def test_where_nothing_is_known_of_the_cache_nothing_is_read(directory: Path) -> None:
    assert read_cached(-1, 10, 0) == b""
    reading, writing = os.pipe()
    try:
        os.write(writing, b"content")
        assert read_cached(reading, 7, 0) == b""
    finally:
        os.close(reading)
        os.close(writing)
    descriptor = os.open(directory / "a.txt", os.O_RDONLY)
    try:
        assert read_cached(descriptor, 10, 12) == b"", "there is nothing after the end"
    finally:
        os.close(descriptor)
