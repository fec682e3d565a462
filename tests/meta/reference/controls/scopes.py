"""Controls of the checks on scopes, on the calls of the application and on the state."""

from __future__ import annotations

from reference.control import Control
from reference.mistakes import calls, examples, heads, scopes

_OF_SCOPE = (
    Control("scope-is-dict", scopes.in_layers, "request-body"),
    Control("scope-asgi-version", scopes.version_is_a_number),
    Control("scope-spec-version", scopes.older_spec_version),
    Control("scope-type-http", scopes.type_is_the_scheme, "lifespan-once", waits=True),
    Control("scope-keys", scopes.keys_of_bytes),
    Control("scope-string-types", scopes.scheme_of_bytes),
    Control("scope-single-request", scopes.first_path_of_a_connection),
    Control("scope-single-request", scopes.first_path_of_a_connection, http="2"),
    Control("scope-extensions", scopes.extensions_in_a_list),
    Control("scope-extension-entries", scopes.extensions_are_switches),
    Control("scope-extensions-told", scopes.extensions_untold),
    Control("scope-client", scopes.client_port_is_text),
    Control("scope-server", scopes.server_port_is_text),
    Control("scope-http-version", scopes.always_http_1_0, "scope-http-version-1-0"),
    Control("scope-http-version", scopes.always_http_1_1, http="2"),
    Control("scope-http-version-1-0", scopes.always_http_1_1, "scope-http-version"),
    Control("scope-path-decoded", scopes.path_as_it_came, "scope-path-plus"),
    Control("scope-path-decoded", scopes.path_in_latin_1, "scope-path-slash"),
    Control("scope-path-slash", scopes.path_decoded_twice, "scope-path-decoded"),
    Control("scope-path-slash", scopes.query_of_the_decoded_path, "scope-path-decoded"),
    Control("scope-path-plus", scopes.path_as_in_forms, "scope-path-decoded"),
    Control("scope-path-not-utf-8", scopes.path_in_latin_1, "scope-path-slash"),
    Control("scope-path-dots", scopes.path_without_dots, "scope-path-decoded"),
    Control("scope-raw-path", scopes.raw_path_encoded_anew, "scope-path-decoded"),
    Control("scope-query-string", scopes.query_decoded, "scope-query-string-empty"),
    Control("scope-query-string-empty", scopes.query_none_where_empty, "scope-query-string"),
    Control("scope-method", scopes.method_in_lower_case),
    Control("scope-method-lower-case", heads.KeepsMethodCase, "scope-method"),
    Control("scope-method-unknown", heads.KnowsMethods, "scope-method"),
    Control("scope-scheme", scopes.always_https),
    Control("scope-root-path", scopes.mounted_at_a_slash),
)

_OF_HEADERS = (
    Control("scope-headers-types", heads.values_of_bytearray),
    Control("scope-headers-value", heads.values_split_at_commas),
    Control("scope-headers-not-ascii", heads.values_in_utf_8, "scope-headers-value"),
    Control("scope-headers-duplicates", heads.last_of_each_name, "scope-headers-value"),
    Control("scope-headers-whitespace", heads.KeepsWhiteSpace, "scope-headers-value"),
    Control("scope-headers-empty-value", heads.empty_values_dropped, "scope-headers-value"),
    Control("scope-headers-case", heads.names_in_title_case),
    Control("scope-headers-order", heads.sorted_fields),
    Control("scope-headers-host", heads.host_of_the_server),
    Control("scope-headers-authority", heads.host_at_the_end, http="2"),
    Control(
        "scope-headers-authority-and-host",
        heads.host_told_twice,
        "scope-headers-authority",
        http="2",
    ),
    Control("scope-headers-authority-wins", heads.KeepsHost, http="2"),
    Control("scope-headers-pseudo", heads.with_pseudo_headers, http="2"),
    Control("scope-headers-cookies", heads.cookies_joined, http="2"),
    Control("scope-absolute-form", heads.RefusesAbsoluteForm),
    Control("scope-absolute-form-path", heads.KeepsAbsoluteForm, "scope-absolute-form"),
    Control("scope-asterisk-form", heads.RefusesAsteriskForm, "scope-absolute-form"),
)

_OF_ROOT_PATH = (
    Control("root-path-told", scopes.root_path_untold),
    Control("root-path-query", scopes.query_decoded_below_a_root_path, "root-path-told"),
    Control("root-path-not-ascii", scopes.root_path_encoded, "root-path-told"),
    Control("root-path-and-path", scopes.path_with_root_path, "root-path-told"),
    Control("root-path-and-raw-path", scopes.raw_path_with_root_path, "root-path-told"),
    Control("root-path-exact", scopes.path_with_root_path, "root-path-told"),
)

_OF_CALLS = (
    Control("application-arguments", calls.sending_synchronously),
    Control("application-arguments-by-name", calls.called_by_name),
    Control("application-called-once", calls.called_twice),
    Control("application-runs-in-event-loop", calls.called_without_a_loop, "lifespan-once"),
    Control("application-main-thread", calls.called_in_a_thread),
)

_OF_STATE = (
    Control("scope-state-shallow", calls.CopiesDeeply, "scope-state-copied"),
    Control("lifespan-state-empty", calls.state_of_the_server),
    Control("lifespan-state-in-both-scopes", calls.state_for_requests_alone),
    Control("lifespan-state-untouched", calls.state_with_more_in_it, "scope-state-shallow"),
    Control("lifespan-state-kept", calls.state_cleared_at_the_end, "scope-state-shallow"),
    Control("lifespan-state-own", examples.SharesState, "scope-state-shallow"),
    Control("lifespan-state-late", calls.CopiesOnce, "scope-state-copied"),
)

CONTROLS = (*_OF_SCOPE, *_OF_HEADERS, *_OF_ROOT_PATH, *_OF_CALLS, *_OF_STATE)
