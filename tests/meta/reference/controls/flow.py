"""Controls of the checks on slow readers, early answers, latencies and the shutdown."""

from __future__ import annotations

from reference.control import Control
from reference.mistakes import flow, sending, shutdown

CONTROLS = (
    Control("response-latency-first-byte", sending.sending_late),
    Control("response-latency-piece", sending.sending_late),
    Control("request-latency-application", flow.calling_late),
    Control("flow-unread-upload", flow.ReadsOn),
    Control("flow-unread-upload", flow.ReadsOn, http="2"),
    Control("flow-unread-upload-of-small-chunks", flow.ReadsOn),
    Control("flow-unread-response", sending.NeverWaits),
    Control("flow-unread-response", sending.NeverWaits, http="2"),
    Control("flow-unread-response-of-large-pieces", sending.NeverWaits),
    Control("flow-unread-response-of-small-pieces", sending.NeverWaits),
    Control("flow-unread-response-in-one-piece", sending.NeverWaits),
    Control("flow-resumed-response", sending.losing_after_a_wait),
    Control("flow-resumed-response-with-length", sending.losing_after_a_wait),
    Control("flow-resumed-upload", flow.losing_after_a_stall, spares="request-large-body-intact"),
    Control("early-response-readable", flow.answering_after_body, waits=True),
    Control("early-response-readable-chunked", flow.answering_after_body, waits=True),
    Control("early-response-after-a-part", flow.answering_after_body, waits=True),
    Control("early-response-while-uploading", flow.breaking_off_unread),
    Control(
        "early-response-large-while-uploading",
        flow.ClosesAtOnce,
        spares="early-response-readable",
    ),
    Control(
        "early-response-connection",
        flow.ForgetsContent,
        spares="early-response-rest-in-chunks",
    ),
    Control(
        "early-response-rest-of-length",
        flow.ForgetsContent,
        spares="early-response-rest-in-chunks",
    ),
    Control(
        "early-response-rest-in-chunks",
        flow.ForgetsChunk,
        spares="early-response-rest-of-length",
    ),
    Control(
        "early-response-close-announced",
        flow.ClosesUnannounced,
        spares="early-response-connection",
    ),
    Control("early-response-rest-taken", flow.ReadsLittle),
    Control("early-response-connection-after", flow.ForgetsContent),
    Control("shutdown-open-stream", shutdown.WithoutGrace),
    Control("shutdown-listening-stream", shutdown.StopsUntold),
    Control("shutdown-finishing-stream", shutdown.WithoutGrace),
    Control("shutdown-open-upload", shutdown.WithoutGrace),
    Control("shutdown-idle", shutdown.EndsLate),
    Control("shutdown-kept-connection", shutdown.EndsLate),
    Control("shutdown-goaway", shutdown.WithoutGoaway, http="2"),
)
