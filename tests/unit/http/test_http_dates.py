"""HTTP-date: RFC 9110 §5.6.7."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raw_asgi.http.dates import format_http_date, parse_http_date

# Thu, 20 Nov 2025 12:00:00 GMT
_NOW = 1763640000


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        # the three forms of §5.6.7
        ("Sun, 06 Nov 1994 08:49:37 GMT", 784111777),
        ("Sunday, 06-Nov-94 08:49:37 GMT", 784111777),
        ("Sun Nov  6 08:49:37 1994", 784111777),
        ("Wed Nov 16 08:49:37 1994", 784975777),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ("Wed, 31 Dec 1969 23:59:59 GMT", -1),
        ("Thu, 29 Feb 2024 00:00:00 GMT", 1709164800),
        # a leap second counts as the second after it
        ("Sat, 31 Dec 2016 23:59:60 GMT", 1483228800),
        # the name of another day is read over
        ("Mon, 06 Nov 1994 08:49:37 GMT", 784111777),
    ],
)
def test_http_date(value: str, expected: int) -> None:
    assert parse_http_date(value, now=_NOW) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Thursday, 20-Nov-25 12:00:00 GMT", 1763640000),
        ("Friday, 20-Nov-26 12:00:00 GMT", 1795176000),
        # fifty years ahead to the second is the future, one second more the past
        ("Friday, 20-Nov-75 12:00:00 GMT", 3341476800),
        ("Thursday, 20-Nov-75 12:00:01 GMT", 185716801),
        ("Saturday, 20-Nov-76 12:00:00 GMT", 217339200),
        # 2000 has this day, 1900 had not
        ("Tuesday, 29-Feb-00 00:00:00 GMT", 951782400),
    ],
)
def test_two_digit_year(value: str, expected: int) -> None:
    assert parse_http_date(value, now=_NOW) == expected


def test_two_digit_year_across_the_century() -> None:
    # seen from 2090, 05 is 2105 and 50 is 2050
    assert parse_http_date("Thursday, 01-Jan-05 00:00:00 GMT", now=3786912000) == 4260211200
    assert parse_http_date("Saturday, 01-Jan-50 00:00:00 GMT", now=3786912000) == 2524608000


@pytest.mark.parametrize(
    "value",
    [
        "",
        "0",
        "784111777",
        "1994-11-06T08:49:37Z",
        "Sun, 6 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 94 08:49:37 GMT",
        "Sun, 06 Nov 1994 8:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 06 Nov 1994 08:49:37 +0000",
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49 GMT",
        "sun, 06 nov 1994 08:49:37 gmt",
        "Sun, 06 NOV 1994 08:49:37 GMT",
        "06 Nov 1994 08:49:37 GMT",
        "Sun, 31 Feb 1994 08:49:37 GMT",
        "Wed, 29 Feb 2023 00:00:00 GMT",
        "Sun, 00 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 0000 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:00:00 GMT",
        "Sun, 06 Nov 1994 08:60:37 GMT",
        "Sun, 06 Nov 1994 08:49:61 GMT",
        "Sun,  06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 GMT ",
        "Sun, 06 Nov 1994 08:49:37 GMT\n",
        "Sun, \u0660\u0666 Nov 1994 08:49:37 GMT",
        "Sun, 06-Nov-94 08:49:37 GMT",
        "Sunday, 06-Nov-1994 08:49:37 GMT",
        "Sun Nov 6 08:49:37 1994",
        "Sun Nov 06 08:49:37 1994 GMT",
    ],
)
def test_no_http_date(value: str) -> None:
    assert parse_http_date(value, now=_NOW) is None


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (784111777, "Sun, 06 Nov 1994 08:49:37 GMT"),
        (784111777.9999999, "Sun, 06 Nov 1994 08:49:37 GMT"),
        (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
        (-0.5, "Wed, 31 Dec 1969 23:59:59 GMT"),
    ],
)
def test_imf_fixdate(seconds: float, expected: str) -> None:
    assert format_http_date(seconds) == expected


@given(st.integers(-62135596800, 253402300799))
def test_what_is_written_is_read_back(seconds: int) -> None:
    assert parse_http_date(format_http_date(seconds)) == seconds
