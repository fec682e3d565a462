"""The servers of the suite: how they are named, started and ended, and the cells made of them."""

from __future__ import annotations

import re
import ssl
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast
from urllib.request import urlopen

import pytest
from asgi_conformance.cells import PROBE, Cell, choose_cells, missing_servers
from asgi_conformance.client import eventually
from asgi_conformance.hosting import Host, Subject
from asgi_conformance.servers import (
    SHIPPED,
    SUBJECT,
    TLS,
    Mode,
    Server,
    UnknownServer,
    find_server,
    list_servers,
)
from asgi_conformance.smoke import try_one_request

ROOT = Path(__file__).parents[2]
RAW = "raw_asgi.main:app"


class Own(Server):
    """A server of somebody's own, one mode of which lacks what it needs."""

    modes: tuple[Mode, ...] = (
        Mode("plain"),
        Mode("h-2", "2"),
        Mode("odd", distributions=("no-such-one",)),
    )

    def command(
        self, mode: Mode, descriptor: int, root_path: str, tls: TLS | None
    ) -> Sequence[str]:
        return [sys.executable, "--help", mode.name, str(descriptor), root_path, str(tls), SUBJECT]


class Absent(Own):
    """A server that is not installed."""

    distributions = ("no-such-distribution",)
    modes = (Mode("plain"), Mode("fancy"))


OWN, ABSENT = f"{__name__}:Own", f"{__name__}:Absent"


class Options:
    """The options and ini options of a run, as pytest's configuration tells them."""

    def __init__(self, ini: dict[str, list[str]] | None = None, **given: object) -> None:
        self._given = given
        self._ini = {"asgi_gzip": "off", **(ini or {})}

    def getoption(self, name: str) -> object:
        return self._given.get(name)

    def getini(self, name: str) -> object:
        return self._ini.get(name, [])


def _configure(ini: dict[str, list[str]] | None = None, **given: object) -> pytest.Config:
    return cast(pytest.Config, Options(ini, **given))


def _name_cells(config: pytest.Config) -> list[str]:
    return [str(c) for layer in ("server", "endpoints") for c in choose_cells(config, layer)]


# Each server, started for real.


@contextmanager
def _run(server: str, directory: Path, **changes: object) -> Iterator[Subject]:
    if missing := find_server(server).missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    host = Host(Cell(PROBE, server, gzip=False), directory, **changes)  # type: ignore[arg-type]
    try:
        subject = host.attach()
        yield subject
        subject.leave()
    finally:
        host.stop()


def _have_ended(pids: Sequence[int]) -> bool:
    # Those that it started are not ours to wait for: that they are killed is seen a moment later.
    return eventually(lambda: not any(_is_running(pid) for pid in pids))


def _is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"  # ended, and its parent has not asked how


@pytest.mark.parametrize("name", [variant.name for variant in list_servers("all")])
def test_every_mode_starts_answers_and_ends_when_it_is_told_to(name: str, tmp_path: Path) -> None:
    with _run(name, tmp_path) as subject:
        try_one_request(subject)
        pids = subject.process.pids
        subject.process.terminate()
        assert subject.process.wait(5) is not None, "it still runs 5 s after its signal"
    assert subject.process.pid in pids
    assert _have_ended(pids), "a process of it is left"


@pytest.mark.parametrize("name", SHIPPED)
def test_stopping_ends_all_processes_at_once(name: str, tmp_path: Path) -> None:
    with _run(name, tmp_path) as subject:
        subject.client.request("GET", "/").read_all()
        pids = subject.process.pids
    assert _have_ended(pids), "a process of it is left"


@pytest.mark.parametrize("name", SHIPPED)
def test_the_root_path_is_handed_to_the_application(name: str, tmp_path: Path) -> None:
    with _run(name, tmp_path, root_path="/mounted") as subject:
        answer = subject.client.request("GET", "/").read_all()
        call = subject.record(answer).wait_for("call")
    assert call.fields["scope"]["root_path"] == "/mounted"


@pytest.mark.parametrize("name", SHIPPED)
def test_a_server_with_a_certificate_encrypts(name: str, tmp_path: Path) -> None:
    with _run(name, tmp_path, tls=True) as subject:
        process = subject.process
        assert process.tls is not None
        trusting = ssl.create_default_context(cafile=process.tls.authority)
        with urlopen(f"https://127.0.0.1:{process.address[1]}/", context=trusting) as answer:
            assert answer.read() == b"probe"


# Names.


