"""The suite's checks and the deviations that are expected of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from asgi_conformance.cells import Cell
from asgi_conformance.checks import list_checks
from asgi_conformance.expectations import DIRECTORY, Deviation, read_deviations

SOME = Deviation(
    check="files-range-unknown-unit",
    application="starlette",
    server="*",
    middleware="gzip",
    versions={"pytest": ">=1"},
    deviation="answers 400",
    reason="its own parser",
    evidence="a run of the check",
)
CELL = Cell("starlette_app.main:app", "uvicorn-h11-asyncio", gzip=True)
ENTRY = """
[[deviation]]
check = "a-b"
application = "*"
server = "uvicorn"
mode = ["h11-asyncio", "h11-uvloop"]
middleware = "*"
versions = {pytest = ">=1"}
deviation = "d"
reason = "r"
evidence = "e"
reproduction = "curl -si $URL/"
shows = "^HTTP/1.1 400"
"""


def test_every_slug_is_one_check() -> None:
    twice = [slug for slug, count in Counter(c.slug for c in list_checks()).items() if count > 1]
    assert not twice, f"slugs of several checks: {twice}"


def test_every_expected_deviation_is_of_a_check() -> None:
    slugs = {check.slug for check in list_checks()}
    unknown = {known.check for known in read_deviations(DIRECTORY)} - slugs
    assert not unknown, f"expectations of checks that are not there: {sorted(unknown)}"


def test_a_deviation_applies_to_the_cells_it_names() -> None:
    assert SOME.applies_to(CELL)
    assert replace(SOME, application="*").applies_to(CELL)
    assert replace(SOME, mode="h11-asyncio").applies_to(CELL)
    assert replace(SOME, mode=["h11-asyncio", "h11-uvloop"]).applies_to(CELL)


@pytest.mark.parametrize(
    "deviation",
    [
        replace(SOME, application="raw"),
        replace(SOME, server="hypercorn"),
        replace(SOME, mode=["h11-uvloop"]),
        replace(SOME, middleware="plain"),
        replace(SOME, versions={"pytest": "<1"}),
        replace(SOME, versions={"pytest": ">=1", "no-such-distribution": ">=0"}),
    ],
    ids=["application", "server", "mode", "middleware", "version", "not installed"],
)
def test_a_deviation_applies_to_no_other_cell(deviation: Deviation) -> None:
    assert not deviation.applies_to(CELL)


def test_a_deviation_of_a_cell_is_none_of_the_middleware_around_it() -> None:
    wrapped = replace(CELL, middleware="some.where:Shout")
    everywhere = replace(SOME, middleware="*")
    assert everywhere.applies_to(CELL)
    assert not everywhere.applies_to(wrapped), "judged by the difference, and expected as well"
    assert replace(SOME, middleware="Shout").applies_to(wrapped)


def test_an_entry_is_read(tmp_path: Path) -> None:
    (tmp_path / "server").mkdir()
    (tmp_path / "server" / "some.toml").write_text(ENTRY, "utf-8")
    (found,) = read_deviations(tmp_path)
    assert (found.check, found.mode) == ("a-b", ["h11-asyncio", "h11-uvloop"])
    assert (found.reproduction, found.shows) == ("curl -si $URL/", "^HTTP/1.1 400")
    assert found.file == f"{tmp_path.name}/server/some.toml"


def test_an_entry_of_several_checks_is_a_deviation_of_each(tmp_path: Path) -> None:
    (tmp_path / "some.toml").write_text(ENTRY.replace('"a-b"', '["a-b", "c-d"]'), "utf-8")
    first, second = read_deviations(tmp_path)
    assert (first.check, second.check) == ("a-b", "c-d")
    assert replace(second, check="a-b") == first


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("check = ", "checks = ", "checks"),
        ('"a-b"', "[]", r"check is a slug or several, not \[\]"),
        ('"a-b"', '["a-b", 5]', r"check is a slug or several, not \['a-b', 5\]"),
        ('"d"', '""', "a-b: deviation is a text, not ''"),
        ('"r"', "5", "a-b: reason is a text, not 5"),
        ('["h11-asyncio", "h11-uvloop"]', "[1]", r"a-b: mode is a name or several, not \[1\]"),
        ('"h11-uvloop"', '"h11-uvlop"', "a-b: uvicorn has no mode 'h11-uvlop'; known: "),
        (">=1", "at least 1", "a-b: versions: "),
        ("shows = ", "# shows = ", "a-b: reproduction and shows come together"),
        ("^HTTP", "(HTTP", "a-b: shows: "),
        ("[[deviation]]", "[[deviation", ""),
    ],
    ids=[
        "key",
        "no check",
        "checks",
        "empty",
        "number",
        "mode",
        "unknown mode",
        "versions",
        "shows",
        "expression",
        "TOML",
    ],
)
def test_an_entry_that_is_wrong_names_its_file(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    (tmp_path / "wrong.toml").write_text(ENTRY.replace(old, new, 1), "utf-8")
    with pytest.raises(ValueError, match=rf"/wrong\.toml: .*{said}"):
        list(read_deviations(tmp_path))


def test_a_mode_of_a_server_of_ones_own_is_taken_as_it_is(tmp_path: Path) -> None:
    entry = ENTRY.replace('"uvicorn"', '"own"').replace('"h11-uvloop"', '"fancy"')
    (tmp_path / "some.toml").write_text(entry, "utf-8")
    (found,) = read_deviations(tmp_path)
    assert found.mode == ["h11-asyncio", "fancy"]


def test_a_directory_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="/nowhere: there is no such directory"):
        list(read_deviations(tmp_path / "nowhere"))


def test_every_deviation_has_a_reproduction() -> None:
    without = [str(known) for known in read_deviations(DIRECTORY) if not known.reproduction]
    assert not without, f"deviations without a reproduction: {without}"


def test_only_what_must_or_should_hold_is_deviated_from() -> None:
    observed = {check.slug for check in list_checks() if check.severity == "observe"}
    idle = {known.check for known in read_deviations(DIRECTORY)} & observed
    assert not idle, f"deviations from checks that only observe: {sorted(idle)}"


def test_the_reference_deviates_only_where_a_server_is_at_fault() -> None:
    own = [
        known.check
        for known in read_deviations(DIRECTORY)
        if known.application in ("raw", "*") and known.server == "*"
    ]
    assert not own, f"deviations of raw under every server: {own}"
