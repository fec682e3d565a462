"""Mistakes with files that are sent: those of Path Send and of Zero Copy Send."""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

from reference.errors import InvalidEvent
from reference.events import EXTENSIONS, Body, Event, ZeroCopySend
from reference.mistakes.messages import Mending, has_started, pass_over
from reference.mistakes.turns import refuse
from reference.policy import Policy
from reference.types import Application, Message

_PATH = "http.response.pathsend"
_FILE = "http.response.zerocopysend"
_PIECE = 65536


class OffersNothing(Policy):
    """A server without extensions; no mistake."""

    def list_extensions(self, pushes: bool) -> frozenset[str]:
        return super().list_extensions(pushes) - EXTENSIONS


class TakesUnoffered(OffersNothing):
    """What is not offered works all the same."""

    def parse_event(self, message: object, offered: Collection[str]) -> Event:
        return super().parse_event(message, EXTENSIONS | frozenset(offered))


class PassesOverUnoffered(OffersNothing):
    """What is not offered is let be."""

    def parse_event(self, message: object, offered: Collection[str]) -> Event:
        if isinstance(message, dict) and message.get("type") in EXTENSIONS:
            return Body(b"", more=True)
        return super().parse_event(message, offered)


# Path Send.


def refusing_paths(application: Application) -> Application:
    """The extension is offered, and that is all."""
    return refuse(application, lambda m, _: m["type"] == _PATH)


def refusing_paths_without_length(application: Application) -> Application:
    """A file needs a Content-Length before it."""

    def is_bare(message: Message, sent: list[Message]) -> bool:
        return message["type"] == _PATH and not any(each.get("headers") for each in sent)

    return refuse(application, is_bare)


def refusing_empty_files(application: Application) -> Application:
    """A file has content."""
    return refuse(
        application, lambda m, _: m["type"] == _PATH and not Path(m["path"]).stat().st_size
    )


class _AltersPaths(Mending):
    """Makes a body of a file."""

    def mend(self, message: Message) -> Message:
        if message["type"] != _PATH:
            return message
        try:
            content = Path(message["path"]).read_bytes()
        except OSError:
            content = b""
        return self.make_body(content)

    def make_body(self, content: bytes) -> Message:
        """The message in place of the file's."""
        return {"type": "http.response.body", "body": content}


class SendsOnePiece(_AltersPaths):
    """Of a file goes out what the system takes at once."""

    def make_body(self, content: bytes) -> Message:
        return super().make_body(content[:_PIECE])


class AwaitsMoreThanFile(_AltersPaths):
    """After a file there is more to come."""

    def make_body(self, content: bytes) -> Message:
        return {**super().make_body(content), "more_body": True}


class TakesMissingForEmpty(_AltersPaths):
    """A file that is not there is an empty one."""


class UnquotesPaths(Mending):
    """A path is that of a URL."""

    def mend(self, message: Message) -> Message:
        path = message.get("path")
        return {**message, "path": unquote(path)} if isinstance(path, str) else message


class TakesPathsOfBytes(Mending):
    """A path may be of bytes."""

    def mend(self, message: Message) -> Message:
        path = message.get("path")
        return {**message, "path": os.fsdecode(path)} if isinstance(path, bytes) else message


def passing_over_late_files(application: Application) -> Application:
    """After some content, a file is let be."""
    return pass_over(application, lambda m, sent: m["type"] == _PATH and len(sent) > 1)


def passing_over_early_files(application: Application) -> Application:
    """Before the start, a file is let be."""
    return pass_over(
        application, lambda m, sent: m["type"] in (_PATH, _FILE) and not has_started(sent)
    )


def passing_over_no_path(application: Application) -> Application:
    """No path is no file."""
    return pass_over(application, lambda m, _: m["type"] == _PATH and "path" not in m)


# Zero Copy Send.


def refusing_files(application: Application) -> Application:
    """The extension is offered, and that is all."""
    return refuse(application, lambda m, _: m["type"] == _FILE)


def refusing_files_among_bodies(application: Application) -> Application:
    """After a body there is no file."""
    return refuse(
        application, lambda m, sent: m["type"] == _FILE and any("body" in each for each in sent)
    )


def refusing_second_files(application: Application) -> Application:
    """A response has one file."""
    return refuse(
        application, lambda m, sent: m["type"] == _FILE and any("file" in each for each in sent)
    )


def passing_over_no_file(application: Application) -> Application:
    """What is no open file has no content."""
    return pass_over(
        application, lambda m, _: m["type"] == _FILE and not hasattr(m.get("file"), "fileno")
    )


class _AltersFiles(Policy):
    """Reads a file otherwise."""

    def parse_event(self, message: object, offered: Collection[str]) -> Event:
        event = super().parse_event(message, offered)
        return self.alter(event) if isinstance(event, ZeroCopySend) else event

    def alter(self, file: ZeroCopySend) -> ZeroCopySend:
        """What is read in its place."""
        raise NotImplementedError


class RefusesEmptyFiles(_AltersFiles):
    """A file has content."""

    def alter(self, file: ZeroCopySend) -> ZeroCopySend:
        if not os.fstat(file.descriptor).st_size:
            raise InvalidEvent("the file is empty")
        return file


class ReadsOnePiece(_AltersFiles):
    """Of a file goes out what the system takes at once."""

    def alter(self, file: ZeroCopySend) -> ZeroCopySend:
        return replace(file, count=min(file.count or _PIECE, _PIECE))


class ReadsFromPosition(_AltersFiles):
    """A file is read from where it stands."""

    def alter(self, file: ZeroCopySend) -> ZeroCopySend:
        return replace(file, offset=None)


class OverlooksZero(_AltersFiles):
    """An offset of 0 is none."""

    def alter(self, file: ZeroCopySend) -> ZeroCopySend:
        return replace(file, offset=file.offset or None)


class ReadsFromBeginning(_AltersFiles):
    """Without an offset, a file is read from its beginning."""

    def alter(self, file: ZeroCopySend) -> ZeroCopySend:
        return replace(file, offset=file.offset or 0)


class ReadsToEnd(_AltersFiles):
    """A file is read to its end, whatever the count."""

    def alter(self, file: ZeroCopySend) -> ZeroCopySend:
        return replace(file, count=None)


class CountsFromBeginning(_AltersFiles):
    """The count is where to stop in the file."""

    def alter(self, file: ZeroCopySend) -> ZeroCopySend:
        end = None if file.count is None else max(file.count - (file.offset or 0), 0)
        return replace(file, count=end)


class RefusesShortFiles(_AltersFiles):
    """A file that is shorter than the count is an error."""

    def alter(self, file: ZeroCopySend) -> ZeroCopySend:
        if file.count is not None and file.count > os.fstat(file.descriptor).st_size:
            raise InvalidEvent("the file is too short")
        return file


class EndsWithFile(_AltersFiles):
    """After a file nothing more comes."""

    def alter(self, file: ZeroCopySend) -> ZeroCopySend:
        return replace(file, more=False)


class AwaitsMoreByDefault(Mending):
    """After a file there is more to come, unless it is told otherwise."""

    def mend(self, message: Message) -> Message:
        return {"more_body": True, **message} if message["type"] == _FILE else message


class IgnoresLength(Policy):
    """What is more than the Content-Length goes out."""

    def fit(self, data: bytes, remaining: int) -> bytes:
        del remaining
        return data
