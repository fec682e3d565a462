"""Rules: the start with bad settings, and the end (CONTRACT.md, Configuration; cancel)."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import pytest

from asgi_conformance.cells import Cell
from asgi_conformance.checks import check
from asgi_conformance.exchange import Ending, Exchange
from asgi_conformance.gathering import gathers
from asgi_conformance.hosting import Host, Subject
from asgi_conformance.process import DoesNotStart
from asgi_conformance.uploading import Listing, begin_put, choose_name

Start = Callable[..., Subject]

_BAD = {
    "MORE_BODY_GZIP": ("yes", "2"),
    "MORE_BODY_FAULTS": ("true",),
    "MORE_BODY_MAX_UPLOAD_BYTES": ("1e6", "-1"),
    "MORE_BODY_CHUNK_BYTES": ("0", "16777217"),
    "MORE_BODY_FLUSH_SECONDS": ("0", "-0.05"),
    "MORE_BODY_HEARTBEAT_SECONDS": ("nan",),
    "MORE_BODY_REPLAY_EVENTS": ("0",),
}
_NAMES = ("MORE_BODY_FILES", "MORE_BODY_DATABASE", *_BAD)
_LOAD = "import importlib, sys; importlib.import_module(sys.argv[1].partition(':')[0])"


def _begin_load(application: str, variables: Mapping[str, str]) -> subprocess.Popen[str]:
    """Load the application as a server does, in a process of its own with these settings."""
    others = {name: value for name, value in os.environ.items() if name not in _NAMES}
    return subprocess.Popen(  # noqa: S603 - the application under test, as asked for
        [sys.executable, "-c", _LOAD, application],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**others, **variables, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )


@cache
def _refuse_all(application: str) -> dict[tuple[str, str], tuple[int, str]]:
    """The exit status and the output for each bad value. The server has no part in it."""
    refused = {}
    cases = [(name, value) for name, values in _BAD.items() for value in values]
    while cases:
        running = [(case, _begin_load(application, dict([case]))) for case in cases[:4]]
        del cases[:4]
        for case, process in running:
            output, _ = process.communicate(timeout=30)
            refused[case] = (process.returncode, output)
    return refused


@check("rules-settings-refused", reference="CONTRACT Configuration: stops the start", own=True)
def test_rules_settings_refused(subject: Subject) -> None:
    for (name, value), (status, output) in _refuse_all(subject.cell.application).items():
        assert status != 0, f"{name}={value} is taken: {output}"


@check(
    "rules-settings-one-line",
    reference="CONTRACT Configuration: one line names the variable",
    own=True,
)
def test_rules_settings_one_line(subject: Subject) -> None:
    for (name, value), (_, output) in _refuse_all(subject.cell.application).items():
        lines = output.splitlines()
        assert len(lines) == 1, f"{name}={value} is answered with {output!r}"
        assert name in lines[0], f"{name}={value} is answered with {output!r}"


@check(
    "rules-settings-stop-the-server", reference="CONTRACT Configuration: stops the start", own=True
)
def test_rules_settings_stop_the_server(start_subject: Start) -> None:
    with pytest.raises(DoesNotStart, match="MORE_BODY_CHUNK_BYTES") as failure:
        start_subject(environment={"MORE_BODY_CHUNK_BYTES": "0"})
    assert "Traceback" not in str(failure.value), "a typing error is answered with a traceback"


@check(
    "rules-settings-empty", reference="CONTRACT Configuration: an empty value is unset", own=True
)
def test_rules_settings_empty(subject: Subject) -> None:
    loading = _begin_load(subject.cell.application, dict.fromkeys(_NAMES, ""))
    output, _ = loading.communicate(timeout=30)
    assert loading.returncode == 0, output


@check("rules-settings-defaults", reference="CONTRACT Configuration", own=True)
def test_rules_settings_defaults(start_subject: Start) -> None:
    # What stays is gzip, which is the cell's, and the directory, which is the test's.
    names = [name for name in _NAMES if name not in ("MORE_BODY_FILES", "MORE_BODY_GZIP")]
    own = start_subject(environment=dict.fromkeys(names, ""))
    get = own.client.get
    assert get("/csv/numbers?rows=1").body == b"id,name,value\r\n0,item_0,0.0\r\n"
    assert get("/csv/people").status == 404, "there is no database, and yet its table"
    for source in ("fails-first", "fails-after", "endless", "trickle"):
        assert own.client.head(f"/csv/{source}").status == 404, f"{source} without faults"
    body = bytes(2 * 1048576)
    put = own.client.request("PUT", f"/uploads/{choose_name()}", body=body)
    assert put.status == 201, "the limit is 1 GiB unless told"


@dataclass(frozen=True, slots=True)
class _Shutdown:
    """What was left of a server that was told to end with an event stream and an upload open."""

    ended: bool
    events: Exchange
    told: bool
    left: Listing


@pytest.fixture(scope="module")
def shutdown(asgi_cell: Cell, tmp_path_factory: pytest.TempPathFactory) -> Iterator[_Shutdown]:
    """Such a shutdown; once, since a server waits some seconds for what is open."""
    host = Host(asgi_cell, tmp_path_factory.mktemp(f"shutdown-{asgi_cell}"))
    own = host.attach()
    try:
        left = Listing(own)
        events = own.client.request("GET", "/events/open")
        events.read_chunk()
        upload = own.record(begin_put(own, choose_name(), 1000, b"x" * 500))
        if not gathers(own):
            # Once it asks for more there is something to leave.
            upload.wait_for("receive-begin", count=len(upload.select("receive")) + 1)
        own.process.terminate()
        ended = own.process.wait(8) is not None
        yield _Shutdown(ended, events, own.record(events).ended is not None, left)
    finally:
        own.leave()
        host.stop()


@check("rules-shutdown-idle", reference="CONTRACT cancel: shut down", own=True)
def test_rules_shutdown_idle(start_subject: Start) -> None:
    own = start_subject()
    own.client.get("/csv/numbers?rows=10").read_all()
    own.client.get("/jsonl/numbers?rows=10").read_all()
    left = own.client.request("GET", "/events/left")
    left.read_chunk()
    left.connection.close()
    own.record(left).wait_for_end()
    own.process.terminate()
    assert own.process.wait(8) is not None, "the server still runs 8 s after SIGTERM"
    assert "Traceback" not in own.output()


@check(
    "rules-shutdown-in-use", severity="observe", reference="CONTRACT cancel: shut down", slow=True
)
def test_rules_shutdown_in_use(shutdown: _Shutdown) -> None:
    assert shutdown.ended, "the server still runs 8 s after SIGTERM"


@check("rules-shutdown-events-end", reference="CONTRACT cancel: shut down", slow=True)
def test_rules_shutdown_events_end(shutdown: _Shutdown) -> None:
    assert shutdown.events.ending is not Ending.HUNG, "the stream outlives its server"


@check(
    "rules-shutdown-events-told",
    severity="observe",
    reference="CONTRACT cancel: shut down",
    slow=True,
)
def test_rules_shutdown_events_told(shutdown: _Shutdown) -> None:
    assert shutdown.told, "the application never came to release what the stream holds"


@check(
    "rules-shutdown-upload", rule="cancel", reference="CONTRACT Uploads: leaves nothing", slow=True
)
def test_rules_shutdown_upload(shutdown: _Shutdown) -> None:
    assert shutdown.left.new == set(), "an upload that was shut down left something"
