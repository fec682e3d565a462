"""Controls of the checks on responses: their heads, and what becomes of messages."""

from __future__ import annotations

from reference.control import Control
from reference.mistakes import examples, response_fields, response_framing, tasks
from reference.mistakes import responses as messages

_FIELDS = (
    Control("response-header-order", response_fields.SortsFields),
    Control(
        "response-header-duplicates",
        response_fields.KeepsLastField,
        spares="response-header-order",
    ),
    Control(
        "response-set-cookie",
        response_fields.JoinsFields,
        spares="response-header-duplicates",
    ),
    Control("response-header-value", response_fields.CollapsesSpaces, spares="response-header-tab"),
    Control("response-header-tab", response_fields.ReplacesTabs, spares="response-header-value"),
    Control("response-header-empty", response_fields.DropsEmptyFields),
    Control("response-header-not-ascii", response_fields.ReplacesWhatIsNotAscii),
    Control("response-header-long", response_fields.CutsLongValues),
    Control("response-header-long", response_fields.CutsLongValues, http="2"),
    Control("response-content-encoding", response_fields.DropsContentEncoding),
    Control("response-date-once", response_fields.AddsOwnFields, spares="response-date"),
    Control(
        "response-date-of-application",
        response_fields.ReplacesOwnFields,
        spares="response-date-once",
    ),
    Control("response-server-once", response_fields.AddsOwnFields, spares="response-date"),
    Control(
        "response-server-of-application",
        response_fields.ReplacesOwnFields,
        spares="response-server-once",
    ),
    Control("response-date", response_fields.WithoutDate, spares="response-date-once"),
    Control("response-header-upper-case", response_fields.LowersNames),
    Control("response-header-upper-case-http2", response_fields.TakesAnyField, http="2"),
    Control("response-header-crlf", response_fields.TakesAnyField),
    Control("response-header-crlf", response_fields.TakesAnyField, http="2"),
    Control("response-header-content-crlf", response_fields.TakesAnyField),
    Control("response-header-name-crlf", response_fields.TakesAnyField),
    Control("response-header-lf", response_fields.LooksForCrlfAlone, spares="response-header-crlf"),
    Control("response-header-cr", response_fields.LooksForCrlfAlone, spares="response-header-crlf"),
    Control(
        "response-header-nul", response_fields.LooksForCrlfAlone, spares="response-header-crlf"
    ),
    Control("response-header-name", response_fields.TakesAnyField),
    Control("response-header-pseudo", response_fields.TakesAnyField),
    Control("response-header-pseudo", response_fields.TakesAnyField, http="2"),
    Control("response-status", response_fields.KnowsFewStatuses),
    Control(
        "response-status-unregistered",
        response_fields.KnowsRegisteredStatuses,
        spares="response-status",
    ),
    Control("response-reason-phrase", response_fields.WithoutSpaceAfterStatus),
    Control("response-status-outside", response_fields.KnowsRegisteredStatuses),
    Control("response-status-digits", response_fields.TakesAnyField),
    Control("response-status-informational", response_fields.TakesAnyField),
    Control("response-status-informational-seen", response_fields.TakesAnyField),
    Control("response-transfer-encoding", response_fields.TrustsTransferEncoding),
    Control("response-transfer-encoding-content", response_fields.TrustsTransferEncoding),
    Control("response-transfer-encoding-repeated", examples.KeepsTransferEncoding),
    Control("response-transfer-encoding-other", examples.KeepsTransferEncoding),
    Control("response-transfer-encoding-and-length", examples.KeepsTransferEncoding),
    Control("response-transfer-encoding-chunked-and-length", examples.KeepsTransferEncoding),
)

_MESSAGES = (
    Control("response-unknown-length", messages.losing_the_last_piece),
    Control("response-self-delimited", response_framing.EndsWithTheConnection),
    Control("response-unknown-length-framing", response_framing.EndsWithTheConnection),
    Control("response-many-pieces", messages.losing_many_pieces, spares="response-unknown-length"),
    Control("response-content-length", response_framing.ChunksDespiteLength),
    Control("response-content-length-pieces", response_framing.ChunksDespiteLength),
    Control("response-content-length-zero", response_framing.ChunksDespiteLength),
    Control("response-complete", messages.ending_with_the_application, waits=True),
    Control(
        "response-complete-by-default",
        messages.expecting_more,
        spares="response-complete",
        waits=True,
    ),
    Control("response-complete-with-length", messages.ending_with_the_application, waits=True),
    Control("response-body-missing", messages.without_default_body),
    Control("response-body-missing-between", messages.without_default_body),
    Control(
        "response-empty-first-piece",
        response_framing.SendsEmptyChunks,
        spares="response-many-pieces",
    ),
    Control(
        "response-empty-piece", response_framing.SendsEmptyChunks, spares="response-many-pieces"
    ),
    Control("response-empty-last-piece", messages.dropping_empty_messages),
    Control("response-empty-whole", messages.dropping_empty_messages),
    Control("response-piece-at-once", messages.waiting_for_more_bytes, waits=True),
    Control("response-piece-at-once", messages.waiting_for_more_bytes, waits=True, http="2"),
    Control("response-piece-at-once-with-length", examples.holding_content, waits=True),
    Control("response-event-at-once", messages.waiting_for_more_bytes, waits=True),
    Control("response-piece-of-one-byte", messages.waiting_for_more_bytes, waits=True),
    Control("response-head-at-once", messages.dropping_empty_messages, waits=True),
    Control("response-flushed-before-return", examples.SendsLater),
    Control("response-start-held", messages.starting_at_once),
    Control(
        "body-type-bytearray", messages.writing_what_is_shown, spares="response-unknown-length"
    ),
    Control(
        "body-type-memoryview", messages.writing_what_is_shown, spares="response-unknown-length"
    ),
    Control("body-type-memoryview-of-words", messages.writing_items, spares="body-type-memoryview"),
    Control("body-type-bytearray-taken", messages.taking_any_buffer),
    Control("body-type-memoryview-taken", messages.taking_any_buffer),
    Control(
        "body-type-every-byte",
        messages.translating_line_ends,
        spares="response-unknown-length",
    ),
    Control("body-type-large", messages.losing_many_pieces, spares="response-unknown-length"),
    Control(
        "body-type-large-with-length",
        messages.losing_many_pieces,
        spares="response-unknown-length",
    ),
    Control("concurrent-send", tasks.sharing_a_place, spares="response-many-pieces"),
    Control(
        "concurrent-send-blocked",
        tasks.refusing_a_second_sender,
        spares="response-many-pieces",
    ),
    Control("concurrent-send-whole", tasks.halving_messages, spares="concurrent-send"),
    Control("concurrent-send-and-receive", tasks.doing_one_thing_at_a_time, waits=True),
    Control("concurrent-requests", tasks.serving_one_at_a_time, waits=True),
)

CONTROLS = (*_FIELDS, *_MESSAGES)
