"""The controls of the server layer: for every check a mistake that it must notice."""

from __future__ import annotations

import importlib
import pkgutil

from reference.control import Control

CONTROLS: tuple[Control, ...] = tuple(
    control
    for module in pkgutil.iter_modules(__path__)
    for control in importlib.import_module(f"{__name__}.{module.name}").CONTROLS
)
