"""Rows that fail on their way to chunks. CONTRACT.md, **first-item**, **no-clean-end**."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import aclosing

import anyio
import pytest
from fakes import PATIENCE
from sources import (
    Making,
    RecordedSource,
    SourceBroke,
    break_at_once,
    collect_to_failure,
    encode,
    wait_for,
)

from raw_asgi.backends.encoding import JSONEncoder
from raw_asgi.backends.tables import Row

pytestmark = pytest.mark.anyio


async def test_failure_comes_after_the_rows_before_it(make_source: Making) -> None:
    def break_after_three() -> Iterator[Row]:
        yield from ((1,), (2,), (3,))
        raise SourceBroke("after three")

    source = make_source(break_after_three)
    chunks, failure = await collect_to_failure(encode(source))
    assert b"".join(chunks) == b"id\r\n1\r\n2\r\n3\r\n"
    assert isinstance(failure, SourceBroke)
    assert source.calls == ["open", "close"]


async def test_failure_before_the_first_row_comes_alone(make_source: Making) -> None:
    source = make_source(break_at_once)
    chunks, failure = await collect_to_failure(encode(source))
    assert chunks == [], "the header row left though there was no first row"
    assert isinstance(failure, SourceBroke)
    assert source.calls == ["open", "close"]


async def test_failure_to_open_closes_the_source() -> None:
    def fail_to_open() -> Iterator[Row]:
        raise SourceBroke("not opened")

    source = RecordedSource(fail_to_open)
    chunks, failure = await collect_to_failure(encode(source))
    assert chunks == []
    assert isinstance(failure, SourceBroke)
    assert source.calls == ["open", "close"]


async def test_failure_delivers_a_group_that_is_not_full(make_source: Making) -> None:
    def break_after_three() -> Iterator[Row]:
        yield from ((1,), (2,), (3,))
        raise SourceBroke("after three")

    encoder = JSONEncoder(("id",), 2)
    chunks, _ = await collect_to_failure(encode(make_source(break_after_three), encoder=encoder))
    assert b"".join(chunks) == b'[{"id":1},{"id":2}]\n[{"id":3}]\n'


async def test_failure_leaves_an_array_open(make_source: Making) -> None:
    def break_after_one() -> Iterator[Row]:
        yield (1,)
        raise SourceBroke("after one")

    encoder = JSONEncoder(("id",), "array")
    chunks, _ = await collect_to_failure(encode(make_source(break_after_one), encoder=encoder))
    assert b"".join(chunks) == b'[{"id":1}'


@pytest.mark.parametrize(
    ("layout", "expected"),
    [
        ("lines", b'{"id":1}\n{"id":2}\n'),
        ("array", b'[{"id":1},{"id":2}'),
        (5, b'[{"id":1},{"id":2}]\n'),
    ],
)
async def test_row_that_cannot_be_encoded_comes_after_those_before_it(
    make_source: Making, layout: str | int, expected: bytes
) -> None:
    source = make_source(lambda: iter(((1,), (2,), (object(),), (4,))))
    encoder = JSONEncoder(("id",), layout)  # type: ignore[arg-type]
    chunks, failure = await collect_to_failure(encode(source, encoder=encoder))
    assert b"".join(chunks) == expected
    assert isinstance(failure, TypeError)
    assert source.calls == ["open", "close"]


async def test_source_ends_when_a_row_cannot_be_encoded(make_source: Making) -> None:
    """It is not read on for a reader that has not come back yet."""

    def break_encoding() -> Iterator[Row]:
        yield (1,)
        while True:
            yield (object(),)

    source = make_source(break_encoding)
    with anyio.fail_after(PATIENCE):
        async with aclosing(encode(source, encoder=JSONEncoder(("id",), "lines"))) as rows:
            assert await anext(rows) == b'{"id":1}\n'
            await wait_for(source.closed)
