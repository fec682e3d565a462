"""The commands of the suite: whole runs under pytest, and servers that are run by hand."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest

ROOT = Path(__file__).parents[2]
HARNESS = Path(__file__).parent / "harness"


def _run_pytest(*arguments: str, directory: Path = HARNESS) -> tuple[int, str]:
    words = (sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-c", os.devnull)
    finished = subprocess.run(  # noqa: S603 - our own interpreter and arguments
        [*words, "--rootdir", str(directory), *arguments],
        cwd=directory,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return finished.returncode, finished.stdout + finished.stderr


def test_a_wrong_name_is_a_usage_error() -> None:
    status, output = _run_pytest("outcomes.py", "--asgi-app", "tiny:app", "--asgi-server", "corn")
    assert status == 4
    assert "ERROR: no server 'corn'; known: uvicorn, " in output


def test_an_application_with_nothing_of_the_contract_is_judged_by_the_checks() -> None:
    status, output = _run_pytest(
        *("outcomes.py", "-q", "--asgi-gzip", "off", "-k", "pass"),
        *("--asgi-app", "tiny:refusing", "--asgi-server", "uvicorn"),
    )
    assert status == 1
    assert "b'no' == b'onetwo'" in output, output
    assert "does not start" not in output


def test_a_subject_that_completes_no_answer_is_told_once_and_no_check_is_blamed() -> None:
    status, output = _run_pytest(
        *("outcomes.py", "-q", "-rs", "--asgi-gzip", "off"),
        *("--asgi-app", "tiny:breaking", "--asgi-server", "uvicorn"),
    )
    assert status == 1
    told = "the subject tiny-uvicorn-plain does not start: GET /csv/numbers?rows=1: 200, b'one'"
    assert told in output
    assert output.count('"GET /csv/numbers?rows=1 HTTP/1.1" 200') == 1, "its output is told twice"
    assert output.splitlines()[-1].startswith("1 error, 7 not run"), "a check is blamed"


def test_a_cell_and_its_baseline_stay_on_one_worker_in_their_order() -> None:
    _, output = _run_pytest(
        *("outcomes.py", "-v", "-n", "2", "--asgi-gzip", "both", "-k", "pass or fail"),
        *("--asgi-app", "tiny:app", "--asgi-server", "uvicorn", "--asgi-middleware", "tiny:shout"),
    )
    done = re.findall(r"\[(gw\d)\].*::\w+\[tiny-uvicorn-(\w+)(\+shout)?\]", output)
    assert len(done) == 8, output
    for compression in ("plain", "gzip"):
        of_pair = [(worker, around) for worker, each, around in done if each == compression]
        assert len({worker for worker, _ in of_pair}) == 1, "the pair was torn apart"
        assert [around for _, around in of_pair] == ["", "", "+shout", "+shout"]


def test_the_example_of_the_documentation_is_a_server(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "add-a-server.md").read_text("utf-8")
    example = page.partition("```python\n")[2].partition("```")[0]
    (tmp_path / "my_servers.py").write_text(example, "utf-8")
    status, output = _run_pytest(
        *("--pyargs", "asgi_conformance.server", "-v", "-k", "test_request_without_body"),
        *("--asgi-server", "my_servers:MyServer-all"),
        directory=tmp_path,
    )
    assert status == 0, output
    for cell in ("myserver", "myserver-uvloop", "myserver-h2"):
        assert f"test_request_without_body[probe-{cell}-plain] PASSED" in output, output


@pytest.mark.parametrize("server", ["uvicorn", "granian"])
@pytest.mark.parametrize("ignored", [False, True], ids=["in-front", "in-the-background"])
def test_serving_by_hand_ends_with_the_server(server: str, ignored: bool) -> None:
    # A shell that is not interactive has its background jobs ignore SIGINT from the start.
    background = "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_IGN); "
    background += "os.execv(sys.argv[1], sys.argv[1:])"
    before = [sys.executable, "-c", background] if ignored else []
    with subprocess.Popen(  # noqa: S603 - our own interpreter and arguments
        [*before, sys.executable, "-m", "asgi_conformance", "serve", server, "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as serving:
        assert serving.stdout is not None
        url = next(line[4:].strip() for line in serving.stdout if line.startswith("URL="))
        with urlopen(url) as answer:  # noqa: S310 - the server that was just started
            assert answer.read() == b"probe"
        serving.send_signal(signal.SIGINT)
        try:
            assert serving.wait(10) == 0
        finally:
            serving.kill()
    host, _, port = url.removeprefix("http://").partition(":")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, int(port)))


def test_serving_a_server_that_is_not_there_says_so() -> None:
    finished = subprocess.run(
        [sys.executable, "-m", "asgi_conformance", "serve", "unicorn"],
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert finished.returncode == 1
    assert finished.stderr.startswith("no server 'unicorn'; known: uvicorn, ")
