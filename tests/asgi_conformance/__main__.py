"""`python -m asgi_conformance`: what the suite does besides its checks."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module

# Loaded only when asked for: each needs much that the others do not.
_COMMANDS: Mapping[str, tuple[str, str]] = {
    "serve": ("asgi_conformance.serving", "serve the probe, or an application, under a server"),
    "reproduce": ("asgi_conformance.reproductions", "reproduce the known deviations of a server"),
}


def main(arguments: Sequence[str]) -> int:
    """Do what the first argument says with the others; the exit status."""
    name = arguments[0] if arguments else ""
    if name not in _COMMANDS:
        print("usage: python -m asgi_conformance COMMAND ...", file=sys.stderr)
        for command, (_, purpose) in _COMMANDS.items():
            print(f"  {command:10} {purpose}; --help tells more", file=sys.stderr)
        return 0 if name in ("-h", "--help") else 2
    run: Callable[[Sequence[str]], int] = import_module(_COMMANDS[name][0]).run
    return run(arguments[1:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
