"""Privacy: what is published of a run names neither its machine nor where things lie on it."""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Callable, Iterable
from getpass import getuser
from pathlib import Path
from typing import Any


def anonymise(value: Any, places: Iterable[tuple[Path, str]] = ()) -> Any:
    """The same value of JSON with the machine's directories replaced in its strings.

    `places` are directories and the words to put for them, beside those that are known: the
    directory of the process, that of Python's environment, of temporary files, of the user.
    """
    replace = _make_replacement([*places, *_list_known()])

    def walk(value: Any) -> Any:
        match value:
            case str():
                return replace(value)
            case list():
                return [walk(item) for item in value]
            case dict():
                return {key: walk(item) for key, item in value.items()}
            case _:
                return value

    return walk(value)


def _list_known() -> Iterable[tuple[Path, str]]:
    yield Path(sys.prefix), "{python}"
    yield Path(sys.base_prefix), "{python}"
    yield Path(__file__).parents[1], "{asgi_conformance}"
    yield Path.cwd(), "{here}"
    temporary = Path(tempfile.gettempdir())
    yield temporary, "{tmp}"
    yield temporary / f"pytest-of-{getuser()}", "{tmp}"
    yield Path.home(), "{home}"


def _make_replacement(places: Iterable[tuple[Path, str]]) -> Callable[[str], str]:
    words: dict[str, str] = {}
    for place, word in places:
        for path in (str(place), str(place.resolve())):
            if path != "/":
                words.setdefault(path, word)
    # The longer first: a directory may lie in another.
    longest = sorted(words, key=len, reverse=True)
    pattern = re.compile(f"(?<![\\w.])(?:{'|'.join(map(re.escape, longest))})(?![\\w-])")
    return lambda text: pattern.sub(lambda found: words[found[0]], text)
