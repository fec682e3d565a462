"""The suite's harness: what it sees of a small subject, and what a run makes of its checks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HARNESS = Path(__file__).parent / "harness"
UVICORN = ("--asgi-server", "uvicorn", "--asgi-gzip", "off")


def _run(tmp_path: Path, module: str, *arguments: str, ini: str = "") -> tuple[int, str]:
    """Run a module of the harness in a pytest of its own; its exit status and output."""
    configuration = tmp_path / "pytest.ini"
    configuration.write_text(f"[pytest]\n{ini}", "utf-8")
    finished = subprocess.run(  # noqa: S603 - our own interpreter and arguments
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-rA"),
            *("-c", str(configuration), "--rootdir", str(HARNESS), str(HARNESS / module)),
            *arguments,
        ],
        cwd=HARNESS,
        # Where CI is set, pytest's summary repeats all that a failure says.
        env={name: value for name, value in os.environ.items() if name != "CI"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    return finished.returncode, finished.stdout + finished.stderr


@pytest.mark.parametrize("server", ["uvicorn", "hypercorn"])
def test_the_harness_sees_what_a_subject_does(tmp_path: Path, server: str) -> None:
    status, output = _run(tmp_path, "probes.py", "--asgi-app", "tiny:app", "--asgi-server", server)
    assert status == 0, output
    assert f"[tiny-{server}-plain]" in output, "the cell is not in the test's id"
    assert f"[tiny-{server}-gzip]" in output, "the cell is not in the test's id"


def test_a_failure_shows_the_wire_and_the_recorder(tmp_path: Path) -> None:
    _, output = _run(
        tmp_path, "outcomes.py", "--asgi-app", "tiny:app", *UVICORN, "-k", "outcome_fail"
    )
    assert "> b'GET /two HTTP/1.1\\r\\n" in output
    assert 'send-end {"type": "http.response.body", "size": 3, "more_body": true}' in output
    assert '"GET /two HTTP/1.1" 200 OK' in output


def test_what_only_observes_fails_nothing(tmp_path: Path) -> None:
    status, output = _run(
        tmp_path, "outcomes.py", "--asgi-app", "tiny:app", *UVICORN, "-k", "observe or pass"
    )
    assert status == 0, output
    assert "1 observed" in output


def test_a_server_that_dies_is_blamed_on_its_check_and_started_anew(tmp_path: Path) -> None:
    _, output = _run(tmp_path, "outcomes.py", "--asgi-app", "tiny:app", *UVICORN, "-k", "kill")
    assert "ERROR outcomes.py::test_outcome_kill[tiny-uvicorn-plain]" in output
    assert "the server's process ended during this check" in output
    assert "PASSED outcomes.py::test_outcome_after_kill[tiny-uvicorn-plain]" in output


def test_a_server_that_is_slow_to_be_gone_is_blamed_on_its_check(tmp_path: Path) -> None:
    server = ("--asgi-server", "lingering:Lingering", "--asgi-gzip", "off")
    _, output = _run(tmp_path, "outcomes.py", "--asgi-app", "tiny:app", *server, "-k", "exit")
    assert "the server's process ended during this check" in output, output
    assert "PASSED outcomes.py::test_outcome_after_exit[tiny-lingering-plain]" in output, output


def test_a_subject_that_does_not_start_is_told_once(tmp_path: Path) -> None:
    status, output = _run(tmp_path, "outcomes.py", "--asgi-app", "tiny:nothing", *UVICORN)
    assert status == 1
    assert output.count("AttributeError: module 'tiny' has no attribute 'nothing'") == 1, output
    assert "1 error, 7 not run" in output


def test_the_ini_options_choose_the_cells(tmp_path: Path) -> None:
    ini = "asgi_apps = tiny:app\nasgi_servers =\n  uvicorn\n  hypercorn\nasgi_gzip = on\n"
    _, output = _run(tmp_path, "outcomes.py", "--collect-only", "-k", "outcome_pass", ini=ini)
    assert "test_outcome_pass[tiny-uvicorn-gzip]" in output
    assert "test_outcome_pass[tiny-hypercorn-gzip]" in output
    assert "plain]" not in output


def test_a_middleware_is_put_around_the_application(tmp_path: Path) -> None:
    arguments = ("--asgi-app", "tiny:app", *UVICORN, "--asgi-middleware", "tiny:shout")
    _, output = _run(tmp_path, "outcomes.py", *arguments, "-k", "outcome_pass")
    assert "FAILED outcomes.py::test_outcome_pass[tiny-uvicorn-plain+shout]" in output
    assert "b'ONETWO' == b'onetwo'" in output


_ENTRY = (
    '[[deviation]]\napplication = "tiny"\nserver = "*"\nmiddleware = "plain"\n'
    'versions = {{pytest = ">=1"}}\ndeviation = "d"\nreason = "r"\nevidence = "e"\n'
    'check = "outcome-{name}"\n'
)


def test_expected_deviations_are_strict(tmp_path: Path) -> None:
    (tmp_path / "tiny.toml").write_text(
        "".join(_ENTRY.format(name=name) for name in ("pass", "fail", "error")), "utf-8"
    )
    _, output = _run(
        tmp_path,
        "outcomes.py",
        *("--asgi-app", "tiny:app", *UVICORN, "-k", "pass or fail or error"),
        ini=f"asgi_expectations = {tmp_path}\n",
    )
    assert "XFAIL outcomes.py::test_outcome_fail" in output, "an expected failure is not expected"
    assert "FAILED outcomes.py::test_outcome_pass" in output, "an unexpected pass is taken"
    assert "ERROR outcomes.py::test_outcome_error" in output, "any error counts as the failure"


def test_an_expectation_of_no_check_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "tiny.toml").write_text(_ENTRY.format(name="fial"), "utf-8")
    ini = f"asgi_expectations = {tmp_path}\n"
    status, output = _run(tmp_path, "outcomes.py", "--asgi-app", "tiny:app", *UVICORN, ini=ini)
    assert status == 4
    told = "/tiny.toml: outcome-fial of tiny-*-plain: there is no check 'outcome-fial'"
    assert told in output


def test_an_expectation_of_a_check_beside_the_one_that_is_run_is_known(tmp_path: Path) -> None:
    (tmp_path / "tiny.toml").write_text(_ENTRY.format(name="fail"), "utf-8")
    status, output = _run(
        tmp_path,
        "outcomes.py::test_outcome_pass",
        *("--asgi-app", "tiny:app", *UVICORN),
        ini=f"asgi_expectations = {tmp_path}\n",
    )
    assert status == 0, output


def test_a_directory_of_expectations_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    ini = "asgi_expectations = nowhere\n"
    status, output = _run(tmp_path, "outcomes.py", "--asgi-app", "tiny:app", *UVICORN, ini=ini)
    assert status == 4
    assert "/nowhere: there is no such directory of expectations" in output
