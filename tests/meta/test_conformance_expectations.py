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
CELL = Cell("starlette_app.main:app", "uvicorn", gzip=True)


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


@pytest.mark.parametrize(
    "deviation",
    [
        replace(SOME, application="raw"),
        replace(SOME, server="hypercorn"),
        replace(SOME, middleware="plain"),
        replace(SOME, versions={"pytest": "<1"}),
        replace(SOME, versions={"pytest": ">=1", "no-such-distribution": ">=0"}),
    ],
    ids=["application", "server", "middleware", "version", "not installed"],
)
def test_a_deviation_applies_to_no_other_cell(deviation: Deviation) -> None:
    assert not deviation.applies_to(CELL)


def test_an_entry_with_a_wrong_key_names_its_file(tmp_path: Path) -> None:
    (tmp_path / "wrong.toml").write_text('[[deviation]]\nchecks = "x-y"\n', "utf-8")
    with pytest.raises(ValueError, match=r"wrong\.toml"):
        list(read_deviations(tmp_path))


def test_the_reference_deviates_only_where_a_server_is_at_fault() -> None:
    own = [
        known.check
        for known in read_deviations(DIRECTORY)
        if known.application in ("raw", "*") and known.server == "*"
    ]
    assert not own, f"deviations of raw under every server: {own}"
