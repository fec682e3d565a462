"""Controls of the checks on messages: invalid ones, their order, their form."""

from __future__ import annotations

from reference.control import Control
from reference.mistakes import messages, turns

_VALID = "message-headers-tuples"

CONTROLS = (
    Control("message-unknown-type", messages.passing_over_unknown, "message-foreign-type"),
    Control("message-foreign-type", messages.passing_over_foreign, "message-unknown-type"),
    Control("message-server-type", messages.passing_over_own, "message-unknown-type"),
    Control("message-without-type", messages.passing_over_untyped, "message-unknown-type"),
    Control("message-type-number", messages.passing_over_untyped, "message-unknown-type"),
    Control(
        "message-unknown-type-after-start",
        messages.passing_over_unknown_later,
        "message-unknown-type",
    ),
    Control(
        "message-unknown-type-mid-response",
        messages.passing_over_unknown_later,
        "message-unknown-type",
    ),
    Control(
        "message-unknown-type-survived",
        messages.refusing_all_later,
        "message-unknown-type-mid-response",
    ),
    Control("message-start-without-status", messages.AssumesStatus, "message-status-none"),
    Control("message-status-none", messages.AssumesStatusForNone, "message-start-without-status"),
    Control("message-status-text", messages.ReadsStatus, "message-status-none"),
    Control("message-status-float", messages.ReadsStatus, "message-status-none"),
    Control("message-header-value-text", messages.EncodesHeaders, "message-header-value-number"),
    Control("message-header-name-text", messages.EncodesNames, "message-header-value-text"),
    Control(
        "message-header-text-not-first",
        messages.EncodesLaterHeaders,
        "message-header-value-text",
    ),
    Control("message-header-value-number", messages.WritesNumbers, "message-header-value-text"),
    Control("message-header-value-none", messages.DropsNoneHeaders, "message-header-value-text"),
    Control("message-header-of-one-item", messages.DropsOddHeaders, "message-header-value-text"),
    Control("message-header-of-three-items", messages.DropsOddHeaders, "message-header-value-text"),
    Control("message-headers-number", messages.AssumesHeaders, "message-headers-dict"),
    Control("message-headers-none", messages.AssumesHeaders, "message-headers-dict"),
    Control("message-headers-dict", messages.EncodesHeaders, "message-headers-number"),
    Control("message-body-text", messages.EncodesBody, "message-body-number"),
    Control("message-body-text-with-length", messages.EncodesBody, "message-body-number"),
    Control("message-body-text-mid-response", turns.EncodesLaterBodies, "message-body-text"),
    Control("message-body-empty-text", messages.TakesNothingForEmpty, "message-body-text"),
    Control("message-body-none", messages.TakesNothingForEmpty, "message-body-text"),
    Control("message-body-number", messages.MakesBytes, "message-body-text"),
    Control("message-body-list", messages.MakesBytes, "message-body-text"),
    Control("message-more-body-text", messages.AsksForTruth, "message-body-text"),
    Control(
        "message-invalid-start-answered",
        messages.waiting_after_failure,
        "message-start-without-status",
    ),
    Control(
        "message-invalid-header-answered",
        messages.waiting_after_failure,
        "message-header-value-text",
    ),
    Control("message-invalid-body-answered", messages.waiting_after_failure, "message-body-text"),
    Control("message-body-first", turns.starting_by_itself, "message-start-twice"),
    Control("message-body-first-more", turns.starting_by_itself, "message-start-twice"),
    Control("message-start-twice", turns.passing_over_starts, "message-body-first"),
    Control("message-start-mid-response", turns.passing_over_starts, "message-body-first"),
    Control(
        "message-start-mid-response-unsent",
        turns.sending_heads_as_content,
        "message-body-first",
    ),
    Control("message-late-nothing-sent", turns.ending_with_the_application, _VALID),
    Control("message-late-nothing-sent-with-length", turns.WritesOn, "message-late-body-ignored"),
    Control(
        "message-late-nothing-sent-to-head", turns.SendsContentToHead, "message-late-nothing-sent"
    ),
    Control("message-late-body-ignored", turns.raising_after_the_end, "message-late-nothing-sent"),
    Control(
        "message-late-empty-body-ignored", turns.raising_after_the_end, "message-late-nothing-sent"
    ),
    Control(
        "message-late-start-ignored", turns.raising_for_a_late_start, "message-late-body-ignored"
    ),
    Control("message-late-unknown-type", turns.raising_after_the_end, "message-late-nothing-sent"),
    Control(
        "message-more-keys-in-start", turns.refusing_keys_of_starts, "message-more-keys-in-body"
    ),
    Control(
        "message-more-keys-in-body", turns.refusing_keys_of_bodies, "message-more-keys-in-start"
    ),
    Control("message-headers-tuples", turns.refusing_tuples, "message-headers-lists"),
    Control("message-headers-lists", turns.refusing_lists, "message-headers-tuples"),
    Control("message-headers-iterator", turns.IteratesTwice, "message-headers-lists"),
    Control("message-header-iterator", turns.IteratesHeadersTwice, "message-headers-lists"),
    Control("message-header-bytearray", turns.TakesBytearrays, "message-header-value-text"),
    Control("message-headers-default", turns.needing_headers, "message-headers-empty"),
    Control("message-headers-empty", turns.needing_a_header, "message-headers-default"),
    Control("message-is-dict", turns.giving_proxies),
    Control("message-plain-types", turns.giving_bytearrays, "message-is-dict"),
    Control("message-namespace", turns.giving_short_types, "message-is-dict"),
    Control("legacy-application", turns.calling_with_three),
)
