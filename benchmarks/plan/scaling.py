"""The scenarios of scaling: the same work over more connections, and by two workers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, partial

from benchmarks import subjects as known
from benchmarks.loads.fan_out import FanOut
from benchmarks.loads.load import Load
from benchmarks.loads.requests import Request, Requests
from benchmarks.loads.uploads import Uploads
from benchmarks.material import Material
from benchmarks.plan.sizes import Sizes
from benchmarks.scenario import Entry, Figure, Goal, Scenario

_REQUESTS = 64


def plan_scaling(material: Material, sizes: Sizes) -> Iterator[Scenario]:
    """Each family at one connection and at more, and by one worker and two.

    A channel lives in one process: of events there is nothing to see with two workers.
    """
    throughput = Figure("throughput", "content moved", "MB/s")
    for family, make in _make_loads(material, sizes).items():
        subjects = [*known.PLAIN[:3], *[known.TWO_WORKERS] * (family != "events")]
        figure = throughput if family != "events" else Figure("rate", "deliveries", "1/s")
        yield Scenario(
            f"scaling-{family}",
            f"{family}: the same work over 1 to {sizes.connections[-1]} connections",
            (family,),
            tuple(
                Entry(subject, make(count), label(subject.name, count))
                for subject in subjects
                for count in sizes.connections
            ),
            (figure,),
            (
                Goal(
                    figure.key,
                    0.8,
                    tuple(label(known.RAW, count) for count in sizes.connections),
                    of=label(known.RAW, sizes.connections[-1]),
                ),
            ),
            rounds=sizes.few_rounds,
        )


def label(subject: str, connections: int) -> str:
    """The label of a subject at so many connections."""
    return f"{subject}: {connections}"


def _make_loads(material: Material, sizes: Sizes) -> dict[str, Callable[[int], Load]]:
    def download(path: str, read: Callable[[], bytes]) -> Callable[[int], Load]:
        mix = cache(lambda: [Request(path, read())])
        return lambda count: Requests(mix, _REQUESTS, count, check_total=1)

    table = sizes.shared
    return {
        "files": download("/files/part.bin", (material.files / "part.bin").read_bytes),
        "csv": download(f"/csv/{table}", partial(material.read_csv, table)),
        "jsonl": download(f"/jsonl/{table}", partial(material.read_jsonl, table)),
        # As many deliveries at each number of subscribers.
        "events": lambda count: FanOut(count, 10 * sizes.events // (1 + count // 16), count),
        "uploads": lambda count: Uploads(_REQUESTS, count),
    }
