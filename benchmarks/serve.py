"""`python -m benchmarks.serve`: the raw application with the demo set, to try by hand."""

from __future__ import annotations

import os

import uvicorn

from benchmarks.demo import build_demo

_PORT = 8000

_LINES = f"""\
In another terminal, with u=http://127.0.0.1:{_PORT}:

curl -sr 0-199 $u/files/demo.txt                                # the first 200 bytes
curl --compressed -o /dev/null "$u/files/demo.txt?download=1"    # all of it, as gzip
curl "$u/csv/readings?columns=id,at,celsius&limit=5"            # CSV
curl "$u/jsonl/readings?limit=5"                                # JSON Lines
curl -H "Accept: application/json" "$u/jsonl/readings?limit=5"  # a JSON array
curl -s "$u/csv/numbers?rows=9" | curl -T - -X POST -H "Content-Type: text/csv" \\
    "$u/csv/totals?column=value"                                # running totals
curl -N $u/events/news                                          # subscribe, and then publish:
curl -H "Content-Type: application/json" -d '{{"data": "hello"}}' $u/events/news
curl -N "$u/events/clock?interval=0.5&count=5"                  # a clock
curl -T README.md $u/uploads/readme.md                          # upload
curl -F "file=@LICENSE" $u/uploads                              # upload a form

Ctrl-C ends it.
"""


def main() -> None:
    """Serve on 127.0.0.1:8000 until interrupted."""
    demo = build_demo()
    os.environ |= {
        "MORE_BODY_FILES": str(demo.files),
        "MORE_BODY_DATABASE": str(demo.database),
        "MORE_BODY_GZIP": "1",
    }
    print(_LINES, flush=True)
    uvicorn.run("raw_asgi.main:app", host="127.0.0.1", port=_PORT, timeout_graceful_shutdown=2)


if __name__ == "__main__":
    main()
