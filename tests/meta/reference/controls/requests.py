"""Controls of the checks on what a request gives its application, and on silence."""

from __future__ import annotations

from reference.control import Control
from reference.mistakes import contents, examples, heads, invitations, requests, silences

_OF_BODIES = (
    Control("request-without-body", requests.more_after_nothing),
    Control("request-without-body", requests.more_after_nothing, http="2"),
    Control("request-without-body-post", requests.more_after_nothing, waits=True),
    Control("request-message-type", requests.type_of_a_body),
    Control("request-body", requests.body_of_bytearray),
    Control("request-body-of-get", requests.nothing_of_a_get, "request-body"),
    Control("request-more-body", requests.more_is_a_number, "request-body"),
    Control(
        "request-body-given-as-it-arrives",
        requests.taking_the_whole_body_first,
        "request-body",
        waits=True,
    ),
    Control(
        "request-body-of-unknown-length-given-as-it-arrives",
        requests.taking_the_whole_body_first,
        "request-body",
        waits=True,
    ),
    Control(
        "request-called-before-body-complete",
        requests.taking_the_whole_body_first,
        "request-body",
        waits=True,
    ),
    Control("request-chunked-decoded", contents.KeepsChunks, "request-body"),
    Control(
        "request-chunked-empty", contents.WaitsForContent, "request-chunked-decoded", waits=True
    ),
    Control("request-chunked-trailers", contents.LeavesTrailers, "request-chunked-decoded"),
    Control("request-chunked-byte-by-byte", contents.ReadsWholeChunks, "request-body"),
    Control("request-large-body", requests.cutting_large_bodies, "request-body"),
    Control("request-large-body-pieces", requests.SmallMessages, "request-large-body"),
    Control("request-large-body-intact", requests.large_pieces_reversed, "request-body"),
    Control("request-large-chunked-body-intact", requests.large_pieces_reversed, "request-body"),
)

_OF_WAITING = (
    Control("receive-waits-after-body", requests.disconnecting_after_the_body, "request-body"),
    Control(
        "receive-waits-after-empty-body", requests.disconnecting_after_the_body, "request-body"
    ),
    Control("receive-waits-during-response", requests.disconnecting_after_the_body, "request-body"),
    Control("receive-after-response", examples.without_disconnect, waits=True),
    Control("receive-after-response", examples.without_disconnect, waits=True, http="2"),
    Control("receive-waiting-during-response", examples.without_disconnect, waits=True),
    Control(
        "receive-cancelled-loses-nothing",
        requests.losing_what_nobody_waits_for,
        "request-body",
        waits=True,
    ),
    Control(
        "receive-cancelled-loses-no-disconnect",
        requests.losing_what_nobody_waits_for,
        "request-body",
        waits=True,
    ),
)

_OF_BREAKING_OFF = (
    *(
        Control(check, requests.completing_what_breaks_off, "request-body")
        for check in (
            "request-broken-reset",
            "request-broken-closed",
            "request-broken-half-closed",
            "request-broken-unread",
            "request-broken-chunked",
            "request-broken-in-chunk",
            "request-broken-last-chunk",
        )
    ),
    *(
        Control(check, requests.completing_what_breaks_off, "request-body", http="2")
        for check in ("request-broken-reset", "request-broken-of-unknown-length")
    ),
    Control("request-broken-closed", examples.without_disconnect, "request-body", waits=True),
    Control("request-chunk-malformed", contents.CompletesMalformed, "request-chunked-decoded"),
    Control("request-chunk-too-long", contents.CompletesMalformed, "request-chunked-decoded"),
    Control(
        "request-chunk-malformed-answer", contents.CompletesMalformed, "request-chunked-decoded"
    ),
)

_OF_EXPECTING = (
    Control("expect-continue", invitations.NeverInvites, "expect-refused", waits=True),
    Control("expect-continue-late", invitations.receiving_ahead, "expect-continue"),
    Control("expect-continue-not-said", invitations.AlwaysInvites, "expect-continue"),
    Control("expect-http-1-0", invitations.InvitesHttp10, "expect-continue"),
    Control("expect-refused", heads.RefusesExpectations),
    Control("expect-refused-first", invitations.receiving_ahead, "expect-continue"),
    Control("expect-unknown", heads.RefusesExpectations),
)

_OF_SILENCE = (
    Control("idle-kept-connection", examples.Impatient, waits=True),
    Control("idle-fresh-connection", examples.Impatient, waits=True),
    Control("idle-half-head", examples.Impatient, waits=True),
    Control("silent-stream-not-cut", silences.cutting_silent_requests, waits=True),
    Control("silent-stream-not-cut", silences.cutting_silent_requests, waits=True, http="2"),
    Control("silent-stream-not-told-gone", silences.giving_clients_up, waits=True),
    Control("silent-poll-not-cut", silences.cutting_silent_requests, waits=True),
    Control("silent-upload", silences.refusing_slow_uploads, waits=True),
)

CONTROLS = (*_OF_BODIES, *_OF_WAITING, *_OF_BREAKING_OFF, *_OF_EXPECTING, *_OF_SILENCE)
