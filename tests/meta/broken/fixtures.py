"""The suite's fixtures, for checks that are called as functions and not run by pytest."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from types import ModuleType


class Fixtures:
    """Finds what the parameters of a check name, as pytest does.

    What is `given` comes first, then the fixtures of the check's module, each made once, when
    it is first asked for.
    """

    def __init__(self, module: ModuleType, given: Mapping[str, object]) -> None:
        self._module = module
        self._values = dict(given)
        self._finalizers = ExitStack()

    def find(self, name: str) -> object:
        """The value of a fixture. Raises `LookupError` where there is none."""
        if name not in self._values:
            if name not in vars(self._module):
                raise LookupError(f"{self._module.__name__} has no fixture {name}")
            function: Callable[..., object] = inspect.unwrap(vars(self._module)[name])
            made = function(**self.find_all(function))
            if inspect.isgenerator(made):
                self._values[name] = next(made)
                self._finalizers.callback(next, made, None)
            else:
                self._values[name] = made
        return self._values[name]

    def find_all(self, function: Callable[..., object]) -> dict[str, object]:
        """What a function takes, by name."""
        return {name: self.find(name) for name in inspect.signature(function).parameters}

    def close(self) -> None:
        """Run what the fixtures do after their check, the last one made first."""
        self._finalizers.close()


def list_calls(check: Callable[..., object]) -> list[dict[str, object]]:
    """The arguments of each call of a check that pytest would make; none unless parametrized."""
    for mark in getattr(check, "pytestmark", []):
        if mark.name == "parametrize":
            name, values = mark.args
            return [{name: value} for value in values]
    return [{}]
