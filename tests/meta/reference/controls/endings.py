"""Controls of the checks on where a response ends, and how."""

from __future__ import annotations

from reference.control import Control
from reference.mistakes import examples, responses
from reference.mistakes import response_endings as endings
from reference.mistakes import response_framing as framing

_FRAMING = (
    Control("framing-head", framing.AnswersHeadWithContent, spares="framing-204"),
    Control("framing-head", framing.AnswersHeadWithContent, http="2"),
    Control("framing-head-length", framing.AnswersHeadWithContent),
    Control("framing-head-length-alone", framing.AnswersHeadWithContent),
    Control("framing-head-connection", framing.AnswersHeadWithContent),
    Control("framing-head-next", framing.AnswersHeadWithContent),
    Control("framing-head-next-length", framing.AnswersHeadWithContent),
    Control("framing-204", framing.Answers204WithContent, spares="framing-304"),
    Control("framing-204", framing.Answers204WithContent, http="2"),
    Control("framing-204-pieces", framing.Answers204WithContent),
    Control("framing-204-fields", framing.Answers204WithContent),
    Control("framing-204-next", framing.Answers204WithContent),
    Control("framing-304", framing.Answers304WithContent, spares="framing-204"),
    Control("framing-304-pieces", framing.Answers304WithContent),
    Control("framing-304-length", framing.Answers304WithContent),
    Control("framing-304-next", framing.Answers304WithContent),
    Control("framing-204-length", framing.RefusesLengthOf204, spares="framing-204"),
    Control(
        "framing-204-length-dropped",
        framing.KeepsLengthOf204,
        spares="framing-204-fields",
    ),
    Control("framing-close", framing.IgnoresOwnClose, spares="framing-close-asked"),
    Control("framing-close-length", framing.IgnoresOwnClose),
    Control("framing-close-asked", framing.IgnoresClientsClose, waits=True),
    Control("framing-close-announced", framing.ClosesUntold, spares="framing-close-asked"),
    Control("framing-reuse", framing.ClosesAfterChunks, spares="framing-reuse-length"),
    Control("framing-reuse-length", framing.ClosesAfterLength, spares="framing-reuse"),
    Control("framing-reuse-upload", framing.ClosesAfterUpload, spares="framing-reuse"),
    Control("framing-unread-upload", framing.ForgetsAllContent),
    Control("framing-pipelined", framing.ClosesAfterChunks),
    Control("framing-pipelined-order", framing.AnswersTheLastFirst),
    Control(
        "framing-pipelined-upload",
        framing.ForgetsAllContent,
        spares="framing-pipelined",
    ),
    Control("framing-pipelined-closing", framing.IgnoresClientsClose),
    Control("framing-http10-not-chunked", framing.ChunksForAll),
    Control("framing-http10-keep-alive-not-chunked", framing.ChunksForAll),
    Control("framing-http10-pieces", examples.holding_content, waits=True),
    Control("framing-http10-closes", framing.IgnoresClientsClose, waits=True),
    Control("framing-http10-keep-alive", framing.ClosesHttp10),
    Control("framing-http10-keep-alive-kept", framing.ClosesHttp10Untold),
)

_ENDINGS = (
    Control(
        "ending-return-early",
        endings.ending_well_after_return,
        spares="ending-failure",
    ),
    Control("ending-return-early-at-once", endings.LeavesOpen, waits=True),
    Control("ending-return-early-with-length", endings.LeavesOpen, waits=True),
    Control("ending-return-early-next", examples.EndsCleanly),
    Control(
        "ending-failure",
        endings.ending_well_after_errors,
        spares="ending-return-early",
    ),
    Control("ending-failure", examples.EndsCleanly, http="2"),
    Control("ending-failure-with-length", endings.LeavesOpen, waits=True),
    Control(
        "ending-failure-of-files",
        endings.ending_well_after_os_errors,
        spares="ending-failure",
    ),
    Control(
        "ending-failure-of-connections",
        endings.ending_well_after_connection_errors,
        spares="ending-failure-of-files",
    ),
    Control("ending-failure-after-the-end", responses.ending_with_the_application),
    Control("ending-failure-after-start", endings.ending_well_after_errors),
    Control("ending-failure-after-start-with-length", endings.LeavesOpen, waits=True),
    Control(
        "ending-failure-after-start-seen",
        endings.AlwaysBreaksOff,
        spares="ending-failure-after-start",
    ),
    Control("ending-start-alone", endings.ending_well_after_return),
    Control("ending-start-alone-at-once", endings.LeavesOpen, waits=True),
    Control("ending-without-answer", endings.ending_well_after_return),
    Control(
        "ending-without-answer-500",
        endings.AlwaysBreaksOff,
        spares="ending-without-answer",
    ),
    Control("ending-failure-first", endings.ending_well_after_errors),
    Control(
        "ending-failure-first-500",
        endings.AlwaysBreaksOff,
        spares="ending-failure-first",
    ),
    Control(
        "ending-failure-first-of-files",
        endings.ending_well_after_os_errors,
        spares="ending-failure-first-500",
    ),
    Control(
        "ending-failure-first-with-upload",
        endings.AlwaysBreaksOff,
        spares="ending-failure-first",
    ),
    Control("ending-failure-http10", examples.EndsCleanly),
    Control("ending-excess", framing.SendsExcess, spares="ending-short-next"),
    Control("ending-excess", framing.SendsExcess, http="2"),
    Control("ending-excess-pieces", framing.SendsExcess),
    Control("ending-excess-of-nothing", framing.SendsExcess),
    Control("ending-excess-next", framing.SendsExcess),
    Control("ending-excess-pieces-next", framing.SendsExcess),
    Control("ending-excess-told", framing.CutsExcess, spares="ending-excess"),
    Control("ending-short", framing.CompletesShort, waits=True),
    Control("ending-short-pieces", framing.CompletesShort, waits=True),
    Control("ending-short-next", framing.CompletesShort, spares="ending-excess"),
    Control("ending-short-pieces-next", framing.CompletesShort),
    Control("ending-short-reset", framing.CompletesShort, http="2"),
    Control("ending-short-told", framing.CompletesShort, waits=True),
)

CONTROLS = (*_FRAMING, *_ENDINGS)
