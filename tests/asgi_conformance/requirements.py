"""Requirements: what the standards demand of a server, sentence by sentence, and what checks it.

They stand in `server/requirements.toml`; what its keys mean is said there.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import Literal, get_args

FILE = Path(__file__).parent / "server" / "requirements.toml"

Keyword = Literal["must", "should", "may", "silent"]
# Not that of `checks`: a check may come to ask for its requirement.
Http = Literal["1.1", "2"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One entry.

    `keyword` is the text's own; `source` the document and section of `text`; `checks` the slugs
    of checks that cover it and name another requirement; `reason` why there is no check, None
    where there is one; `http` the one protocol that it is about, None where it is about both.
    """

    id: str
    title: str
    keyword: Keyword
    source: str
    text: str
    checks: tuple[str, ...] = ()
    reason: str | None = None
    http: Http | None = None


def read_requirements(path: Path = FILE) -> tuple[Requirement, ...]:
    """The entries of the file, in its order.

    Raises `ValueError` that names the entry where a key is missing, unknown or has a value that
    is none of its own.
    """
    entries = tomllib.loads(path.read_text("utf-8")).get("requirement", [])
    return tuple(_read(entry, number) for number, entry in enumerate(entries, 1))


def find_requirement(id: str) -> Requirement:  # noqa: A002  the key's own name
    """The entry of that id. Raises `LookupError` where there is none."""
    try:
        return _index_requirements()[id]
    except KeyError:
        raise LookupError(f"there is no requirement {id}") from None


_KEYS = frozenset(key.name for key in fields(Requirement))
_NEEDED = ("id", "title", "keyword", "source", "text")
_VALUES = {"keyword": get_args(Keyword), "http": get_args(Http)}


@cache  # asked for each check that fails
def _index_requirements() -> Mapping[str, Requirement]:
    return {requirement.id: requirement for requirement in read_requirements()}


def _read(entry: Mapping[str, object], number: int) -> Requirement:
    name = entry.get("id") or f"requirement {number}"
    missing = [key for key in _NEEDED if key not in entry]
    if missing:
        raise ValueError(f"{name}: lacks {', '.join(missing)}")
    unknown = sorted(entry.keys() - _KEYS)
    if unknown:
        raise ValueError(f"{name}: has no key {', '.join(unknown)}")
    for key, value in entry.items():
        if key == "checks":
            if not _is_list_of_texts(value):
                raise ValueError(f"{name}: checks is a list of slugs, not {value!r}")
        elif not _is_text(value):
            raise ValueError(f"{name}: {key} is a text, not {value!r}")
        elif key in _VALUES and value not in _VALUES[key]:
            raise ValueError(f"{name}: {key} is one of {', '.join(_VALUES[key])}, not {value!r}")
    requirement = Requirement(**entry)  # type: ignore[arg-type]  # the values were looked at
    return replace(requirement, checks=tuple(requirement.checks))


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_list_of_texts(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(_is_text(item) for item in value)
