"""The distribution: what the wheel carries, and what it does not."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.Path:
    """The wheel, built by the backend itself: nothing is fetched."""
    directory = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(directory)]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)  # noqa: S603
    assert built.returncode == 0, built.stdout + built.stderr
    (path,) = directory.glob("*.whl")
    return zipfile.Path(path)


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
