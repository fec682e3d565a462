"""HTTP-date (RFC 9110 §5.6.7)."""

from __future__ import annotations

import calendar
import math
import re
import time
from datetime import UTC, datetime
from email.utils import format_datetime

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_MONTH = f"(?P<month>{'|'.join(_MONTHS)})"
_DAY_NAME = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_DAY_NAME_L = "(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"

# time-of-day = hour ":" minute ":" second  ; 00:00:00 - 23:59:60 (leap second)
_TIME = "(?P<hour>[01][0-9]|2[0-3]):(?P<minute>[0-5][0-9]):(?P<second>[0-5][0-9]|60)"

# IMF-fixdate = day-name "," SP 2DIGIT SP month SP 4DIGIT SP time-of-day SP "GMT"
_IMF_FIXDATE = re.compile(
    f"{_DAY_NAME}, (?P<day>[0-9]{{2}}) {_MONTH} (?P<year>[0-9]{{4}}) {_TIME} GMT"
)
# rfc850-date = day-name-l "," SP 2DIGIT "-" month "-" 2DIGIT SP time-of-day SP "GMT"
_RFC850_DATE = re.compile(
    f"{_DAY_NAME_L}, (?P<day>[0-9]{{2}})-{_MONTH}-(?P<year>[0-9]{{2}}) {_TIME} GMT"
)
# asctime-date = day-name SP month SP ( 2DIGIT / ( SP DIGIT ) ) SP time-of-day SP 4DIGIT
_ASCTIME_DATE = re.compile(
    f"{_DAY_NAME} {_MONTH} (?P<day>[0-9]{{2}}| [0-9]) {_TIME} (?P<year>[0-9]{{4}})"
)


def parse_http_date(value: str, *, now: float | None = None) -> int | None:
    """Read an HTTP-date in any of the three forms of RFC 9110 §5.6.7.

    Returns POSIX seconds, or None when `value` is not an HTTP-date. `now`
    (POSIX seconds, the clock's unless given) settles the century of a two-digit
    year. The name of the day is not compared with the date: recipients are to be
    robust, and of two readings the date is the precise one.
    """
    if match := _IMF_FIXDATE.fullmatch(value) or _ASCTIME_DATE.fullmatch(value):
        return _timestamp(match, int(match["year"]))
    if match := _RFC850_DATE.fullmatch(value):
        return _timestamp(match, _full_year(match, time.time() if now is None else now))
    return None


def format_http_date(seconds: float) -> str:
    """Write POSIX seconds as an IMF-fixdate (RFC 9110 §5.6.7), rounded down.

    Raises `ValueError` or `OverflowError` outside the years 1 to 9999.
    """
    return format_datetime(datetime.fromtimestamp(math.floor(seconds), UTC), usegmt=True)


def _timestamp(match: re.Match[str], year: int) -> int | None:
    moment = _moment_within_year(match)
    try:
        datetime(year, moment[0], moment[1])
    except ValueError:
        return None
    # Unlike datetime, timegm takes the leap second that the grammar allows.
    return calendar.timegm((year, *moment))


def _moment_within_year(match: re.Match[str]) -> tuple[int, int, int, int, int]:
    month = _MONTHS.index(match["month"]) + 1
    day, hour, minute, second = match.group("day", "hour", "minute", "second")
    return month, int(day), int(hour), int(minute), int(second)


def _full_year(match: re.Match[str], now: float) -> int:
    # §5.6.7: what appears to be more than 50 years ahead is the most recent past year
    # with these digits. The year is in the century that ends 50 years from now.
    current = time.gmtime(now)
    horizon = current.tm_year + 50
    year = horizon - (horizon - int(match["year"])) % 100
    if year == horizon and _moment_within_year(match) > tuple(current[1:6]):
        return year - 100
    return year
