"""Rules: mount. Every family works under any `root_path` (CONTRACT.md, Rules for every endpoint).

The server of this module has a `root_path` of its own, and a host in it (`mounting.py`) mounts
the application as a request asks, without a lifespan.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from asgi_conformance.cells import Cell
from asgi_conformance.checks import check
from asgi_conformance.exchange import Exchange
from asgi_conformance.hosting import Host, Subject
from asgi_conformance.material import place_file
from asgi_conformance.mounting import FORMS, HEADER
from asgi_conformance.uploading import END, FORM_TYPE, HELLO, choose_name, file_part

# By the server, and by the host in both of the forms that the ASGI specification leaves open.
_SERVER: list[tuple[str, str]] = []
_WAYS = [_SERVER, *([(HEADER, f"{form} /outer/inner")] for form in FORMS)]
_JSON = ("Content-Type", "application/json")


@pytest.fixture(scope="module")
def asgi_host(asgi_cell: Cell, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """A server under `/mounted`, with a host in it."""
    host = Host(
        asgi_cell,
        tmp_path_factory.mktemp(f"mounted-{asgi_cell}"),
        middleware="asgi_conformance.mounting:Mount",
        root_path="/mounted",
    )
    yield host
    host.stop()


def _root(way: list[tuple[str, str]]) -> str:
    return "/outer/inner" if way else "/mounted"


@check("rules-mount-files", rule="mount", reference="CONTRACT mount", own=True)
def test_rules_mount_files(subject: Subject) -> None:
    target = place_file(subject.files, b"0123456789").target
    for way in _WAYS:
        answer = subject.client.get(target, headers=[*way, ("Range", "bytes=2-4")])
        assert (answer.status, answer.body) == (206, b"234"), way


@check("rules-mount-csv", rule="mount", reference="CONTRACT mount", own=True)
def test_rules_mount_csv(subject: Subject) -> None:
    for way in _WAYS:
        answer = subject.client.get("/csv/numbers?rows=1", headers=way)
        assert answer.body == b"id,name,value\r\n0,item_0,0.0\r\n", way


@check("rules-mount-csv-totals", rule="mount", reference="CONTRACT mount", own=True)
def test_rules_mount_csv_totals(subject: Subject) -> None:
    for way in _WAYS:
        answer = subject.client.request(
            "POST",
            "/csv/totals?column=n",
            headers=[*way, ("Content-Type", "text/csv")],
            body=b"n\r\n1\r\n2\r\n",
        )
        assert answer.body == b"n,running_total\r\n1,1\r\n2,3\r\n", way


@check("rules-mount-jsonl", rule="mount", reference="CONTRACT mount", own=True)
def test_rules_mount_jsonl(subject: Subject) -> None:
    for way in _WAYS:
        answer = subject.client.get("/jsonl/people_names?limit=1", headers=way)
        assert answer.body == b'{"id":1,"name":"Ada"}\n', way


@check("rules-mount-events", rule="mount", reference="CONTRACT mount", own=True)
def test_rules_mount_events(subject: Subject) -> None:
    for way in _WAYS:
        target = f"/events/{choose_name('')}"
        published = subject.client.request(
            "POST", target, headers=[*way, _JSON], body=b'{"data":"mounted"}'
        )
        assert published.status == 202, way
        # Published in one way, read in all: there is one application.
        for other in _WAYS:
            answer = subject.client.request("GET", f"{target}?last_event_id=0", headers=other)
            answer.read_until(b"data: mounted\n")


@check("rules-mount-clock", rule="mount", reference="CONTRACT mount", own=True)
def test_rules_mount_clock(subject: Subject) -> None:
    for way in _WAYS:
        answer = subject.client.get("/events/clock?interval=0.001&count=1", headers=way)
        assert (answer.status, b"id: 1\n" in answer.body) == (200, True), way


@check("rules-mount-upload", rule="mount", reference="CONTRACT mount", own=True)
def test_rules_mount_upload(subject: Subject) -> None:
    for way in _WAYS:
        name = choose_name()
        answer = subject.client.request("PUT", f"/uploads/{name}", headers=way, body=HELLO)
        assert answer.status == 201, way
        assert json.loads(answer.body)["name"] == name, way
        assert subject.client.get(f"/files/{name}", headers=way).body == HELLO, way


@check(
    "rules-mount-location",
    rule="mount",
    reference="CONTRACT mount: links begin with root_path",
    own=True,
)
def test_rules_mount_location(subject: Subject) -> None:
    for way in _WAYS:
        name = choose_name()
        for status in (201, 200):
            answer = subject.client.request("PUT", f"/uploads/{name}", headers=way, body=HELLO)
            assert answer.status == status, way
            assert answer.header("location") == f"{_root(way)}/files/{name}", way


@check(
    "rules-mount-form",
    rule="mount",
    reference="CONTRACT mount: links begin with root_path",
    own=True,
)
def test_rules_mount_form(subject: Subject) -> None:
    for way in _WAYS:
        name = choose_name()
        form = file_part(name, HELLO) + END
        answer = subject.client.request("POST", "/uploads", headers=[*way, FORM_TYPE], body=form)
        assert answer.status == 201, way
        assert json.loads(answer.body)[0]["location"] == f"{_root(way)}/files/{name}", way


@check("rules-mount-encoded", rule="mount", reference="RFC 3986 §2.1", own=True)
def test_rules_mount_encoded(subject: Subject) -> None:
    for form in FORMS:
        name, way = choose_name(), (HEADER, f"{form} /two%20w%C3%B6rds")
        answer = subject.client.request("PUT", f"/uploads/{name}", headers=[way], body=HELLO)
        assert answer.status == 201, form
        assert answer.header("location") == f"/two%20w%C3%B6rds/files/{name}", form


@check(
    "rules-mount-like-a-family", rule="mount", reference="CONTRACT mount: any root_path", own=True
)
def test_rules_mount_like_a_family(subject: Subject) -> None:
    # Only where root_path is in path: beside it, nobody could tell /csv from /csv/csv.
    way = (HEADER, "in-path /csv")
    answer = subject.client.get("/csv/numbers?rows=0", headers=[way])
    assert answer.body == b"id,name,value\r\n"
    answer = subject.client.get("/jsonl/numbers?rows=1&columns=id", headers=[way])
    assert answer.body == b'{"id":0}\n'


@check("rules-mount-at-the-root", rule="mount", reference="CONTRACT mount: any root_path", own=True)
def test_rules_mount_at_the_root(subject: Subject) -> None:
    name, way = choose_name(), (HEADER, "in-path ")
    answer = subject.client.request("PUT", f"/uploads/{name}", headers=[way], body=HELLO)
    assert (answer.status, answer.header("location")) == (201, f"/files/{name}")


def _refused(subject: Subject, method: str, target: str, way: list[tuple[str, str]]) -> Exchange:
    return subject.client.request(method, target, headers=way, body=b"")


@check("rules-mount-problems", rule="mount", reference="CONTRACT mount, problem", own=True)
def test_rules_mount_problems(subject: Subject) -> None:
    for way in _WAYS:
        for method, target, status in (
            ("GET", "/", 404),
            ("GET", "/nothing", 404),
            ("GET", "/filesx/a", 404),
            ("GET", "/csv/no_such_table", 404),
            ("POST", "/jsonl/numbers", 405),
            ("GET", f"/uploads/{choose_name()}", 405),
        ):
            answer = _refused(subject, method, target, way)
            assert answer.status == status, f"{method} {target} {way}"
            assert answer.header("content-type") == "application/problem+json", target
