"""Mistakes with early hints, and in what is offered."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from reference.events import EarlyHint, Event
from reference.mistakes.messages import Mending, has_started, pass_over
from reference.mistakes.turns import refuse
from reference.policy import Policy
from reference.request import Peer, Request
from reference.types import Application, Message, Scope

_HINT = "http.response.early_hint"


# What is offered.


class OffersDebug(Policy):
    """What is meant for tests is offered to everybody."""

    def list_extensions(self, pushes: bool) -> frozenset[str]:
        return super().list_extensions(pushes) | {"http.response.debug"}


class OffersNothingToUploads(Policy):
    """Extensions are for requests without content."""

    def build_scope(self, request: Request, peer: Peer, **parts: Any) -> Scope:
        scope = super().build_scope(request, peer, **parts)
        return {**scope, "extensions": {}} if request.length else scope


# Early hints.


def refusing_hints_after_start(application: Application) -> Application:
    """Hints come first of all."""
    return refuse(application, lambda m, sent: m["type"] == _HINT and has_started(sent))


def refusing_hints_among_bodies(application: Application) -> Application:
    """After some content there is no hint."""
    return refuse(
        application, lambda m, sent: m["type"] == _HINT and any("body" in each for each in sent)
    )


def refusing_second_hints(application: Application) -> Application:
    """There is one hint."""
    return refuse(
        application, lambda m, sent: m["type"] == _HINT and any("links" in each for each in sent)
    )


def passing_over_second_hints(application: Application) -> Application:
    """The first hint is enough."""
    return pass_over(
        application, lambda m, sent: m["type"] == _HINT and any("links" in each for each in sent)
    )


def passing_over_early_hints(application: Application) -> Application:
    """A hint before the start is let be."""
    return pass_over(application, lambda m, sent: m["type"] == _HINT and not has_started(sent))


def passing_over_no_links(application: Application) -> Application:
    """No links are no hint."""
    return pass_over(application, lambda m, _: m["type"] == _HINT and "links" not in m)


class _AltersLinks(Mending):
    """Sends other links."""

    def mend(self, message: Message) -> Message:
        if message["type"] != _HINT or "links" not in message:
            return message
        return {**message, "links": self.alter(list(message["links"]))}

    def alter(self, links: list[Any]) -> list[Any]:
        """The links that are sent."""
        raise NotImplementedError


class DropsLinks(_AltersLinks):
    """A hint is a 103, and nothing else."""

    def alter(self, links: list[Any]) -> list[Any]:
        return links[:0]


class SendsFirstLink(_AltersLinks):
    """A hint has one link."""

    def alter(self, links: list[Any]) -> list[Any]:
        return links[:1]


class EncodesLinks(_AltersLinks):
    """Links of text are encoded."""

    def alter(self, links: list[Any]) -> list[Any]:
        return [link.encode() if isinstance(link, str) else link for link in links]


class SendsLineBreaks(Policy):
    """Links go out as they are."""

    def parse_event(self, message: object, offered: Collection[str]) -> Event:
        if isinstance(message, dict) and message.get("type") == _HINT:
            return EarlyHint(list(message["links"]))
        return super().parse_event(message, offered)


class TakesAllForNew(Policy):
    """Each client speaks HTTP/1.1."""

    def parse_head(self, head: bytes) -> Request:
        return replace(super().parse_head(head), version="1.1")
