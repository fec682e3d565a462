"""Forms: what a server that shuts down leaves of them. CONTRACT.md, *Uploads*."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from fakes import PATIENCE

from raw_asgi.backends import durability, upload_store
from raw_asgi.backends.upload_store import UploadStore
from raw_asgi.uploads import _FormFiles


def test_a_form_that_was_discarded_takes_no_more_files(tmp_path: Path) -> None:
    """A thread goes on in the parser after the server has cancelled the request."""
    files = _FormFiles(UploadStore(tmp_path))
    files.begin_file("a")
    files.write(b"content")
    files.discard()
    with pytest.raises(RuntimeError, match="the form was discarded"):
        files.begin_file("b")
    with pytest.raises(RuntimeError, match="the form was discarded"):
        files.store()
    assert list(tmp_path.iterdir()) == []


def test_a_form_that_is_being_stored_is_stored_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = _FormFiles(UploadStore(tmp_path))
    for name in ("a", "b"):
        files.begin_file(name)
        files.write(name.encode())
        files.end_file()
    discarding = threading.Thread(target=files.discard)
    sync = durability.sync_directory

    def discard_meanwhile(directory: Path) -> None:
        if discarding.ident is None:
            discarding.start()
        sync(directory)

    monkeypatch.setattr(upload_store, "sync_directory", discard_meanwhile)
    files.store()
    discarding.join(PATIENCE)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]
