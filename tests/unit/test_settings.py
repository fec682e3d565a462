"""The environment: `raw_asgi.settings`. CONTRACT.md, *Configuration*."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from raw_asgi.settings import Settings, SettingsError

VARIABLES = [
    "MORE_BODY_FILES",
    "MORE_BODY_DATABASE",
    "MORE_BODY_GZIP",
    "MORE_BODY_FAULTS",
    "MORE_BODY_MAX_UPLOAD_BYTES",
    "MORE_BODY_CHUNK_BYTES",
    "MORE_BODY_FLUSH_SECONDS",
    "MORE_BODY_HEARTBEAT_SECONDS",
    "MORE_BODY_REPLAY_EVENTS",
]
DEFAULTS = Settings(
    files=Path(".data/files"),
    database=None,
    gzip=False,
    faults=False,
    max_upload_bytes=1073741824,
    chunk_bytes=65536,
    flush_seconds=0.05,
    heartbeat_seconds=15.0,
    replay_events=1024,
    tables={},
)


def test_defaults() -> None:
    assert Settings.from_env({}) == DEFAULTS == Settings()


def test_empty_values_count_as_unset() -> None:
    assert Settings.from_env(dict.fromkeys(VARIABLES, "")) == DEFAULTS


def test_other_variables_are_ignored() -> None:
    assert Settings.from_env({"MORE_BODY_UNHEARD_OF": "x", "PATH": "/bin"}) == DEFAULTS


def test_the_environment_of_the_process_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MORE_BODY_GZIP", "1")
    assert Settings.from_env() == Settings(gzip=True)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("MORE_BODY_GZIP", "0", Settings(gzip=False)),
        ("MORE_BODY_GZIP", "1", Settings(gzip=True)),
        ("MORE_BODY_FAULTS", "0", Settings(faults=False)),
        ("MORE_BODY_FAULTS", "1", Settings(faults=True)),
        ("MORE_BODY_MAX_UPLOAD_BYTES", "0", Settings(max_upload_bytes=0)),
        ("MORE_BODY_MAX_UPLOAD_BYTES", "1000000000000", Settings(max_upload_bytes=10**12)),
        ("MORE_BODY_CHUNK_BYTES", "1", Settings(chunk_bytes=1)),
        ("MORE_BODY_CHUNK_BYTES", "16777216", Settings(chunk_bytes=16777216)),
        ("MORE_BODY_FLUSH_SECONDS", "0.001", Settings(flush_seconds=0.001)),
        ("MORE_BODY_FLUSH_SECONDS", "2", Settings(flush_seconds=2.0)),
        ("MORE_BODY_HEARTBEAT_SECONDS", "0.5", Settings(heartbeat_seconds=0.5)),
        ("MORE_BODY_HEARTBEAT_SECONDS", "3600", Settings(heartbeat_seconds=3600.0)),
        ("MORE_BODY_REPLAY_EVENTS", "1", Settings(replay_events=1)),
        ("MORE_BODY_REPLAY_EVENTS", "100000", Settings(replay_events=100000)),
    ],
)
def test_good_values(name: str, value: str, expected: Settings) -> None:
    assert Settings.from_env({name: value}) == expected


def test_a_directory(tmp_path: Path) -> None:
    assert Settings.from_env({"MORE_BODY_FILES": str(tmp_path)}).files == tmp_path


def test_a_directory_need_not_exist_yet(tmp_path: Path) -> None:
    later = tmp_path / "not" / "yet"
    assert Settings.from_env({"MORE_BODY_FILES": str(later)}).files == later
    assert not later.exists()


def test_a_database(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    path.write_bytes(b"")
    assert Settings.from_env({"MORE_BODY_DATABASE": str(path)}).database == path


def test_a_home_directory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert Settings.from_env({"MORE_BODY_FILES": "~/files"}).files == tmp_path / "files"


NO_SWITCH = "0 or 1 is wanted, not"
NO_SECONDS = "a number of seconds above 0 is wanted, not"
BAD = [
    *(("MORE_BODY_GZIP", value, NO_SWITCH) for value in ("2", "true", "yes", " 1", "01", "-")),
    *(("MORE_BODY_FAULTS", value, NO_SWITCH) for value in ("2", "on")),
    *(
        ("MORE_BODY_MAX_UPLOAD_BYTES", value, "0 to 576460752303423488 is wanted, not")
        for value in ("-1", "x", "1.5", "1_000", "+1", "1e9", " 1", "\u0661", "9" * 18, "9" * 5000)
    ),
    *(
        ("MORE_BODY_CHUNK_BYTES", value, "1 to 16777216 is wanted, not")
        for value in ("0", "16777217", "64k")
    ),
    *(
        ("MORE_BODY_FLUSH_SECONDS", value, NO_SECONDS)
        for value in ("0", "0.0", "-1", "x", "1e3", ".5", "1.", "nan", "inf", "1_0", " 1")
    ),
    *(("MORE_BODY_HEARTBEAT_SECONDS", value, NO_SECONDS) for value in ("0", "15s", "infinity")),
    *(
        ("MORE_BODY_REPLAY_EVENTS", value, "1 to 16777216 is wanted, not")
        for value in ("0", "-1", "many")
    ),
]


@pytest.mark.parametrize(("name", "value", "message"), BAD)
def test_bad_values(name: str, value: str, message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_env({name: value})
    assert str(caught.value) == f"{name}: {message} {value!r}"


def test_a_directory_that_is_a_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"")
    with pytest.raises(SettingsError) as caught:
        Settings.from_env({"MORE_BODY_FILES": str(path)})
    assert str(caught.value) == f"MORE_BODY_FILES: {str(path)!r} is not a directory"


@pytest.mark.parametrize("name", ["missing.db", "."])
def test_a_database_that_is_no_file(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with pytest.raises(SettingsError) as caught:
        Settings.from_env({"MORE_BODY_DATABASE": str(path)})
    assert str(caught.value) == f"MORE_BODY_DATABASE: {str(path)!r} is no file that can be read"


def test_a_database_that_is_something_else(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("no database")
    with pytest.raises(SettingsError) as caught:
        Settings.from_env({"MORE_BODY_DATABASE": str(path)})
    assert str(caught.value) == f"MORE_BODY_DATABASE: {str(path)!r} is no SQLite file"


def test_an_empty_file_is_an_empty_database(tmp_path: Path) -> None:
    path = tmp_path / "empty.db"
    path.touch()
    assert Settings.from_env({"MORE_BODY_DATABASE": str(path)}).database == path


@pytest.mark.parametrize(
    "values", [{"chunk_bytes": 0}, {"flush_seconds": 0.0}, {"replay_events": 0}], ids=repr
)
def test_a_value_given_in_code_is_looked_at_too(values: dict[str, int]) -> None:
    (name,) = values
    with pytest.raises(SettingsError, match=f"^{name} must be above 0$"):
        Settings(**values)  # type: ignore[arg-type] # one of several types


@pytest.mark.parametrize("name", ["MORE_BODY_FILES", "MORE_BODY_DATABASE"])
@pytest.mark.parametrize("value", ["~no-such-user-here/x", "x" * 300])
def test_a_path_that_cannot_be_one(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_env({name: value})
    assert str(caught.value) == f"{name}: {value!r} is not a path that can be used"


def test_the_program_stops_with_one_line() -> None:
    finished = subprocess.run(
        [sys.executable, "-c", "import raw_asgi.main"],
        env={"MORE_BODY_GZIP": "perhaps"},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert (finished.returncode, finished.stdout, finished.stderr) == (
        1,
        "",
        "MORE_BODY_GZIP: 0 or 1 is wanted, not 'perhaps'\n",
    )
