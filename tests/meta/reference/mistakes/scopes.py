"""Mistakes in the scope of a request."""

from __future__ import annotations

import posixpath
from collections import ChainMap
from urllib.parse import quote, unquote, unquote_to_bytes

from reference.mistakes.altering import alters_scope
from reference.types import Application, Receive, Scope, Send


@alters_scope
def in_layers(scope: Scope) -> Scope:
    """A mapping that is no dictionary."""
    return ChainMap(scope)


@alters_scope
def version_is_a_number(scope: Scope) -> None:
    scope["asgi"]["version"] = 3.0


@alters_scope
def older_spec_version(scope: Scope) -> None:
    scope["asgi"]["spec_version"] = "2.0"


@alters_scope
def type_is_the_scheme(scope: Scope) -> None:
    scope["type"] = "https"


@alters_scope
def keys_of_bytes(scope: Scope) -> None:
    scope[b"extra"] = 1  # type: ignore[index]


@alters_scope
def scheme_of_bytes(scope: Scope) -> None:
    scope["scheme"] = b"http"


@alters_scope
def extensions_in_a_list(scope: Scope) -> None:
    scope["extensions"] = sorted(scope["extensions"])


@alters_scope
def extensions_are_switches(scope: Scope) -> None:
    scope["extensions"] = dict.fromkeys(scope["extensions"], True)


@alters_scope
def extensions_untold(scope: Scope) -> None:
    scope["extensions"] = {}


@alters_scope
def client_port_is_text(scope: Scope) -> None:
    scope["client"] = [scope["client"][0], str(scope["client"][1])]


@alters_scope
def server_port_is_text(scope: Scope) -> None:
    scope["server"] = [scope["server"][0], str(scope["server"][1])]


@alters_scope
def always_http_1_0(scope: Scope) -> None:
    scope["http_version"] = "1.0"


@alters_scope
def always_http_1_1(scope: Scope) -> None:
    scope["http_version"] = "1.1"


@alters_scope
def path_as_it_came(scope: Scope) -> None:
    scope["path"] = scope["raw_path"].decode()


@alters_scope
def path_decoded_twice(scope: Scope) -> None:
    scope["path"] = unquote(scope["path"])


@alters_scope
def query_of_the_decoded_path(scope: Scope) -> None:
    path, _, query = scope["path"].partition("?")
    scope["path"], scope["query_string"] = path, query.encode() or scope["query_string"]


@alters_scope
def path_as_in_forms(scope: Scope) -> None:
    scope["path"] = scope["path"].replace("+", " ")


@alters_scope
def path_in_latin_1(scope: Scope) -> None:
    scope["path"] = unquote_to_bytes(scope["raw_path"]).decode("latin-1")


@alters_scope
def path_without_dots(scope: Scope) -> None:
    scope["path"] = posixpath.normpath(scope["path"])


@alters_scope
def raw_path_encoded_anew(scope: Scope) -> None:
    scope["raw_path"] = quote(scope["path"]).encode()


@alters_scope
def query_decoded(scope: Scope) -> None:
    scope["query_string"] = unquote_to_bytes(scope["query_string"])


@alters_scope
def query_none_where_empty(scope: Scope) -> None:
    scope["query_string"] = scope["query_string"] or None


@alters_scope
def method_in_lower_case(scope: Scope) -> None:
    scope["method"] = scope["method"].lower()


@alters_scope
def always_https(scope: Scope) -> None:
    scope["scheme"] = "https"


@alters_scope
def always_http(scope: Scope) -> None:
    scope["scheme"] = "http"


@alters_scope
def mounted_at_a_slash(scope: Scope) -> None:
    scope["root_path"] = "/"


def first_path_of_a_connection(application: Application) -> Application:
    """What one request has told is kept for those after it."""
    paths: dict[int, str] = {}

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope["path"] = paths.setdefault(scope["client"][1], scope["path"])
        await application(scope, receive, send)

    return broken


# The root path.


@alters_scope
def root_path_untold(scope: Scope) -> None:
    scope["root_path"] = ""


@alters_scope
def root_path_encoded(scope: Scope) -> None:
    scope["root_path"] = quote(scope["root_path"])


@alters_scope
def path_with_root_path(scope: Scope) -> None:
    scope["path"] = scope["root_path"] + scope["path"]


@alters_scope
def raw_path_with_root_path(scope: Scope) -> None:
    scope["raw_path"] = scope["root_path"].encode() + scope["raw_path"]


@alters_scope
def query_decoded_below_a_root_path(scope: Scope) -> None:
    if scope["root_path"]:
        scope["query_string"] = unquote_to_bytes(scope["query_string"])
