"""The distribution: what the wheel carries, and what it does not."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's file, built by the backend itself: nothing is fetched."""
    directory = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(directory)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)  # noqa: S603
    assert ended.returncode == 0, ended.stdout + ended.stderr
    (path,) = directory.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def wheel(built: Path) -> zipfile.Path:
    """What is in the wheel."""
    return zipfile.Path(built)


def _list_files(wheel: zipfile.Path) -> set[str]:
    return set(wheel.root.namelist())


@pytest.mark.parametrize(
    "name",
    [
        "raw_asgi/app.py",
        "raw_asgi/asgi/types.py",
        "raw_asgi/backends/files.py",
        "raw_asgi/http/ranges.py",
        "raw_asgi/py.typed",
        "starlette_app/main.py",
        "fastapi_compat/main.py",
        "asgi_conformance/plugin.py",
        "asgi_conformance/endpoints/test_files.py",
        "asgi_conformance/server/probe.py",
        "asgi_conformance/server/requirements.toml",
        "asgi_conformance/expectations/starlette.toml",
        "asgi_conformance/results/page.html",
        "asgi_conformance/results/schema.json",
        "asgi_conformance/CONTRACT.md",
        "asgi_conformance/py.typed",
    ],
)
def test_the_wheel_has(wheel: zipfile.Path, name: str) -> None:
    assert name in _list_files(wheel)


@pytest.mark.parametrize(
    ("package", "directory"),
    [
        ("raw_asgi", "."),
        ("starlette_app", "."),
        ("fastapi_compat", "."),
        ("asgi_conformance", "tests"),
    ],
)
def test_the_wheel_has_every_module_and_expectation(
    wheel: zipfile.Path, package: str, directory: str
) -> None:
    base = ROOT / directory
    written = {
        path.relative_to(base).as_posix()
        for pattern in ("*.py", "*.toml")
        for path in (base / package).rglob(pattern)
    }
    assert written <= _list_files(wheel)


def test_the_wheel_has_nothing_else(wheel: zipfile.Path) -> None:
    tops = {name.partition("/")[0] for name in _list_files(wheel)}
    packages = {"raw_asgi", "starlette_app", "fastapi_compat", "asgi_conformance"}
    assert {top for top in tops if not top.endswith(".dist-info")} == packages


def test_the_wheel_is_a_plugin_of_pytest(wheel: zipfile.Path) -> None:
    (name,) = (name for name in _list_files(wheel) if name.endswith("entry_points.txt"))
    entry_points = (wheel / name).read_text("utf-8")
    assert entry_points == "[pytest11]\nasgi_conformance = asgi_conformance.plugin\n"


_INSTALL_SECONDS = 400


def test_the_suite_runs_from_the_wheel_in_an_empty_environment(built: Path, tmp_path: Path) -> None:
    def run(*command: str) -> str:
        ended = subprocess.run(  # noqa: S603 - our own commands
            command,
            cwd=tmp_path,
            # No path of this checkout, and no settings of the run that this test is in.
            env={
                name: value
                for name, value in os.environ.items()
                if not name.startswith(("PYTEST_", "PYTHON", "COV_"))
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_INSTALL_SECONDS,
        )
        assert ended.returncode == 0, ended.stdout
        return ended.stdout

    venv.create(tmp_path / "environment", with_pip=True)
    python = str(tmp_path / "environment" / "bin" / "python")
    run(python, "-m", "pip", "install", "--quiet", f"{built}[test]")
    suite = (python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--pyargs")
    output = run(*suite, "asgi_conformance.server.test_scope", "--asgi-server", "uvicorn")
    assert "probe-uvicorn-plain" in output, output
    output = run(
        *(*suite, "asgi_conformance.endpoints.test_csv", "--asgi-server", "hypercorn"),
        *("--asgi-gzip", "off", "--asgi-report=report"),
    )
    assert "raw-hypercorn-plain" in output, output
    assert (tmp_path / "report" / "index.html").stat().st_size
