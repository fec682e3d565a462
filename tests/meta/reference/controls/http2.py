"""Controls of the checks on HTTP/2."""

from __future__ import annotations

from functools import partial

from reference.control import Control
from reference.mistakes import (
    examples,
    files,
    flow,
    frames,
    messages,
    pushes,
    sending,
    streams,
)

_H2 = partial(Control, http="2")
_PUSH = "push-promised"
_TURN = "http2-streams-in-turn"
_PING = "http2-ping-answered"
_UNREAD = "http2-unread-upload-other-stream"
_BLOCKED = "http2-blocked-stream-other-stream"
_LENGTH = "http2-length-short-refused"
_EARLY = "http2-early-response-delivered"

CONTROLS = (
    _H2("push-promised", pushes.passing_over_pushes),
    _H2("push-answered", pushes.failing_pushed, _PUSH),
    _H2("push-calls-application", pushes.answering_pushed, "push-answered", waits=True),
    _H2("push-without-body", pushes.awaiting_pushed_body, "push-answered", waits=True),
    _H2("push-headers", pushes.DropsPushedFields, "push-answered"),
    _H2("push-authority", pushes.PromisesForAnother, _PUSH),
    _H2("push-fields", pushes.NamesSchemeTwice, _PUSH),
    _H2("push-path-encoded", pushes.QuotesTwice, _PUSH),
    _H2("push-path-query", pushes.DropsQuery, "push-path-encoded"),
    _H2("push-several", pushes.passing_over_second_pushes, _PUSH),
    _H2("push-accepted-between-bodies", pushes.refusing_pushes_among_bodies, _PUSH),
    _H2("push-not-to-unwilling-client", pushes.PushesToAll, _PUSH),
    _H2("push-no-longer", pushes.PushesToAll, _PUSH),
    _H2("push-refused", pushes.FailsOnRefusedPush, _PUSH),
    _H2("push-without-path", pushes.passing_over_no_path, _PUSH),
    _H2("push-path-bytes", pushes.TakesPathsOfBytes, _PUSH),
    _H2("push-header-text", messages.EncodesHeaders, _PUSH),
    _H2("push-line-break", pushes.SendsLineBreaks, _PUSH),
    _H2("push-not-offered", files.TakesUnoffered, mended=files.OffersNothing),
    _H2("http2-streams-concurrent", streams.serving_in_turn, _TURN, waits=True),
    _H2("http2-scopes-differ", streams.keeping_first_scope, waits=True),
    _H2("http2-streams-in-turn", frames.ServesOneRequest, _PING, waits=True),
    _H2("http2-responses-to-their-stream", streams.mixing_responses, "http2-data-empty"),
    _H2("http2-uploads-to-their-stream", streams.mixing_uploads, _TURN),
    _H2("http2-streams-at-once", frames.AllowsFiftyStreams, _PING),
    _H2("http2-failure-mid-stream", examples.EndsCleanly, "http2-failure-spares-others"),
    _H2("http2-failure-spares-others", streams.EndsConnection, "http2-failure-mid-stream"),
    _H2("http2-early-return-spares-others", streams.EndsConnection, "http2-failure-mid-stream"),
    _H2("http2-reset-spares-others", streams.EndsConnectionWithReset, "http2-streams-concurrent"),
    _H2("http2-goaway-streams-finish", frames.ClosesOnGoaway, "http2-streams-concurrent"),
    _H2("http2-goaway-uploads-finish", frames.ClosesOnGoaway, "http2-streams-concurrent"),
    _H2("http2-unread-upload-ping", frames.StopsReading, _BLOCKED, waits=True),
    _H2("http2-unread-upload-other-stream", frames.StopsReading, _BLOCKED, waits=True),
    _H2("http2-unread-upload-resumes", frames.KeepsWindow, _UNREAD, waits=True),
    _H2("http2-unread-upload-other-upload", examples.OneWindow, _UNREAD),
    _H2("http2-unread-upload-reset", streams.ForgetsResetWindow, _UNREAD),
    _H2("http2-blocked-stream-other-stream", streams.SendsOldestFirst, _TURN, waits=True),
    _H2("http2-blocked-stream-other-large", streams.SendsOldestFirst, _TURN, waits=True),
    _H2("http2-blocked-stream-resumes", frames.IgnoresWindowUpdates, _BLOCKED, waits=True),
    _H2("http2-reset-frees-send", sending.stuck_when_blocked, _BLOCKED, waits=True),
    _H2("http2-reset-frees-large-send", sending.stuck_when_blocked, _BLOCKED, waits=True),
    _H2("http2-window-obeyed", frames.IgnoresSettings, "http2-frame-size"),
    _H2("http2-window-zero", frames.IgnoresSettings, "http2-frame-size"),
    _H2("http2-window-changed", frames.IgnoresLaterSettings, "http2-window-obeyed", waits=True),
    _H2("http2-window-negative", frames.IgnoresLaterSettings, "http2-window-obeyed", waits=True),
    _H2("http2-frame-size", frames.TakesLargeFrames, _PING),
    _H2("http2-ping-answered", frames.IgnoresPings, _TURN, waits=True),
    _H2("http2-settings-acknowledged", frames.IgnoresLaterSettings, _PING, waits=True),
    _H2("http2-frame-unknown", frames.FailsOnUnknownFrames, "http2-setting-unknown"),
    _H2("http2-setting-unknown", frames.FailsOnUnknownSettings, "http2-frame-unknown"),
    _H2("http2-data-padded", frames.ReadsPadding, "http2-data-empty"),
    _H2("http2-data-empty", frames.EndsWithEmptyData, "http2-data-padded"),
    _H2("http2-continuation", frames.FailsOnContinuation, "http2-data-empty"),
    _H2("http2-request-trailers", frames.IgnoresRequestTrailers, "http2-data-empty", waits=True),
    _H2("http2-early-response-delivered", flow.answering_after_body, _PING, waits=True),
    _H2(
        "http2-early-response-connection-survives",
        frames.FailsOnLateData,
        _EARLY,
    ),
    _H2(
        "http2-early-response-spares-others",
        frames.FailsOnLateData,
        _EARLY,
    ),
    _H2(
        "http2-early-response-window",
        streams.ForgetsAnsweredWindow,
        _EARLY,
    ),
    _H2("http2-early-response-upload", streams.LetsUploadsGoOn, _PING),
    _H2("http2-length-short-refused", streams.ChecksNoLength, _PING),
    _H2("http2-length-short-never-complete", streams.ChecksNoLength, _PING),
    _H2("http2-length-long-refused", streams.ChecksNoLength, _PING),
    _H2("http2-length-long-never-complete", streams.ChecksNoLength, _PING),
    _H2("http2-length-without-data-refused", streams.ChecksNoLength, _PING),
    _H2("http2-length-spares-others", frames.EndsWithReset, _LENGTH),
    _H2("http2-connection-field", streams.KeepsConnectionFields),
    _H2("http2-keep-alive-field", streams.KeepsConnectionFields),
    _H2("http2-proxy-connection-field", streams.KeepsConnectionFields),
    _H2("http2-upgrade-field", streams.KeepsConnectionFields),
    _H2("http2-transfer-encoding-field", streams.KeepsConnectionFields),
    _H2("http2-connection-field-survived", streams.refusing_connection_fields),
    _H2("http2-header-upper-case", streams.LowersNames),
    _H2("http2-cookie-crumbs", streams.joining_cookies),
    *(
        _H2(f"http2-malformed-{slug}", streams.TakesAnyFields, _LENGTH)
        for slug in (
            *("upper-case", "name-space", "name-colon", "name-line-break", "name-empty"),
            *("value-cr", "value-lf", "value-nul", "value-space", "path-line-break"),
            *("connection", "transfer-encoding", "te", "path-twice", "pseudo-late"),
            *("pseudo-unknown", "pseudo-of-response", "host-other", "trailers-pseudo"),
            "spares-others",
        )
    ),
    *(
        _H2(f"http2-malformed-{slug}", streams.AssumesFields, _LENGTH)
        for slug in ("method-missing", "scheme-missing", "path-missing", "path-empty")
    ),
)