@pytest.mark.parametrize(
    ("name", "canonical", "mode", "http"),
    [
        ("uvicorn", "uvicorn", "httptools-uvloop", "1.1"),
        ("uvicorn-httptools-uvloop", "uvicorn", "httptools-uvloop", "1.1"),
        ("uvicorn-h11-asyncio", "uvicorn-h11-asyncio", "h11-asyncio", "1.1"),
        ("uvicorn-zttp-h2", "uvicorn-zttp-h2", "zttp-h2", "2"),
        ("daphne", "daphne", "default", "1.1"),
        (OWN, OWN, "plain", "1.1"),
        (f"{OWN}-h-2", f"{OWN}-h-2", "h-2", "2"),
    ],
)
def test_a_name_is_a_server_and_a_mode(name: str, canonical: str, mode: str, http: str) -> None:
    found = find_server(name)
    assert (found.name, found.mode.name, found.mode.http) == (canonical, mode, http)


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("hypercorn", ["hypercorn"]),
        (
            "granian-all",
            ["granian", "granian-uvloop", "granian-asyncio-st", "granian-asyncio-h2"],
        ),
        (f"{OWN}-all", [OWN, f"{OWN}-h-2", f"{OWN}-odd"]),
    ],
)
def test_all_modes_of_a_server(name: str, names: list[str]) -> None:
    assert [variant.name for variant in list_servers(name)] == names


def test_all_servers_in_all_modes() -> None:
    names = [variant.name for variant in list_servers("all")]
    assert {"uvicorn", "hypercorn", "granian", "daphne"} < set(names)
    assert len(set(names)) == len(names) == 17


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("gunicorn", "no server 'gunicorn'; known: uvicorn, hypercorn, granian, daphne, "),
        ("hypercorn-curio", "hypercorn has no mode 'curio'; known: asyncio, uvloop, trio, "),
        ("nowhere:Server", "no server 'nowhere:Server': No module named 'nowhere'"),
        (f"{__name__}:Options", "Options is no subclass of asgi_conformance.servers.Server"),
    ],
)
def test_an_unknown_name_is_told_in_one_line(name: str, message: str) -> None:
    with pytest.raises(UnknownServer, match=re.escape(message)) as raised:
        find_server(name)
    assert len(str(raised.value).splitlines()) == 1


def test_versions_are_those_of_the_server_and_of_what_its_mode_needs() -> None:
    assert set(find_server("uvicorn-h11-uvloop").versions) == {"uvicorn", "h11", "uvloop"}
    assert find_server(ABSENT).versions == {}


@pytest.mark.parametrize("name", [ABSENT, f"{ABSENT}-all", f"{OWN}-odd"])
def test_to_name_what_is_not_installed_is_an_error(name: str) -> None:
    with pytest.raises(pytest.UsageError, match=r"is not installed: pip install no-such-"):
        choose_cells(_configure(asgi_server=[name]), "server")


def test_a_mode_that_lacks_something_is_left_out_of_all() -> None:
    config = _configure(asgi_server=[f"{OWN}-all"], asgi_layer="server")
    assert _name_cells(config) == ["probe-own-plain", "probe-own-h-2-plain"]
    assert missing_servers(config) == {f"{OWN}-odd": ("no-such-one",)}


@pytest.mark.parametrize("named", [None, ["all"]])
def test_a_server_that_is_not_installed_is_reported_where_none_is_named(
    named: list[str] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(cast(dict[str, type[Server]], SHIPPED), "absent", Absent)
    config = _configure(asgi_server=named, asgi_layer="server")
    assert not [cell for cell in _name_cells(config) if "absent" in cell]
    assert missing_servers(config)["absent"] == ("no-such-distribution",)


# Cells.


@pytest.mark.parametrize(
    ("server", "label", "server_name", "mode", "http"),
    [
        ("uvicorn", "uvicorn", "uvicorn", "httptools-uvloop", "1.1"),
        ("hypercorn-trio", "hypercorn-trio", "hypercorn", "trio", "1.1"),
        ("uvicorn-zttp-h2", "uvicorn-zttp-h2", "uvicorn", "zttp-h2", "2"),
        (f"{OWN}-h-2", "own-h-2", "own", "h-2", "2"),
    ],
)
def test_a_cell_knows_its_server(
    server: str, label: str, server_name: str, mode: str, http: str
) -> None:
    cell = Cell(PROBE, server, gzip=False)
    assert str(cell) == f"probe-{label}-plain"
    assert (cell.server_name, cell.mode, cell.http) == (server_name, mode, http)


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        (Cell(RAW, "daphne", gzip=False), "raw-daphne-plain"),
        (Cell(RAW, "daphne", gzip=True), "raw-daphne-gzip"),
        (Cell(RAW, "daphne", False, "a.b:C"), "raw-daphne-plain+C"),
        (Cell(RAW, "daphne", True, "a.b:C", by_middleware=True), "raw-daphne-middleware+C"),
    ],
    ids=str,
)
def test_a_cell_is_named_after_what_it_is_made_of(cell: Cell, name: str) -> None:
    assert str(cell) == name


