"""Uploads on their way to the disk: `raw_asgi.backends.upload_store`. CONTRACT.md, *Uploads*."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from raw_asgi.backends.upload_store import (
    BadName,
    Receipt,
    Refused,
    TooLarge,
    UploadStore,
    check_name,
)

# printf 'one two' | sha256sum
ONE_TWO = "8ab63e29a4ba14e4e1688f9c15e5af90895421358c945b0431f85d66977bd3d2"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "not" / "made" / "yet"


@pytest.fixture
def store(directory: Path) -> UploadStore:
    return UploadStore(directory, 100)


def _names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def _put(store: UploadStore, name: str, content: bytes) -> Receipt:
    with store.receive(name) as upload:
        upload.write(content)
        return upload.store()


def test_an_upload_is_stored(store: UploadStore, directory: Path) -> None:
    with store.receive("a.txt") as upload:
        upload.write(b"one ")
        upload.write(memoryview(b"two"))
        receipt = upload.store()
    assert receipt == Receipt("a.txt", 7, ONE_TWO, created=True)
    assert (directory / "a.txt").read_bytes() == b"one two"
    assert _names(directory) == ["a.txt"], "something is left beside the file"


def test_a_large_upload_is_stored_as_it_came(directory: Path) -> None:
    # More than is put on the disk at a time, and no multiple of it.
    pieces = [bytes([number]) * 1_000_003 for number in range(40)]
    with UploadStore(directory).receive("a.bin") as upload:
        for piece in pieces:
            upload.write(piece)
        receipt = upload.store()
    content = b"".join(pieces)
    assert receipt == Receipt("a.bin", 40_000_120, hashlib.sha256(content).hexdigest(), True)
    assert (directory / "a.bin").read_bytes() == content


def test_an_upload_replaces(store: UploadStore, directory: Path) -> None:
    assert _put(store, "a.txt", b"old").created
    assert not _put(store, "a.txt", b"new").created
    assert (directory / "a.txt").read_bytes() == b"new"


def test_an_empty_upload(store: UploadStore, directory: Path) -> None:
    # printf '' | sha256sum
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert _put(store, "empty", b"") == Receipt("empty", 0, empty, created=True)
    assert (directory / "empty").read_bytes() == b""


def test_a_reader_sees_the_old_file_or_the_new_one(store: UploadStore, directory: Path) -> None:
    _put(store, "a.txt", b"old")
    with (directory / "a.txt").open("rb") as reader, store.receive("a.txt") as upload:
        upload.write(b"new content")
        assert (directory / "a.txt").read_bytes() == b"old", "the file changed while it came"
        upload.store()
        assert reader.read() == b"old", "the file that is being read was written to"
    assert (directory / "a.txt").read_bytes() == b"new content"


def test_what_is_not_stored_leaves_nothing(store: UploadStore, directory: Path) -> None:
    with store.receive("a.txt") as upload:
        upload.write(b"broken off")
    assert _names(directory) == []


def test_what_fails_leaves_nothing(store: UploadStore, directory: Path) -> None:
    def fail() -> None:
        with store.receive("a.txt") as upload:
            upload.write(b"broken off")
            raise RuntimeError("by order")

    with pytest.raises(RuntimeError, match="by order"):
        fail()
    assert _names(directory) == []


def test_discarding_keeps_what_was_there(store: UploadStore, directory: Path) -> None:
    _put(store, "a.txt", b"old")
    with store.receive("a.txt") as upload:
        upload.write(b"new")
        upload.flush()
    assert _names(directory) == ["a.txt"]
    assert (directory / "a.txt").read_bytes() == b"old"


def test_discarding_twice_does_nothing(store: UploadStore, directory: Path) -> None:
    upload = store.receive("a.txt")
    upload.discard()
    upload.discard()
    assert _names(directory) == []


def test_what_is_being_received_cannot_be_asked_for(store: UploadStore, directory: Path) -> None:
    with store.receive("a.txt") as upload:
        upload.write(b"x")
        (name,) = _names(directory)
        assert name.startswith(".")
        with pytest.raises(BadName):
            check_name(name)


def test_what_is_never_written_leaves_nothing(store: UploadStore, directory: Path) -> None:
    store.receive("a.txt")
    assert _names(directory) == []


def test_an_empty_upload_is_stored(store: UploadStore, directory: Path) -> None:
    with store.receive("a.txt") as upload:
        assert upload.store().size == 0
    assert (directory / "a.txt").read_bytes() == b""


def test_a_thread_that_writes_on_after_the_discard_writes_nowhere(
    store: UploadStore, directory: Path
) -> None:
    upload = store.receive("a.txt")
    upload.write(b"x")
    upload.discard()
    with pytest.raises(RuntimeError, match="discarded"):
        upload.write(b"y")
    assert _names(directory) == []


def test_the_limit_holds(store: UploadStore, directory: Path) -> None:
    with store.receive("a") as upload:
        upload.write(b"x" * 60)
        upload.write(b"x" * 40)
        assert upload.store().size == 100
    with store.receive("b") as upload:
        upload.write(b"x" * 60)
        with pytest.raises(TooLarge):
            upload.write(b"x" * 41)
    assert _names(directory) == ["a"]


def test_a_limit_of_nothing_takes_an_empty_file(directory: Path) -> None:
    store = UploadStore(directory, 0)
    assert _put(store, "empty", b"").size == 0
    with store.receive("a") as upload, pytest.raises(TooLarge):
        upload.write(b"x")


def test_digests(store: UploadStore) -> None:
    with store.receive("a.txt", ["sha512", "sha256"]) as upload:
        assert upload.digest("sha512") == hashlib.sha512(b"").digest()
        upload.write(b"one ")
        upload.write(b"two")
        assert upload.digest().hex() == ONE_TWO
        assert upload.digest("sha512") == hashlib.sha512(b"one two").digest()


def test_a_name_that_is_taken_refuses_a_new_file(store: UploadStore, directory: Path) -> None:
    _put(store, "a.txt", b"old")
    with store.receive("a.txt") as upload:
        upload.write(b"new")
        with pytest.raises(Refused):
            upload.store(new=True)
    assert (directory / "a.txt").read_bytes() == b"old"
    assert _names(directory) == ["a.txt"]


def test_a_free_name_takes_a_new_file(store: UploadStore, directory: Path) -> None:
    with store.receive("a.txt") as upload:
        upload.write(b"new")
        assert upload.store(new=True).created
    assert _names(directory) == ["a.txt"]


def test_a_condition_that_does_not_hold_refuses(store: UploadStore, directory: Path) -> None:
    _put(store, "a.txt", b"old")
    with store.receive("a.txt") as upload:
        upload.write(b"new")
        with pytest.raises(Refused):
            upload.store(lambda: False)
    assert (directory / "a.txt").read_bytes() == b"old"


def test_a_condition_is_asked_when_all_is_received(store: UploadStore) -> None:
    version = store.find_version("a.txt")
    assert version is None
    with store.receive("a.txt") as upload:
        upload.write(b"new")
        _put(store, "a.txt", b"meanwhile")
        with pytest.raises(Refused):
            upload.store(lambda: store.find_version("a.txt") == version)


def test_of_two_racing_new_files_one_wins(directory: Path) -> None:
    # Two stores, as in two processes: only the file system stands between them.
    stores = {content: UploadStore(directory) for content in (b"one", b"two")}
    both_received = threading.Barrier(2)
    outcomes: dict[bytes, str] = {}

    def receive(content: bytes) -> None:
        with stores[content].receive("a.txt") as upload:
            upload.write(content)
            both_received.wait(10)
            try:
                upload.store(lambda: both_received.wait(10) >= 0, new=True)
            except Refused:
                outcomes[content] = "refused"
            else:
                outcomes[content] = "stored"

    threads = [threading.Thread(target=receive, args=(each,)) for each in (b"one", b"two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert sorted(outcomes.values()) == ["refused", "stored"]
    (winner,) = (content for content, outcome in outcomes.items() if outcome == "stored")
    assert (directory / "a.txt").read_bytes() == winner
    assert _names(directory) == ["a.txt"]


def test_of_two_that_replace_the_same_version_one_wins(store: UploadStore) -> None:
    with store.receive("a.txt") as upload:
        upload.store()
    version = store.find_version("a.txt")
    in_condition = threading.Event()
    second_waits = threading.Event()
    outcomes: list[str] = []

    def holds() -> bool:
        in_condition.set()
        second_waits.wait(10)
        return store.find_version("a.txt") == version

    def replace() -> None:
        with store.receive("a.txt") as upload:
            try:
                upload.store(holds)
            except Refused:
                outcomes.append("refused")
            else:
                outcomes.append("stored")

    threads = [threading.Thread(target=replace) for _ in range(2)]
    threads[0].start()
    assert in_condition.wait(10)
    threads[1].start()
    second_waits.set()
    for thread in threads:
        thread.join(10)
    assert sorted(outcomes) == ["refused", "stored"]


@pytest.mark.parametrize("new", [False, True])
def test_a_directory_with_that_name(store: UploadStore, directory: Path, new: bool) -> None:
    (directory / "taken").mkdir(parents=True)
    with pytest.raises(BadName, match="the name is taken by a directory"):
        store.receive("taken")
    assert _names(directory) == ["taken"]
    with store.receive("late") as upload:
        (directory / "late").mkdir()
        with pytest.raises((BadName, Refused)):
            upload.store(new=new)
    assert _names(directory) == ["late", "taken"]


def test_a_link_is_replaced_and_not_written_through(store: UploadStore, directory: Path) -> None:
    directory.mkdir(parents=True)
    outside = directory.parent / "outside"
    outside.write_bytes(b"outside")
    (directory / "a.txt").symlink_to(outside)
    _put(store, "a.txt", b"new")
    assert outside.read_bytes() == b"outside"
    assert (directory / "a.txt").read_bytes() == b"new"
    assert not (directory / "a.txt").is_symlink()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "the name is empty"),
        (".", "the name begins with a dot"),
        ("..", "the name begins with a dot"),
        (".upload", "the name begins with a dot"),
        ("a/b", "the name is more than one path segment"),
        ("../a", "the name begins with a dot"),
        ("/a", "the name is more than one path segment"),
        ("a\\b", "the name is more than one path segment"),
        ("a\0", "the name has a control character"),
        ("a\nb", "the name has a control character"),
        ("a\x7f", "the name has a control character"),
        ("a\x9f", "the name has a control character"),
        ("\ud800", "the name is not Unicode text"),
        ("x" * 256, "the name is longer than 255 bytes"),
        ("\u20ac" * 86, "the name is longer than 255 bytes"),
    ],
)
def test_bad_names(store: UploadStore, directory: Path, name: str, message: str) -> None:
    with pytest.raises(BadName) as caught:
        store.receive(name)
    assert str(caught.value) == message
    assert not directory.exists(), "something was made for a bad name"


@pytest.mark.parametrize(
    "name", ["a", "a.b..c", "a b", "\u20ac", "x" * 255, "\u20ac" * 85, "~", "a%2fb", "-"]
)
def test_good_names(store: UploadStore, directory: Path, name: str) -> None:
    assert _put(store, name, b"x").name == name
    assert _names(directory) == [name]


FULL = """
import resource, sys
from pathlib import Path
from raw_asgi.backends.upload_store import StorageFull, UploadStore

resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
with UploadStore(Path(sys.argv[1]), 1 << 20).receive("a") as upload:
    upload.write(b"x" * 4000)
    try:
        upload.write(b"x" * 4000)
    except StorageFull as error:
        print("StorageFull:", error)
"""


def test_a_full_disk(directory: Path) -> None:
    """In a process that may not write larger files: to the store, the same as a full disk."""
    finished = subprocess.run(  # noqa: S603 -- our own interpreter and arguments
        [sys.executable, "-c", FULL, str(directory)], capture_output=True, text=True, timeout=30
    )
    assert (finished.stdout, finished.stderr) == ("StorageFull: the disk is full\n", "")
    assert _names(directory) == []


def test_what_is_no_lack_of_room_is_not_called_one(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(NotADirectoryError):
        UploadStore(tmp_path / "file" / "below", 10).receive("a")
