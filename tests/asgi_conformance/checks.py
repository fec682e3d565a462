"""Checks: what the suite calls one thing that it demands of a subject."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Literal, TypeVar

import pytest

import asgi_conformance

Severity = Literal["must", "should", "observe"]
Http = Literal["1.1", "2"]

RULES = frozenset(
    {
        "first-item", "no-clean-end", "cancel", "flow", "coalesce",
        "head", "bodyless", "problem", "mount", "gzip",
    }
)  # fmt: skip
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+")
_Function = TypeVar("_Function", bound=Callable[..., object])


@dataclass(frozen=True, slots=True)
class Check:
    """What a check demands.

    `slug` is its stable name, `severity` the standard's keyword, `rule` the contract's rule
    that it belongs to, `reference` the standard and its section. `own` says that it needs a
    server process of its own, and that gzip makes no difference to it. A check of the server
    layer has a `requirement`, an id of `requirements.toml`; `http` is the one protocol that it
    is for, `1.1` or `2`, None where it is for both.
    """

    slug: str
    severity: Severity
    rule: str | None
    reference: str
    own: bool
    requirement: str | None = None
    http: Http | None = None


def check(
    slug: str,
    *,
    severity: Severity = "must",
    rule: str | None = None,
    reference: str,
    requirement: str | None = None,
    http: Http | None = None,
    own: bool = False,
    slow: bool = False,
) -> Callable[[_Function], _Function]:
    """Make a check of the test function `test_<slug>` (with `_` for `-`).

    A check that must or should hold fails the run where it fails; one that only observes is
    reported and fails nothing. `own`, `requirement`, `http`: see Check. `slow` says that it
    takes longer than a tenth of a second, most of which it waits.

    Raises `ValueError` when the slug, the rule or the function's name does not fit.
    """
    if _SLUG.fullmatch(slug) is None:
        raise ValueError(f"a slug is words of a-z and 0-9 joined by '-', not {slug!r}")
    if rule is not None and rule not in RULES:
        raise ValueError(f"{slug}: the contract has no rule {rule!r}")
    described = Check(slug, severity, rule, reference, own, requirement, http)

    def mark(function: _Function) -> _Function:
        expected = "test_" + slug.replace("-", "_")
        if function.__name__ != expected:
            raise ValueError(f"the check {slug} must be the function {expected}")
        marked: _Function = pytest.mark.asgi_check(described)(function)
        if slow:
            marked = pytest.mark.asgi_slow(marked)
        return pytest.mark.asgi_own(marked) if own else marked

    return mark


@contextmanager
def truncate_differences() -> Iterator[None]:
    """Have pytest cut what it shows of two values that differ, also in continuous integration.

    Where `CI` is set it works the whole difference out, which for two bodies of some hundred
    kilobytes takes minutes.
    """
    with pytest.MonkeyPatch.context() as patch:
        for name in ("CI", "BUILD_NUMBER"):
            patch.delenv(name, raising=False)
        yield


def read_check(item: pytest.Item) -> Check | None:
    """The check that a collected test is, or None where it is an ordinary test."""
    marker = item.get_closest_marker("asgi_check")
    if marker is None:
        return None
    described = marker.args[0]
    return described if isinstance(described, Check) else None


def list_checks() -> Iterator[Check]:
    """Every check of the suite's own modules, in order of module and definition."""
    for module in _list_modules():
        yield from read_checks(module)


def read_checks(module: ModuleType) -> Iterator[Check]:
    """Every check of a module, in order of definition."""
    for function in _list_functions(module):
        for mark in getattr(function, "pytestmark", []):
            if mark.name == "asgi_check":
                yield mark.args[0]


def find_check(slug: str) -> Callable[..., None]:
    """The function that is the check of that slug. Raises `LookupError` where there is none."""
    name = "test_" + slug.replace("-", "_")
    for module in _list_modules():
        for function in _list_functions(module):
            if function.__name__ == name:
                return function
    raise LookupError(f"there is no check {slug}")


def _list_modules() -> Iterator[ModuleType]:
    for module in pkgutil.walk_packages(asgi_conformance.__path__, "asgi_conformance."):
        if module.name.rpartition(".")[2].startswith("test_"):
            yield importlib.import_module(module.name)


def _list_functions(module: ModuleType) -> Iterator[Callable[..., None]]:
    for name, function in vars(module).items():
        if name.startswith("test_"):
            yield function
