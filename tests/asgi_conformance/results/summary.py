"""The summary: what a pull request is told of a run, in Markdown."""

from __future__ import annotations

from collections.abc import Iterable

from asgi_conformance.results.document import Json
from asgi_conformance.results.ranking import list_blame

_LISTED = 50
_MESSAGE = 160


def write_summary(document: Json) -> str:
    """The summary of a document; unexpected results first."""
    unexpected = [result for result in document["results"] if not result["expected"]]
    return "\n".join(
        [
            "## ASGI conformance",
            "",
            f"{len(unexpected) or 'No'} unexpected of {len(document['results'])} results;"
            " the whole in [index.html](index.html).",
            "",
            f"`{document['command']}`",
            "",
            ", ".join(f"{name} {number}" for name, number in document["versions"].items()),
            "",
            *_list_unexpected(unexpected),
            *_tabulate(document),
            *_list_blame(document["results"]),
            *_list_coverage(document),
        ]
    )


def _list_unexpected(unexpected: Iterable[Json]) -> Iterable[str]:
    grouped: dict[tuple[str, str], list[Json]] = {}
    for result in unexpected:
        grouped.setdefault((result["verdict"], result["check"]), []).append(result)
    if not grouped:
        return
    yield "### Unexpected"
    yield ""
    for (verdict, check), results in list(grouped.items())[:_LISTED]:
        cells = ", ".join(f"`{result['cell']}`" for result in results)
        yield f"- **{verdict}** `{check}` in {cells}"
        if said := results[0].get("note") or results[0].get("message", ""):
            yield f"  <br>`{_shorten(said)}`"
    if len(grouped) > _LISTED:
        yield f"- and {len(grouped) - _LISTED} more checks"
    yield ""


def _shorten(text: str) -> str:
    line = text.partition("\n")[0].replace("`", "'")
    return line if len(line) <= _MESSAGE else line[: _MESSAGE - 1] + "…"


def _tabulate(document: Json) -> Iterable[str]:
    given = [verdict for verdict, count in document["counts"].items() if count["total"]]
    yield "### Verdicts"
    yield ""
    yield f"| cell | {' | '.join(given)} |"
    yield f"|---|{'---:|' * len(given)}"
    for cell in document["cells"]:
        counts = " | ".join(_write_count(cell["counts"][verdict]) for verdict in given)
        yield f"| {cell['id']} | {counts} |"
    yield ""
    yield "In bold: unexpected ones among them. The others that fail are known deviations."
    yield ""


def _write_count(count: Json) -> str:
    new = f" (**{count['unexpected']}**)" if count["unexpected"] else ""
    return f"{count['total'] or ''}{new}"


def _list_blame(results: Iterable[Json]) -> Iterable[str]:
    blame = list_blame(results)
    if not blame:
        return
    yield "### Blame"
    yield ""
    yield "| whose | name | unexpected | known |"
    yield "|---|---|---:|---:|"
    for kind, name, known, new in blame:
        yield f"| {kind} | {name} | {new} | {known} |"
    yield ""


def _list_coverage(document: Json) -> Iterable[str]:
    if any(check["layer"] == "server" for check in document["checks"]):
        counts = [f"{count} {state}" for state, count in document["coverage"].items()]
        yield f"Requirements: {', '.join(counts)}."
        yield ""
