"""CSV as an application: CONTRACT.md, *Tables*."""

from __future__ import annotations

import anyio
import pytest
from fakes import PATIENCE, Client, ClosingServer, make_scope

from raw_asgi import Catalog, CSVRows

pytestmark = pytest.mark.anyio


async def test_the_end_of_totals_is_not_taken_for_the_clients_leaving() -> None:
    client = Client(b"n\n", b"1\n")
    server = ClosingServer(client)
    scope = make_scope("POST", "/totals", (b"content-type", b"text/csv"), query=b"column=n")
    with anyio.fail_after(PATIENCE):
        await CSVRows(Catalog())(scope, client.receive, server.send)
    assert server.body == b"n,running_total\r\n1,1\r\n"
    assert server.closed, "the server was stopped in its own work"
