"""The requirements: each is checked or says why not, and no check asks for more than its text."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import asgi_conformance.server
import pytest
from asgi_conformance.checks import Check, list_checks
from asgi_conformance.requirements import Requirement, find_requirement, read_requirements

ENTRY = """
[[requirement]]
id = "RS-03"
title = "Transfer-Encoding is ignored"
keyword = "must"
source = "www.rst, Response Start - send event"
text = "the server must ignore it"
"""

# The severities that a text of that keyword can bear.
BEARABLE = {
    "must": {"must", "should", "observe"},
    "should": {"should", "observe"},
    "may": {"observe"},
    "silent": {"observe"},
}


def list_server_checks() -> Iterator[Check]:
    """The checks of the server layer, those without a requirement too."""
    package = asgi_conformance.server
    for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        if module.name.rpartition(".")[2].startswith("test_"):
            for function in vars(importlib.import_module(module.name)).values():
                for mark in getattr(function, "pytestmark", []):
                    if mark.name == "asgi_check":
                        yield mark.args[0]


def write_requirements(directory: Path, text: str) -> Path:
    path = directory / "requirements.toml"
    path.write_text(text, "utf-8")
    return path


def test_every_id_is_one_requirement() -> None:
    counts = Counter(requirement.id for requirement in read_requirements())
    twice = [one for one, count in counts.items() if count > 1]
    assert not twice, f"ids of several requirements: {twice}"


def test_every_id_is_a_group_and_a_number() -> None:
    # All of WebSocket is one entry, which is none of a group.
    ids = [requirement.id for requirement in read_requirements()]
    odd = [one for one in ids if not re.fullmatch(r"[A-Z][A-Z0-9]-\d\d|websocket", one)]
    assert not odd, f"ids that are none: {odd}"


def test_every_requirement_has_a_check_or_a_reason() -> None:
    named = {check.requirement for check in list_server_checks()}
    bare = [
        requirement.id
        for requirement in read_requirements()
        if requirement.id not in named and not requirement.checks and not requirement.reason
    ]
    assert not bare, f"requirements without a check or a reason: {bare}"


def test_no_requirement_has_both_a_check_and_a_reason() -> None:
    named = {check.requirement for check in list_server_checks()}
    both = [
        requirement.id
        for requirement in read_requirements()
        if requirement.reason and (requirement.id in named or requirement.checks)
    ]
    assert not both, f"requirements with checks and a reason for none: {both}"


def test_every_check_that_is_listed_is_there() -> None:
    slugs = {check.slug for check in list_checks()}
    unknown = {
        requirement.id: missing
        for requirement in read_requirements()
        if (missing := [slug for slug in requirement.checks if slug not in slugs])
    }
    assert not unknown, f"requirements that list checks that are not there: {unknown}"


def test_every_check_of_the_server_layer_names_a_requirement() -> None:
    ids = {requirement.id for requirement in read_requirements()}
    lost = {
        check.slug: check.requirement
        for check in list_server_checks()
        if check.requirement not in ids
    }
    assert not lost, f"checks whose requirement is not there: {lost}"


def test_no_check_is_stricter_than_its_requirement() -> None:
    strict = {
        check.slug: f"{check.severity}, but {requirement.id} is {requirement.keyword}"
        for check, requirement in _pair_checks()
        if check.severity not in BEARABLE[requirement.keyword]
    }
    assert not strict, f"checks stricter than their requirement: {strict}"


def test_no_check_is_of_another_protocol_than_its_requirement() -> None:
    other = {
        check.slug: f"HTTP/{check.http}, but {requirement.id} is HTTP/{requirement.http}"
        for check, requirement in _pair_checks()
        if check.http and requirement.http and check.http != requirement.http
    }
    assert not other, f"checks of another protocol than their requirement: {other}"


def _pair_checks() -> Iterator[tuple[Check, Requirement]]:
    """The checks with their requirements, where these are there."""
    by_id = {requirement.id: requirement for requirement in read_requirements()}
    for check in list_server_checks():
        if check.requirement in by_id:
            yield check, by_id[check.requirement]


def test_an_entry_is_read_as_it_stands(tmp_path: Path) -> None:
    more = 'checks = ["response-length", "response-gzip"]\nhttp = "1.1"\n'
    assert read_requirements(write_requirements(tmp_path, ENTRY + more)) == (
        Requirement(
            id="RS-03",
            title="Transfer-Encoding is ignored",
            keyword="must",
            source="www.rst, Response Start - send event",
            text="the server must ignore it",
            checks=("response-length", "response-gzip"),
            reason=None,
            http="1.1",
        ),
    )


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (ENTRY + 'severity = "must"\n', "RS-03: has no key severity"),
        (ENTRY.replace('title = "Transfer-Encoding is ignored"\n', ""), "RS-03: lacks title"),
        (ENTRY.replace('id = "RS-03"\n', ""), "requirement 1: lacks id"),
        (ENTRY.replace('"must"', '"shall"'), "RS-03: keyword is one of must, should, may, silent"),
        (ENTRY + 'http = "3"\n', "RS-03: http is one of 1.1, 2"),
        (ENTRY + 'checks = "response-length"\n', "RS-03: checks is a list of slugs"),
        (ENTRY + "checks = []\n", "RS-03: checks is a list of slugs"),
        (ENTRY + 'reason = " "\n', "RS-03: reason is a text"),
        (ENTRY + "reason = 3\n", "RS-03: reason is a text"),
    ],
    ids=[
        "unknown key",
        "missing key",
        "missing id",
        "unknown keyword",
        "unknown protocol",
        "checks that are a text",
        "no checks",
        "empty text",
        "number",
    ],
)
def test_a_wrong_entry_is_named(tmp_path: Path, entry: str, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        read_requirements(write_requirements(tmp_path, entry))


def test_a_requirement_is_found_by_its_id() -> None:
    assert find_requirement("SC-23").text == 'type (Unicode string) -- "http".'


def test_an_id_that_is_not_there_is_named() -> None:
    with pytest.raises(LookupError, match="there is no requirement SC-99"):
        find_requirement("SC-99")
