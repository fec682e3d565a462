"""The import rules: who may know whom, in every module, wherever in it the import stands."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# Our packages, and the directories that they are in.
PACKAGES = {
    "raw_asgi": ".",
    "starlette_app": ".",
    "fastapi_compat": ".",
    "benchmarks": ".",
    "asgi_conformance": "tests",
}

# What of ours a package may import; the longest name that fits a module counts.
RULES: dict[str, tuple[str, ...]] = {
    "raw_asgi": ("raw_asgi",),
    "raw_asgi.http": ("raw_asgi.http",),
    "raw_asgi.tasks": (),
    "raw_asgi.backends": ("raw_asgi.backends", "raw_asgi.tasks"),
    "raw_asgi.asgi": ("raw_asgi.asgi", "raw_asgi.http", "raw_asgi.tasks"),
    "starlette_app": ("starlette_app", "raw_asgi.settings", "raw_asgi.backends"),
    "fastapi_compat": ("fastapi_compat", "raw_asgi.settings", "raw_asgi.backends"),
    "asgi_conformance": ("asgi_conformance",),
}

THIRD_PARTY = {"raw_asgi": {"anyio", "isal", "msgspec", "python_multipart"}}


@dataclass(frozen=True, slots=True)
class Import:
    """One import: the module that has it, and the module that it is of."""

    importer: str
    imported: str
    line: int

    def __str__(self) -> str:
        return f"{self.importer}, line {self.line}, imports {self.imported}"


def find_imports(root: Path) -> Iterator[Import]:
    """The imports of our packages below `root`, also of functions and for types alone."""
    modules = dict(_find_modules(root))
    for module, path in modules.items():
        package = module if path.name == "__init__.py" else module.rpartition(".")[0]
        for node in ast.walk(ast.parse(path.read_text("utf-8"), str(path))):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield Import(module, alias.name, node.lineno)
            elif isinstance(node, ast.ImportFrom):
                base = _resolve(package, node)
                for alias in node.names:
                    # `from a import b` is of the module a.b where there is one, else of a.
                    within = f"{base}.{alias.name}"
                    yield Import(module, within if within in modules else base, node.lineno)


def find_trespasses(root: Path) -> list[str]:
    """The imports that the rules forbid, one line each."""
    found = []
    for it in find_imports(root):
        package, top = it.importer.partition(".")[0], it.imported.partition(".")[0]
        allowed = RULES.get(max((r for r in RULES if _is_in(it.importer, r)), key=len, default=""))
        if top in PACKAGES:
            trespass = allowed is not None and not any(_is_in(it.imported, a) for a in allowed)
        else:
            known = THIRD_PARTY.get(package)
            trespass = known is not None and top not in known | sys.stdlib_module_names
        if trespass:
            found.append(str(it))
    return found


def _find_modules(root: Path) -> Iterator[tuple[str, Path]]:
    for package, directory in PACKAGES.items():
        for path in sorted((root / directory / package).rglob("*.py")):
            parts = path.relative_to(root / directory).with_suffix("").parts
            yield ".".join(parts).removesuffix(".__init__"), path


def _resolve(package: str, node: ast.ImportFrom) -> str:
    if node.level == 0:
        return node.module or ""
    parts = package.split(".")
    base = parts[: len(parts) - node.level + 1]
    return ".".join([*base, *filter(None, [node.module])])


def _is_in(module: str, package: str) -> bool:
    return module == package or module.startswith(package + ".")


def _write(root: Path, sources: dict[str, str]) -> None:
    for name, source in sources.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, "utf-8")


def test_the_tree_keeps_the_import_rules() -> None:
    trespasses = find_trespasses(ROOT)
    assert not trespasses, "\n".join(trespasses)


def test_every_package_is_looked_at() -> None:
    seen = {it.importer.partition(".")[0] for it in find_imports(ROOT)}
    assert {"raw_asgi", "starlette_app", "fastapi_compat", "asgi_conformance"} <= seen


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("raw_asgi/backends/files.py", "import raw_asgi.asgi.types\n"),
        ("raw_asgi/backends/files.py", "from raw_asgi.http import ranges\n"),
        ("raw_asgi/backends/files.py", "from ..http.ranges import parse_range\n"),
        ("raw_asgi/http/ranges.py", "from raw_asgi.settings import Settings\n"),
        ("raw_asgi/http/ranges.py", "from .. import backends\n"),
        ("raw_asgi/asgi/types.py", "from raw_asgi.backends.files import open_file\n"),
        ("raw_asgi/asgi/types.py", "import raw_asgi.files\n"),
        ("raw_asgi/files.py", "import starlette_app.files\n"),
        ("raw_asgi/files.py", "import requests\n"),
        ("raw_asgi/files.py", "def f() -> None:\n    import h11\n"),
        ("starlette_app/files.py", "import raw_asgi\n"),
        ("starlette_app/files.py", "from raw_asgi import create_app\n"),
        ("starlette_app/files.py", "from raw_asgi.http.ranges import parse_range\n"),
        ("starlette_app/files.py", "from raw_asgi.files import Files\n"),
        ("starlette_app/files.py", "def f() -> None:\n    from raw_asgi.asgi import types\n"),
        ("starlette_app/files.py", "if TYPE_CHECKING:\n    from fastapi_compat import app\n"),
        ("fastapi_compat/files.py", "from raw_asgi.compression import GZipMiddleware\n"),
        ("fastapi_compat/files.py", "from starlette_app import problems\n"),
        ("tests/asgi_conformance/client.py", "from raw_asgi.settings import Settings\n"),
        ("tests/asgi_conformance/client.py", "import starlette_app\n"),
        (
            "tests/asgi_conformance/client.py",
            "try:\n    import fastapi_compat.app\nfinally:\n    0\n",
        ),
    ],
)
def test_a_forbidden_import_is_found(tmp_path: Path, name: str, source: str) -> None:
    _write(tmp_path, {name: source})
    assert len(find_trespasses(tmp_path)) == 1, f"not found in {name}: {source}"


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("raw_asgi/files.py", "import os\nfrom anyio import to_thread\nimport isal, msgspec\n"),
        ("raw_asgi/files.py", "from raw_asgi.http.ranges import parse_range\n"),
        ("raw_asgi/asgi/types.py", "from raw_asgi.http import problem\nfrom . import lifespan\n"),
        ("raw_asgi/http/ranges.py", "from raw_asgi.http.dates import format_http_date\n"),
        ("raw_asgi/backends/files.py", "from .tables import Table\n"),
        ("starlette_app/files.py", "from raw_asgi import settings\nimport starlette\n"),
        ("fastapi_compat/files.py", "from raw_asgi.backends.files import open_file\n"),
        ("tests/asgi_conformance/client.py", "import h11\nfrom asgi_conformance import cells\n"),
    ],
)
def test_an_allowed_import_is_none(tmp_path: Path, name: str, source: str) -> None:
    _write(tmp_path, {"raw_asgi/settings.py": "", name: source})
    assert find_trespasses(tmp_path) == []
