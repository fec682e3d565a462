"""Controls of the checks on malformed requests of HTTP/1.1."""

from __future__ import annotations

from reference.control import Control
from reference.mistakes import examples, framings, lines
from reference.switch import Mistake

# The mistake, the check that it must not fail, and those that must notice it. All are of names
# that begin with `malformed-`, but for those that are not of something malformed.
_LINES: tuple[tuple[Mistake, str, tuple[str, ...]], ...] = (
    (lines.TakesOneWord, "method", ("request-line",)),
    (lines.TakesAnyMethod, "request-line", ("method",)),
    (lines.AssumesTarget, "target-space", ("target-missing",)),
    (lines.TakesFirstTarget, "target-form", ("target-space",)),
    (lines.AddsSlash, "target-space", ("target-form",)),
    (lines.DropsControls, "nul", ("target-control", "control")),
    (lines.RefusesLetters, "target-control", ("target-above-ascii",)),
    (lines.AssumesMinor, "version-letters", ("version",)),
    (lines.TakesSmallLetters, "version-major", ("version-letters",)),
    (lines.TakesAnyMajor, "version", ("version-major",)),
    (lines.AddsColon, "field-name", ("field-without-colon",)),
    (lines.DropsSpaces, "field-without-colon", ("field-name",)),
    (lines.AssumesName, "field-name", ("field-name-empty",)),
    (lines.RefusesEmptyLine, "request-line", ("empty-line-first",)),
    (lines.TakesLineFeeds, "nul", ("line-end",)),
    (lines.DropsBareCr, "nul", ("bare-cr-in-request-line", "bare-cr")),
    (lines.TakesBareCr, "bare-cr", ("bare-cr-looks-like-field",)),
    (lines.DropsNul, "bare-cr", ("nul",)),
    (lines.TakesTabBeforeColon, "space-before-colon", ("tab-before-colon",)),
    (examples.AcceptsSpaceBeforeColon, "tab-before-colon", ("space-before-colon",)),
    (lines.JoinsFolds, "folded-line-tab", ("folded-line",)),
    (lines.JoinsTabbedFolds, "folded-line", ("folded-line-tab",)),
    (lines.StripsLines, "folded-line-tab", ("folded-line-looks-like-field", "folded-first-line")),
    (lines.AssumesHost, "host-twice", ("host-missing",)),
    (lines.TakesFirstHost, "host-missing", ("host-twice", "host-twice-the-same")),
    (lines.TakesAnyHost, "host-twice", ("host-value",)),
    (lines.WantsHost, "host-missing", ("host-http-1-0",)),
    (
        lines.RefusesSilently,
        "request-line",
        ("answer", "host-answer", "space-before-colon-answer", "length-answer", "encoding-answer"),
    ),
    (lines.RefusesSilently, "request-line", ("head-large",)),
    (lines.RefusesAllAlike, "encoding-answer", ("encoding-unknown",)),
)
_FRAMINGS: tuple[tuple[Mistake, str, tuple[str, ...]], ...] = (
    (
        framings.TakesFirstLength,
        "length-text",
        ("length-differing", "length-list", "length-next"),
    ),
    (framings.TakesWordsForNumbers, "length-list", ("length-text",)),
    (framings.TakesNoLength, "length-text", ("length-empty",)),
    (framings.TakesSize, "length-text", ("length-negative", "chunk-size-negative")),
    (framings.ReadsLikePython, "length-text", ("length-plus", "length-underscore")),
    (framings.TakesPrefix, "length-plus", ("length-hexadecimal", "chunk-size-prefix")),
    (framings.TakesFractions, "length-plus", ("length-fraction",)),
    (framings.TakesFirstNumber, "length-plus", ("length-two-words", "chunk-size-two-words")),
    (framings.Overflows, "length-plus", ("length-overflow", "chunk-size-overflow")),
    (framings.MistakesRepeated, "length-differing", ("length-repeated",)),
    (framings.PrefersLength, "encoding-not-final", ("encoding-and-length",)),
    (framings.ForgetsLength, "encoding-not-final", ("encoding-and-length-next",)),
    (framings.TakesOldForNew, "encoding-not-final", ("encoding-http-1-0",)),
    (
        framings.FindsChunked,
        "encoding-not-chunked",
        (
            *("encoding-not-final", "encoding-not-final-line", "encoding-parameter"),
            *("encoding-twice", "encoding-obscured", "encoding-next", "encoding-gzip"),
        ),
    ),
    (
        framings.AssumesChunked,
        "encoding-not-final",
        ("encoding-not-chunked", "encoding-identity"),
    ),
    (framings.TakesNoCoding, "encoding-not-final", ("encoding-empty",)),
    (
        framings.ReadsLikePython,
        "chunk-size",
        ("chunk-size-plus", "chunk-size-underscore", "chunk-size-space-first"),
    ),
    (framings.TakesAnySize, "chunk-size-plus", ("chunk-size",)),
    (framings.AssumesSize, "chunk-size-plus", ("chunk-size-empty",)),
    (framings.EndsChunksBySize, "chunk-end-other", ("chunk-end",)),
    (framings.SkipsChunkEnd, "chunk-end", ("chunk-end-other",)),
    (framings.TakesLineFeedAfterSize, "chunk-data-line-end", ("chunk-line-end",)),
    (framings.TakesLineFeedAfterChunk, "chunk-line-end", ("chunk-data-line-end",)),
    (framings.SkipsExtensions, "chunk-line-end", ("chunk-extension",)),
    (framings.SkipsTrailers, "chunk-extension", ("chunk-trailer",)),
)

CONTROLS = (
    *(
        Control(f"malformed-{slug}", mistake, f"malformed-{spared}")
        for mistake, spared, slugs in (*_LINES, *_FRAMINGS)
        for slug in slugs
    ),
    Control("request-chunk-extension", framings.RefusesExtensions, "request-chunk-size-zeros"),
    Control("request-chunk-extension-quoted", framings.RefusesQuotes, "request-chunk-extension"),
    Control("request-chunk-size-letters", framings.WantsDigits, "request-chunk-size-zeros"),
    Control("request-chunk-size-zeros", framings.RefusesZeros, "request-chunk-size-letters"),
    Control("request-encoding-upper-case", framings.WantsSmallLetters, "request-chunk-size-zeros"),
)
