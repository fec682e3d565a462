"""The three sources of each family, side by side, with their line counts."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Published without types.
from pygments import highlight  # type: ignore[import-untyped]
from pygments.formatters import HtmlFormatter  # type: ignore[import-untyped]
from pygments.lexers import PythonLexer  # type: ignore[import-untyped]

import raw_asgi
from benchmarks.subjects import NAMES

FAMILIES = {
    "files": "files",
    "csv": "csv_rows",
    "jsonl": "jsonl_rows",
    "events": "events",
    "uploads": "uploads",
}
"""The families, and the name of the module that each application has for it."""

_ROOT = Path(raw_asgi.__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Source:
    """A module: its lines, how many of them are code, and itself as HTML."""

    path: str
    lines: int
    code: int
    html: str


@dataclass(frozen=True, slots=True)
class Size:
    """A package: how many modules it has, and how many lines of code."""

    name: str
    modules: int
    code: int


def read_sources() -> dict[str, list[Source]]:
    """By family, those of the three applications."""
    return {
        family: [_read_source(f"{name}/{module}.py") for name in NAMES]
        for family, module in FAMILIES.items()
    }


def list_sizes() -> list[Size]:
    """The packages, those of the raw application's parts by themselves."""
    return [
        _measure("raw_asgi: what a family's module stands on", "raw_asgi/asgi", "raw_asgi/http"),
        _measure("shared by all three: where streams come from and go to", "raw_asgi/backends"),
        *(_measure(f"{name}: modules", name, deep=False) for name in NAMES),
    ]


def format_style() -> str:
    """The style sheet of the sources."""
    return str(_formatter().get_style_defs(".source"))


def count_code(source: str) -> int:
    """Lines that have code on them: no blank ones, no comments, no docstrings."""
    tree = ast.parse(source)
    documented = set(_docstring_lines(tree))
    return sum(
        bool(line.strip()) and not line.lstrip().startswith("#") and number not in documented
        for number, line in enumerate(source.splitlines(), 1)
    )


def _docstring_lines(tree: ast.AST) -> Iterator[int]:
    for node in ast.walk(tree):
        # A string that stands by itself, at the head of something or below what it describes.
        match node:
            case ast.Expr(value=ast.Constant(value=str())):
                yield from range(node.lineno, (node.end_lineno or node.lineno) + 1)


def _read_source(path: str) -> Source:
    source = (_ROOT / path).read_text("utf-8")
    html = highlight(source, PythonLexer(), _formatter())
    return Source(path, len(source.splitlines()), count_code(source), html)


def _measure(name: str, *directories: str, deep: bool = True) -> Size:
    paths = [
        path
        for directory in directories
        for path in sorted((_ROOT / directory).glob("**/*.py" if deep else "*.py"))
    ]
    return Size(name, len(paths), sum(count_code(path.read_text("utf-8")) for path in paths))


def _formatter() -> Any:
    return HtmlFormatter(style="default", nobackground=True)
