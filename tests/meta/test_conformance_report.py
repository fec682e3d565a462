"""What a run of the suite reports: verdicts, exit status, blame, and the files it writes."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # published without types
import pytest

HARNESS = Path(__file__).parent / "harness"
TINY = ("--asgi-app", "tiny:app", "--asgi-server", "uvicorn", "--asgi-gzip", "off")
KNOWN = """
[[deviation]]
check = "judged-must"
application = "tiny"
server = "uvicorn"
middleware = "plain"
versions = {uvicorn = ">=0.1"}
deviation = "says onetwo"
reason = "it counts"
evidence = "tiny.py"
reproduction = "curl -s $URL/two"
shows = "^onetwo$"
"""


class Run:
    """A pytest of its own, in the directory of the harness."""

    def __init__(self, directory: Path, *arguments: str, expectations: str = "") -> None:
        self.report = directory / "report"
        (directory / "known.toml").write_text(expectations, "utf-8")
        configuration = directory / "pytest.ini"
        configuration.write_text(f"[pytest]\nasgi_expectations = {directory}\n", "utf-8")
        options = ("-q", "-p", "no:cacheprovider", "-c", str(configuration))
        finished = run_pytest(
            *options, "--rootdir", str(HARNESS), "--asgi-report", str(self.report), *arguments
        )
        self.status = finished.returncode
        self.output = finished.stdout + finished.stderr

    @property
    def document(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads((self.report / "results.json").read_text("utf-8"))
        return document

    def find(self, slug: str, cell: str = "tiny-uvicorn-plain") -> dict[str, Any]:
        """The one result of a check in a cell."""
        (found,) = (
            result
            for result in self.document["results"]
            if (result["check"], result["cell"]) == (slug, cell)
        )
        result: dict[str, Any] = found
        return result


def run_pytest(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own interpreter and arguments
        [sys.executable, "-m", "pytest", *arguments],
        cwd=HARNESS,
        env={name: value for name, value in os.environ.items() if name != "CI"},
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """All the verdicts; one failure is a known deviation."""
    directory = tmp_path_factory.mktemp("run")
    return Run(directory, "judged.py", *TINY, "-n", "0", expectations=KNOWN)


def test_each_verdict_is_given(run: Run) -> None:
    verdicts = {r["check"]: (r["verdict"], r["expected"]) for r in run.document["results"]}
    assert verdicts == {
        "judged-pass": ("pass", True),
        "judged-must": ("fail", True),
        "judged-should": ("warn", False),
        "judged-observed": ("observed", True),
        "judged-measured": ("observed", True),
        "judged-skipped": ("not applicable", True),
        "judged-error": ("error", False),
    }


def test_the_results_fit_their_schema(run: Run) -> None:
    schema = json.loads(
        resources.files("asgi_conformance.results").joinpath("schema.json").read_text("utf-8")
    )
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(run.document, schema)


def test_a_known_deviation_is_told_with_its_reason(run: Run) -> None:
    deviation = run.find("judged-must")["deviation"]
    assert deviation == {
        "file": f"{run.report.parent.name}/known.toml",
        "deviation": "says onetwo",
        "reason": "it counts",
        "evidence": "tiny.py",
        "reproduction": "curl -s $URL/two",
        "shows": "^onetwo$",
        "versions": {"uvicorn": ">=0.1"},
    }


def test_a_failure_has_its_evidence(run: Run) -> None:
    sections = {s["title"]: s["text"] for s in run.find("judged-should")["sections"]}
    assert sections["contract"] == "should: RFC 0 §2"
    wire = r"\+\d+\.\d{3} > b'GET /two HTTP/1\.1\\r\\n"
    assert re.match(wire, sections["wire"]), sections["wire"]
    assert 'send-end {"type": "http.response.body", "size": 3,' in sections["recorder"]
    assert "uvicorn 0." in sections["versions"]


def test_observations_and_measurements_are_told(run: Run) -> None:
    assert run.find("judged-observed")["observations"][0].startswith("does not hold: <not> two")
    measured = run.find("judged-measured")
    assert measured["observations"] == ["it answers"]
    assert measured["measurements"] == [
        {
            "name": "size",
            "unit": "bytes",
            "n": 3,
            "min": 2,
            "median": 4,
            "max": 6,
            "values": [6, 2, 4],
        }
    ]


def test_why_a_check_does_not_apply_is_told(run: Run) -> None:
    assert run.find("judged-skipped")["note"] == "1.1 has no such thing"


def test_the_report_names_no_place_of_the_machine(run: Run) -> None:
    written = [path.read_text("utf-8") for path in run.report.iterdir()]
    assert len(written) == 3
    for place in (str(Path.home()), str(Path(__file__).parents[2]), str(run.report.parent)):
        assert not any(place in text for text in written), f"{place} is published"


def test_the_page_needs_nothing_else(run: Run) -> None:
    page = (run.report / "index.html").read_text("utf-8")
    for word in ("http://", "https://", "<link", "src=", "@import", "url("):
        assert word not in page, f"the page may load something: {word}"


def test_the_page_has_a_place_for_each_check_and_each_failure(run: Run) -> None:
    page = (run.report / "index.html").read_text("utf-8")
    assert '<article id="judged-pass">' in page
    assert '<article id="judged-must@tiny-uvicorn-plain">' in page
    assert '<article id="judged-pass@tiny-uvicorn-plain">' not in page, "evidence of a pass"
    assert "does not hold: &lt;not&gt; two" in page, "what was seen is not escaped"


def test_the_summary_begins_with_what_is_unexpected(run: Run) -> None:
    summary = (run.report / "summary.md").read_text("utf-8")
    assert "2 unexpected of 7 results" in summary
    assert "- **warn** `judged-should` in `tiny-uvicorn-plain`" in summary
    assert "| tiny-uvicorn-plain | 1 | 1 | 1 (**1**) | 2 | 1 | 1 (**1**) |" in summary


def test_the_terminal_tells_the_counts(run: Run) -> None:
    assert (
        "tiny-uvicorn-plain  1 pass, 1 fail (known), 1 warn (1 unexpected), 2 observed,"
        " 1 not applicable, 1 error (1 unexpected)"
    ) in run.output


def test_results_come_from_the_workers_of_xdist(tmp_path: Path) -> None:
    run = Run(tmp_path, "judged.py", *TINY, "-n", "2", expectations=KNOWN)
    assert [count["total"] for count in run.document["counts"].values()] == [1, 1, 1, 2, 1, 0, 1]
    assert run.find("judged-must")["deviation"]["reason"] == "it counts"


def test_a_report_tells_of_the_cells_in_the_order_in_which_they_were_asked_for(
    tmp_path: Path,
) -> None:
    cells = ("--asgi-app", "tiny:app", "--asgi-server", "uvicorn", "--asgi-server", "hypercorn")
    run = Run(tmp_path, "judged.py", *cells, "-n", "4")
    assert [cell["id"] for cell in run.document["cells"]] == [
        "tiny-uvicorn-plain",
        "tiny-uvicorn-gzip",
        "tiny-hypercorn-plain",
        "tiny-hypercorn-gzip",
    ]


def test_a_warning_fails_only_a_strict_run(tmp_path: Path) -> None:
    lenient = Run(tmp_path, "judged.py", *TINY, "-k", "judged_should")
    assert lenient.status == 0, lenient.output
    assert "1 warned" in lenient.output
    strict = Run(tmp_path, "judged.py", *TINY, "-k", "judged_should", "--asgi-strict")
    assert strict.status == 1, strict.output
    assert "1 failed" in strict.output


def test_a_known_deviation_that_is_gone_fails_the_run(tmp_path: Path) -> None:
    gone = KNOWN.replace("judged-must", "judged-pass")
    run = Run(tmp_path, "judged.py", *TINY, "-k", "judged_pass", expectations=gone)
    assert run.status == 1
    assert "this deviation is gone; remove it from" in run.output
    assert run.find("judged-pass")["expected"] is False


def test_a_deviation_of_other_versions_is_not_expected(tmp_path: Path) -> None:
    older = KNOWN.replace(">=0.1", "<0.1")
    run = Run(tmp_path, "judged.py", *TINY, "-k", "judged_must", expectations=older)
    assert run.status == 1
    assert "known of other versions (uvicorn <0.1); look at it anew" in run.output


def test_expectations_that_cannot_be_read_are_a_usage_error(tmp_path: Path) -> None:
    wrong = KNOWN.replace("shows = ", "shown = ")
    run = Run(tmp_path, "judged.py", *TINY, "-k", "judged_pass", expectations=wrong)
    assert run.status == 4, run.output
    assert "known.toml" in run.output


def test_a_middleware_is_blamed_for_the_difference_alone(tmp_path: Path) -> None:
    run = Run(
        tmp_path,
        *("judged.py", *TINY, "-k", "judged_pass or judged_must"),
        *("--asgi-middleware", "tiny:shout"),
        expectations=KNOWN,
    )
    louder = "tiny-uvicorn-plain+shout"
    too = run.find("judged-must", louder)
    assert (too["verdict"], too["expected"]) == ("fail", True)
    assert too["note"] == "fails without the middleware, too"
    assert "blame" not in too
    own = run.find("judged-pass", louder)
    assert (own["verdict"], own["expected"]) == ("fail", False)
    assert own["blame"]["culprit"] == "middleware"
    assert "middleware: tiny:shout: 1 unexpected, 0 known" in run.output


def test_what_does_not_start_is_blamed_on_no_check(tmp_path: Path) -> None:
    broken = ("--asgi-app", "tiny:nothing", *TINY[2:])
    run = Run(tmp_path, "judged.py", *broken)
    assert run.status == 1
    counts = {name: count["total"] for name, count in run.document["counts"].items()}
    assert (counts["error"], counts["not run"]) == (1, 6)
    assert not any("blame" in result for result in run.document["results"])


def test_the_command_of_a_failure_runs_it_alone(run: Run) -> None:
    words = shlex.split(run.find("judged-should")["command"])
    assert words[0] == "pytest"
    again = run_pytest("-p", "no:cacheprovider", "-c", os.devnull, "--asgi-strict", *words[1:])
    assert again.returncode == 1, again.stdout + again.stderr
    assert "not what it should be" in again.stdout
    assert "1 failed in" in again.stdout


def test_the_command_of_a_check_of_the_server_runs_it_alone(tmp_path: Path) -> None:
    module = ("--pyargs", "asgi_conformance.server.test_scope")
    run = Run(tmp_path, *module, "--asgi-layer", "server", "--asgi-server", "uvicorn-h11-asyncio")
    seen = next(each for each in run.document["results"] if each["verdict"] == "observed")
    again = run_pytest("-c", os.devnull, "-q", *shlex.split(seen["command"])[1:])
    assert again.returncode == 0, again.stdout + again.stderr
    assert "1 observed in" in again.stdout
