"""`python -m benchmarks.profile csv`: what the time of one family goes into, as a flame graph."""

from __future__ import annotations

import argparse
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.client import Mismatch
from benchmarks.demo import DIRECTORY
from benchmarks.documents import describe_machine, list_versions
from benchmarks.hosting import DoesNotStart, host_application
from benchmarks.hotspots import summarize
from benchmarks.loads.download import Download
from benchmarks.loads.fan_out import FanOut
from benchmarks.loads.load import Load, Target
from benchmarks.loads.requests import Request, Requests
from benchmarks.loads.upload import Upload
from benchmarks.material import Content, Material, build_material
from benchmarks.plan.files import read_ranges
from benchmarks.pool import Pool
from benchmarks.subjects import NAMES, Subject

REPORT = Path("report")
FAMILIES = ("files", "ranges", "csv", "jsonl", "small", "events", "uploads", "forms")
_UNUSABLE = 2
_RATE = 400  # samples a second
_END_SECONDS = 30.0

# py-spy's own has the command in it, with the paths of this machine.
_TITLE = re.compile(r'(<text id="title"[^>]*>)[^<]*<')


def main(arguments: Sequence[str]) -> int:
    """Load one family of one application for some seconds, and write what py-spy saw of it.

    The flame graph is `report/profile-*.svg`; the same as a short text goes to
    `report/profiles/`, where it stands beside the results that it explains.

    Returns the exit status: 2 where py-spy is not there or could not look.
    """
    options = _parse(arguments)
    beside = Path(sys.executable).with_name("py-spy")
    executable = str(beside) if beside.exists() else shutil.which("py-spy")
    if executable is None:
        print("profile: py-spy is not installed: pip install py-spy", file=sys.stderr)
        return _UNUSABLE
    coding = "-gzip" if options.gzip else ""
    path = REPORT / f"profile-{options.family}{coding}-{options.application}.svg"
    path.unlink(missing_ok=True)
    REPORT.mkdir(exist_ok=True)
    material = build_material()
    with TemporaryDirectory(dir=DIRECTORY, prefix="profile-") as name:
        pool = Pool(material, Path(name).resolve())
        application = f"benchmarks.applications.{options.application}:app"
        host = host_application(application, "observed", gzip=options.gzip)
        try:
            target = pool.find(Subject(options.application, "application", host))
            load = _choose_load(options.family, material, gzip=options.gzip)
            # The first one makes what it compares with, and warms the subject up.
            load.measure(target)
            watching = [
                *(executable, "record", "--pid", str(target.pid), "--output", str(path)),
                *("--duration", str(options.seconds), "--rate", str(_RATE), "--threads"),
                # Stopped for each look, which C's frames need, threads that only wait would seem
                # to work.
                "--native" if options.native else "--nonblocking",
            ]
            said = _load_while(watching, load, target, options.seconds)
        except (DoesNotStart, Mismatch) as error:
            print(f"profile: {error}", file=sys.stderr)
            return _UNUSABLE
        finally:
            pool.keep(set())
    if not path.exists():
        print(f"profile: py-spy wrote nothing\n{said}", file=sys.stderr)
        return _UNUSABLE
    title = f"{options.application}, {options.family}{coding}: where the time goes"
    svg = _TITLE.sub(rf"\g<1>{title}<", path.read_text("utf-8"), count=1)
    path.write_text(svg, "utf-8")
    command = shlex.join(["python", "-m", "benchmarks.profile", *arguments])
    print(path, _write_text(svg, path, [title, _describe_run(command, options.seconds)]))
    return 0


def _describe_run(command: str, seconds: int) -> str:
    versions = list_versions()
    shown = ", ".join(f"{name} {versions[name]}" for name in ("uvicorn", "py-spy"))
    today = datetime.now(UTC).date()
    machine = describe_machine()
    return (
        f"{command}, {today}; {machine['python']}, {shown}; {machine['cores']} cores;"
        f" {_RATE} looks a second for {seconds} s"
    )


def _write_text(svg: str, beside: Path, heading: Sequence[str]) -> Path:
    path = beside.parent / "profiles" / f"{beside.stem.removeprefix('profile-')}.txt"
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join([*heading, "", summarize(svg, Path.cwd())]), "utf-8")
    return path


def _load_while(watching: Sequence[str], load: Load, target: Target, seconds: float) -> str:
    """Measure again and again while py-spy looks; returns what that said."""
    with subprocess.Popen(  # noqa: S603 - our own words
        watching, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as watcher:
        deadline = time.monotonic() + seconds + _END_SECONDS
        try:
            while watcher.poll() is None and time.monotonic() < deadline:
                load.measure(target)
        finally:
            watcher.terminate()
        said, _ = watcher.communicate()
    return said.decode("utf-8", "replace")


def _choose_load(family: str, material: Material, *, gzip: bool) -> Load:
    table = "readings"
    lines = "".join(f'{{"id":{i},"name":"item_{i}","value":{i * 1.5}}}\n' for i in range(10))
    small = Request("/jsonl/numbers?rows=10", lines.encode())
    file = "text.txt" if gzip else "large.bin"
    match family:
        case "files":
            find = material.find_file
            return _download("/files/", file, find, "check.bin" if not gzip else "quick.txt", gzip)
        case "csv":
            return _download("/csv/", table, material.find_csv, "readings_check", gzip)
        case "jsonl":
            return _download("/jsonl/", table, material.find_jsonl, "readings_check", gzip)
        case "events":
            return FanOut(200, 100)
        case "small":
            return Requests(lambda: [small], 2000, 32)
        case "ranges":
            return Requests(cache(partial(read_ranges, material, "large.bin")), 2000, 32)
    check = material.files / "check.bin"
    return Upload(
        material.files / "large.bin",
        partial(material.find_file, "large.bin"),
        check,
        partial(material.find_file, "check.bin"),
        "form" if family == "forms" else "put",
    )


def _download(
    prefix: str, name: str, find: Callable[[str], Content], check: str, gzip: bool
) -> Download:
    return Download(
        prefix + name, partial(find, name), prefix + check, partial(find, check), gzip=gzip
    )


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.profile", description=__doc__)
    parser.add_argument("family", choices=FAMILIES)
    parser.add_argument("--application", choices=NAMES, default=NAMES[0])
    parser.add_argument("--gzip", action="store_true", help="compressed")
    parser.add_argument("--native", action="store_true", help="with the frames of C, too")
    parser.add_argument("--seconds", type=int, default=8, help="how long it is looked at")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
