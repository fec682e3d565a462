"""Controls of the checks on the lifespan, and on TLS."""

from __future__ import annotations

from reference.control import Control
from reference.mistakes import calls, encryption, examples, lifespans, scopes

_OF_LIFESPAN = (
    Control("lifespan-scope", lifespans.version_is_a_number),
    Control("lifespan-spec-version", lifespans.spec_version_of_http, "lifespan-scope"),
    Control("lifespan-once", lifespans.two_lifespans),
    Control("lifespan-same-event-loop", calls.called_in_a_thread, "lifespan-scope"),
    Control("lifespan-lasts", lifespans.cancelled_when_started, "lifespan-scope"),
    Control("lifespan-unknown-event-raises", lifespans.ignoring_unknown_events, "lifespan-scope"),
    Control("lifespan-additional-keys", lifespans.refusing_additional_keys, "lifespan-scope"),
    Control("lifespan-raises-later", lifespans.stopping_with_the_lifespan, "lifespan-scope"),
    Control("lifespan-returns-later", lifespans.stopping_with_the_lifespan, "lifespan-scope"),
    *(
        Control(check, lifespans.NeverEnds, "lifespan-scope", waits=True)
        for check in (
            "lifespan-returned-shutdown",
            "lifespan-raises-in-shutdown",
            "lifespan-raises-after-shutdown",
        )
    ),
)

_OF_STARTUP = (
    Control("lifespan-startup-first", lifespans.startup_by_another_name, "lifespan-scope"),
    Control("lifespan-startup-awaited", lifespans.StartsAtOnce, "lifespan-scope"),
    Control("lifespan-startup-awaited", lifespans.StartsAtOnce, "lifespan-scope", http="2"),
    Control("lifespan-raises-at-once", lifespans.failing_with_the_lifespan, "lifespan-scope"),
    Control(
        "lifespan-raises-after-startup-event",
        lifespans.failing_with_the_lifespan,
        "lifespan-scope",
    ),
    Control(
        "lifespan-startup-failed-exits",
        lifespans.starting_all_the_same,
        "lifespan-scope",
        waits=True,
    ),
    Control(
        "lifespan-startup-failed-raised-exits",
        lifespans.starting_all_the_same,
        "lifespan-scope",
        waits=True,
    ),
    Control(
        "lifespan-startup-failed-logged",
        lifespans.without_the_message,
        "lifespan-startup-failed-exits",
    ),
    Control(
        "lifespan-startup-failed-serves-nobody",
        lifespans.starting_all_the_same,
        "lifespan-scope",
    ),
    Control(
        "lifespan-startup-failed-status",
        lifespans.FailsWithAnotherStatus,
        "lifespan-startup-failed-exits",
    ),
    Control(
        "lifespan-startup-failed-without-message",
        lifespans.requiring_the_message,
        "lifespan-startup-failed-exits",
        waits=True,
    ),
    Control(
        "lifespan-returns-at-once",
        lifespans.waiting_for_what_has_returned,
        "lifespan-scope",
        waits=True,
    ),
    Control(
        "lifespan-returns-after-startup-event",
        lifespans.waiting_for_what_has_returned,
        "lifespan-scope",
        waits=True,
    ),
)

_OF_SHUTDOWN = (
    Control("lifespan-shutdown-told", examples.WithoutShutdown, "lifespan-scope", waits=True),
    Control(
        "lifespan-shutdown-kept-connection",
        examples.WithoutShutdown,
        "lifespan-scope",
        waits=True,
    ),
    Control("lifespan-shutdown-awaited", lifespans.EndsAtOnce, "lifespan-shutdown-told"),
    Control("lifespan-shutdown-after-connections", lifespans.TellsFirst, "lifespan-shutdown-told"),
    Control(
        "lifespan-shutdown-after-accepting",
        lifespans.serving_after_the_shutdown,
        "lifespan-shutdown-told",
    ),
    Control("lifespan-shutdown-endless-stream", examples.WithoutShutdown, "lifespan-scope"),
    Control(
        "lifespan-shutdown-failed-terminates",
        lifespans.NeverEnds,
        "lifespan-shutdown-told",
        waits=True,
    ),
    Control(
        "lifespan-shutdown-failed-logged",
        lifespans.without_the_message,
        "lifespan-shutdown-told",
    ),
    Control(
        "lifespan-shutdown-failed-status",
        lifespans.dying_of_a_failed_shutdown,
        "lifespan-shutdown-told",
    ),
    Control(
        "lifespan-shutdown-failed-without-message",
        lifespans.requiring_the_message,
        "lifespan-shutdown-told",
    ),
)

_OF_TLS = (
    Control("tls-not-without-tls", encryption.told_in_the_clear, "tls-version"),
    Control("tls-extension-offered", encryption.untold),
    Control("tls-extension-shape", encryption.without_version, "tls-server-cert"),
    Control("tls-server-cert", encryption.another_certificate, "tls-version"),
    Control("tls-client-cert-chain-empty", encryption.chain_of_the_server, "tls-version"),
    Control("tls-client-cert-name-none", encryption.name_of_the_server, "tls-version"),
    Control("tls-client-cert-error-none", encryption.error_without_certificate, "tls-version"),
    Control("tls-version", encryption.version_of_its_library, "tls-cipher-suite"),
    Control("tls-cipher-suite", encryption.cipher_suite_in_another_order, "tls-version"),
    Control("tls-scheme", scopes.always_http),
    Control("tls-request-and-response", encryption.content_lost, "tls-large-body"),
    Control("tls-request-and-response", encryption.content_lost, "tls-large-body", http="2"),
    Control("tls-large-body", encryption.content_cut, "tls-request-and-response"),
    Control("tls-disconnect", examples.without_disconnect, "tls-version", waits=True),
    Control("tls-clean-end", encryption.TearsOff, "tls-request-and-response"),
)

CONTROLS = (*_OF_LIFESPAN, *_OF_STARTUP, *_OF_SHUTDOWN, *_OF_TLS)