def test_without_options_all_servers_are_judged_by_the_probe_and_the_reference() -> None:
    names = _name_cells(_configure())
    installed = [name for name in SHIPPED if not find_server(name).missing]
    assert names == [
        *(f"probe-{name}-plain" for name in installed),
        *(f"raw-{name}-plain" for name in installed),
    ]


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({"asgi_layer": "server"}, ["probe-uvicorn-plain"]),
        ({"asgi_layer": "endpoints"}, ["raw-uvicorn-plain"]),
        ({"asgi_layer": "both"}, ["probe-uvicorn-plain", "raw-uvicorn-plain"]),
        ({"asgi_app": ["tests:app"]}, ["tests-uvicorn-plain"]),
        (
            {"asgi_app": ["tests:app"], "asgi_layer": "both"},
            ["probe-uvicorn-plain", "tests-uvicorn-plain"],
        ),
    ],
    ids=str,
)
def test_the_layers_of_a_run(
    given: dict[str, Any], names: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    assert _name_cells(_configure(asgi_server=["uvicorn"], **given)) == names


def test_an_application_in_the_current_directory_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "files_app.py").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    config = _configure(asgi_server=["uvicorn"], asgi_app=["files_app:app"])
    assert _name_cells(config) == ["files_app-uvicorn-plain"]
    assert str(tmp_path) in sys.path, "what the checks load the application with cannot find it"
    with pytest.raises(pytest.UsageError, match="there is no 'nowhere_app'"):
        choose_cells(_configure(asgi_app=["nowhere_app:app"]), "endpoints")


def test_the_probe_can_have_servers_of_its_own() -> None:
    ini = {"asgi_servers": ["uvicorn"], "asgi_probe_servers": ["hypercorn-all"]}
    names = _name_cells(_configure(ini))
    assert names[-1] == "raw-uvicorn-plain"
    assert {name.split("-")[1] for name in names[:-1]} == {"hypercorn"}


def test_the_endpoints_are_checked_over_http_1_1_alone() -> None:
    config = _configure(asgi_server=["hypercorn-asyncio-h2", "hypercorn"])
    assert _name_cells(config) == [
        "probe-hypercorn-asyncio-h2-plain",
        "probe-hypercorn-plain",
        "raw-hypercorn-plain",
    ]
    alone = _configure(asgi_server=["hypercorn-asyncio-h2"], asgi_layer="endpoints")
    with pytest.raises(pytest.UsageError, match=r"over HTTP/1\.1"):
        choose_cells(alone, "endpoints")


def test_a_server_that_is_named_twice_is_run_once() -> None:
    config = _configure(asgi_server=["daphne", "daphne-all"], asgi_layer="server")
    assert _name_cells(config) == ["probe-daphne-plain"]


def test_a_cell_with_a_middleware_follows_its_baseline() -> None:
    config = _configure(asgi_server=["uvicorn"], asgi_middleware="m:M", asgi_gzip="both")
    assert _name_cells(config) == [
        "probe-uvicorn-plain",
        "probe-uvicorn-plain+M",
        "raw-uvicorn-plain",
        "raw-uvicorn-plain+M",
        "raw-uvicorn-gzip",
        "raw-uvicorn-gzip+M",
    ]
    for layer in ("server", "endpoints"):
        cells = choose_cells(config, layer)
        assert [cell.baseline for cell in cells[1::2]] == cells[::2]
        assert [cell.baseline for cell in cells[::2]] == [None] * (len(cells) // 2)


def test_a_middleware_that_compresses_is_compared_with_the_plain_cell() -> None:
    config = _configure(asgi_server=["uvicorn"], asgi_middleware="m:M", asgi_gzip="middleware")
    plain, compressed = choose_cells(config, "endpoints")
    assert plain == Cell(RAW, "uvicorn", gzip=False)
    assert (str(compressed), compressed.gzip) == ("raw-uvicorn-middleware+M", True)
    assert compressed.baseline == plain
    with pytest.raises(pytest.UsageError, match="--asgi-middleware"):
        choose_cells(_configure(asgi_server=["uvicorn"], asgi_gzip="middleware"), "endpoints")
