"""The scenarios of files: cached, evicted, in ranges."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, partial

from benchmarks import subjects as known
from benchmarks.loads.download import Download
from benchmarks.loads.requests import Request, Requests
from benchmarks.material import MIB, Material
from benchmarks.plan.figures import ANSWERS, BYTES, P99
from benchmarks.plan.sizes import Sizes
from benchmarks.scenario import Goal, Scenario, enter, enter_part

_RANGES = 1000
_RANGE_BYTES = 4096


def plan_files(material: Material, sizes: Sizes) -> Iterator[Scenario]:
    """A large file, whole and in small ranges."""
    size = material.find_file(sizes.file).size // MIB
    idiom, nginx, limit = known.FILE_RESPONSE, known.NGINX, known.FILES_LIMIT

    def download(name: str = sizes.file, evict: str | None = None) -> Download:
        find, check = partial(material.find_file, name), partial(material.find_file, "check.bin")
        return Download(f"/files/{name}", find, "/files/check.bin", check, evict=evict)

    *peers, slow = known.PEERS
    part = f"{material.find_file(sizes.part_file).size // MIB} MiB"
    yield Scenario(
        "file-cached",
        f"a file of {size} MiB that is in the page cache",
        ("files",),
        (
            *enter([*known.PLAIN, idiom, *peers, nginx, limit, known.CLIENT], download()),
            enter_part(slow, download(sizes.part_file), part),
        ),
        (BYTES,),
        (
            Goal("rate", 4, (idiom.name,)),
            Goal("rate", 0.75, (nginx.name,), instead=limit.name),
        ),
    )
    yield Scenario(
        "file-evicted",
        f"a file of {size} MiB that is not in the page cache",
        ("files",),
        enter([*known.PLAIN[:3], idiom, nginx, limit], download(evict=sizes.file)),
        (BYTES,),
        (Goal("rate", 0.9, (nginx.name,), instead=limit.name),),
        rounds=min(3, sizes.rounds),
    )
    yield Scenario(
        "ranges",
        f"{sizes.ranges:,} ranges of 4 KiB of a file of {size} MiB, 32 connections",
        ("files",),
        enter(
            # Litestar and BlackSheep know no ranges, and Quart joins what it reads.
            [*known.PLAIN, idiom, known.AIOHTTP, nginx, known.RANGES_LIMIT, known.CLIENT],
            Requests(cache(partial(read_ranges, material, sizes.file)), sizes.ranges, 32),
        ),
        (ANSWERS, P99),
        (Goal("rate", 2, (idiom.name,)),),
    )


def read_ranges(material: Material, name: str) -> list[Request]:
    """Requests for a thousand ranges all over a file, in no order, each with what must arrive."""
    stride = material.find_file(name).size // _RANGES
    made = []
    with (material.files / name).open("rb") as file:
        for number in range(_RANGES):
            first = number * 7919 % _RANGES * stride + number
            file.seek(first)
            fields = (("Range", f"bytes={first}-{first + _RANGE_BYTES - 1}"),)
            made.append(Request(f"/files/{name}", file.read(_RANGE_BYTES), fields, 206))
    return made
