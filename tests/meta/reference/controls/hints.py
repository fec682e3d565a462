"""Controls of the checks on early hints and trailers, and on what is offered."""

from __future__ import annotations

from reference.control import Control
from reference.mistakes import examples, files, hints, messages, trailers, turns

_HINTS = "early-hint-accepted"
_TRAILERS = "trailers-sent"

CONTROLS = (
    Control("extension-debug-not-offered", hints.OffersDebug),
    Control("extension-names", files.OffersNothing),
    Control("extension-names-constant", hints.OffersNothingToUploads),
    Control("early-hint-accepted", hints.refusing_hints_after_start, _TRAILERS),
    Control("early-hint-between-bodies", hints.refusing_hints_among_bodies, _HINTS),
    Control("early-hint-twice", hints.refusing_second_hints, _HINTS),
    Control("early-hint-sent", hints.DropsLinks, _HINTS),
    Control("early-hint-links", hints.SendsFirstLink, "early-hint-sent"),
    Control("early-hint-twice-sent", hints.passing_over_second_hints, "early-hint-sent"),
    Control("early-hint-before-start", hints.passing_over_early_hints, "early-hint-sent"),
    Control("early-hint-line-break", hints.SendsLineBreaks, "early-hint-sent"),
    Control("early-hint-line-break", hints.SendsLineBreaks, "early-hint-sent", http="2"),
    Control("early-hint-http-1-0", hints.TakesAllForNew, "early-hint-sent"),
    Control("early-hint-without-links", hints.passing_over_no_links, "early-hint-sent"),
    Control("early-hint-links-text", hints.EncodesLinks, "early-hint-sent"),
    Control("early-hint-late", turns.raising_after_the_end, "early-hint-sent"),
    Control("early-hint-not-offered", files.TakesUnoffered, mended=files.OffersNothing),
    Control("trailers-sent", trailers.DropsTrailers, "trailers-empty"),
    Control("trailers-sent-after-pieces", trailers.DropsTrailersAfterPieces, _TRAILERS),
    Control("trailers-asked-for-in-list", trailers.ReadsWholeTE, _TRAILERS),
    Control("trailers-in-order", trailers.SortsTrailers, _TRAILERS),
    Control("trailers-empty", trailers.refusing_empty_trailers, _TRAILERS),
    Control("trailers-not-sent-unasked", trailers.SendsAllTrailers, _TRAILERS),
    Control("trailers-not-sent-unasked", trailers.SendsAllTrailers, _TRAILERS, http="2"),
    Control("trailers-complete-unasked", trailers.refusing_trailers_unasked, _TRAILERS),
    Control("trailers-awaited", trailers.EndsWithBody, "early-hint-sent"),
    Control("trailers-awaited-last-body-sent", trailers.holding_last_body, _TRAILERS, waits=True),
    Control("trailers-missing", examples.EndsCleanly, _TRAILERS, http="2"),
    Control("trailers-missing", trailers.EndsWithBody, "early-hint-sent"),
    Control("trailers-more", trailers.EndsWithFirstTrailers, _TRAILERS),
    Control("trailers-end-response", trailers.AwaitsMoreTrailers, "early-hint-sent", waits=True),
    Control("trailers-head", trailers.refusing_trailers_to_head, _TRAILERS, http="2"),
    Control("trailers-with-length", trailers.refusing_trailers_with_length, _TRAILERS),
    Control("trailers-line-break", trailers.SendsLineBreaks, _TRAILERS),
    Control("trailers-line-break", trailers.SendsLineBreaks, _TRAILERS, http="2"),
    Control("trailers-pseudo", trailers.SendsLineBreaks, _TRAILERS, http="2"),
    Control("trailers-text", messages.EncodesHeaders, _TRAILERS),
    Control("trailers-mid-response", trailers.passing_over_early_trailers, _TRAILERS),
    Control("trailers-first", trailers.passing_over_early_trailers, _TRAILERS),
    Control("trailers-not-announced", trailers.AwaitsTrailers, _TRAILERS),
    Control("trailers-not-offered", files.PassesOverUnoffered, mended=files.OffersNothing),
)
