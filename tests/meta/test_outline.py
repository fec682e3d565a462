"""The outline: the three applications have the same modules, and in each the same endpoints."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

APPLICATIONS = ("raw_asgi", "starlette_app", "fastapi_compat")

ENDPOINTS = {
    "files": ["get_file"],
    "csv_rows": ["get_table", "post_totals"],
    "jsonl_rows": ["get_table"],
    "events": ["get_clock", "get_events", "post_event"],
    "uploads": ["put_upload", "post_form"],
}

# Named for the method that it answers.
_ENDPOINT = re.compile(r"(get|head|post|put|patch|delete)_[a-z_]+")


def list_endpoints(source: str) -> list[str]:
    """The functions of a module that are named as endpoints, at any depth, in their order."""
    functions = [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    functions.sort(key=lambda function: function.lineno)
    return [function.name for function in functions if _ENDPOINT.fullmatch(function.name)]


def list_names(source: str) -> set[str]:
    """What a module defines or assigns, at any depth."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
    return names


@pytest.mark.parametrize("module", ENDPOINTS)
@pytest.mark.parametrize("application", APPLICATIONS)
def test_a_family_has_its_endpoints_in_their_order(application: str, module: str) -> None:
    source = (ROOT / application / f"{module}.py").read_text("utf-8")
    assert list_endpoints(source) == ENDPOINTS[module]


@pytest.mark.parametrize("application", APPLICATIONS)
def test_an_application_is_made_by_create_app_and_served_as_main(application: str) -> None:
    assert "create_app" in list_names((ROOT / application / "app.py").read_text("utf-8"))
    assert "app" in list_names((ROOT / application / "main.py").read_text("utf-8"))


def test_the_outline_is_read_in_order_and_at_any_depth() -> None:
    source = (
        "class Family:\n"
        "    async def put_upload(self): ...\n"
        "    def _put_aside(self): ...\n"
        "def family():\n"
        "    async def post_form(): ...\n"
        "    def forget(): ...\n"
        "def get_file(): ...\n"
    )
    assert list_endpoints(source) == ["put_upload", "post_form", "get_file"]
