"""Scripts: what a request has the probe do, written in Python and carried as JSON.

A script is a list of steps. As JSON it is the value of the header `asgi-conformance-script`:

    [{"receive": 1},
     {"send": {"type": "http.response.start", "status": 200, "headers": [["a", "b"]]}},
     {"send": {"type": "http.response.body", "body": "content"}}]

In a message, strings in `headers` and `body` are bytes, a character each (latin-1). JSON has
no words for other values of Python; these are objects with one key: `$str` (a string that stays
one), `$bytearray`, `$memoryview`, `$words` (a memoryview of words, of four bytes each), `$bytes`,
`$repeat` (a string and how many times), `$tuple`, `$iter` (an iterable that can be iterated once),
`$open` (an open file of that content), `$open_at` (a content, and the position at which such a
file stands).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

HEADER = "asgi-conformance-script"

Value = object
Step = Mapping[str, Value]
Script = Sequence[Step]
Text = bytes | str


def start(status: Value = 200, *headers: tuple[Value, Value], **more: Value) -> Step:
    """Send `http.response.start`; `more` are further keys."""
    fields = [[_write(part) for part in field] for field in headers]
    return send({"type": "http.response.start", "status": status, "headers": fields, **more})


def body(data: Value = b"", more: bool = False) -> Step:
    """Send `http.response.body`. `more` is its `more_body`."""
    message: dict[str, Value] = {"type": "http.response.body", "body": data}
    return send({**message, "more_body": True} if more else message)


def send(message: Mapping[str, Value]) -> Step:
    """Send a message just as it is given."""
    return {"send": _write(message)}


def catching(step: Step) -> Step:
    """A step whose failing is swallowed; the recorder tells of it, and the script goes on."""
    return {**step, "catch": True}


def receive(count: int = 1) -> Step:
    """Receive so many messages."""
    return {"receive": count}


def receive_body() -> Step:
    """Receive until the request's body is complete, or the client is gone."""
    return {"receive": "body"}


def receive_until(message_type: str) -> Step:
    """Receive until a message of that type comes."""
    return {"receive": message_type}


def receive_within(seconds: float) -> Step:
    """Begin to receive one message, and give up after so long; a note tells which it was."""
    return {"receive": 1, "within": seconds}


def wait() -> Step:
    """Wait until the test releases the request once more."""
    return {"wait": True}


def sleep(seconds: float) -> Step:
    """Wait so long, as a well-behaved application does."""
    return {"sleep": seconds}


def block(seconds: float) -> Step:
    """Keep the event loop so long, as an application that computes does."""
    return {"block": seconds}


def note(name: str) -> Step:
    """Report that the script has come to here, as an event `note` with that name."""
    return {"note": name}


def set_state(key: str, value: Value) -> Step:
    """Bind a key of the scope's `state`."""
    return {"set_state": [key, value]}


def append_state(key: str, value: Value) -> Step:
    """Append to the list that a key of the scope's `state` is bound to."""
    return {"append_state": [key, value]}


def tell_state() -> Step:
    """Report what the scope's `state` is by now, as an event `state`."""
    return {"tell_state": True}


def fail(error: str = "RuntimeError") -> Step:
    """Raise an exception of Python's own of that name."""
    return {"raise": error}


def leave() -> Step:
    """Return from the application."""
    return {"return": True}


def repeat(count: int | None, *steps: Step) -> Step:
    """Do the steps so many times, or for ever."""
    return {"repeat": count, "steps": list(steps)}


def beside(*steps: Step) -> Step:
    """Do the steps in a task of their own, beside the rest of the script.

    The application waits for it at its end; where the script fails or leaves, it is cancelled.
    """
    return {"beside": list(steps)}


def write(script: Script) -> str:
    """The script as the value of the header: JSON in ASCII, on one line."""
    return json.dumps(list(script), separators=(",", ":"))


def _write(value: Value) -> Value:
    """A value as JSON has it. Bytes become strings: see the module's text."""
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if isinstance(value, Mapping):
        return {key: _write(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_write(item) for item in value]
    return value
