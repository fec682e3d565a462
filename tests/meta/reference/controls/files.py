"""Controls of the checks on Path Send and Zero Copy Send."""

from __future__ import annotations

from reference.control import Control
from reference.mistakes import files, turns

_PATHS = "pathsend-sends-file"
_FILES = "zerocopysend-sends-file"

CONTROLS = (
    Control("pathsend-sends-file", files.refusing_paths, _FILES),
    Control("pathsend-without-length", files.refusing_paths_without_length, _PATHS),
    Control("pathsend-empty-file", files.refusing_empty_files, _PATHS),
    Control("pathsend-large-file", files.SendsOnePiece, _PATHS),
    Control("pathsend-literal-path", files.UnquotesPaths, _PATHS),
    Control("pathsend-head", turns.SendsContentToHead, _PATHS),
    Control("pathsend-ends-response", files.AwaitsMoreThanFile, _FILES, waits=True),
    Control("pathsend-late-nothing-sent", turns.WritesOn, "pathsend-path-bytes"),
    Control("pathsend-after-body", files.passing_over_late_files, _PATHS),
    Control("pathsend-first", files.passing_over_early_files, _PATHS),
    Control("pathsend-without-path", files.passing_over_no_path, _PATHS),
    Control("pathsend-path-bytes", files.TakesPathsOfBytes, _PATHS),
    Control("pathsend-no-file", files.TakesMissingForEmpty, _PATHS),
    Control("pathsend-not-offered", files.TakesUnoffered, mended=files.OffersNothing),
    Control("zerocopysend-sends-file", files.refusing_files, _PATHS),
    Control("zerocopysend-empty-file", files.RefusesEmptyFiles, _FILES),
    Control("zerocopysend-large-file", files.ReadsOnePiece, _FILES),
    Control("zerocopysend-mixed", files.refusing_files_among_bodies, _FILES),
    Control("zerocopysend-several", files.refusing_second_files, _FILES),
    Control("zerocopysend-offset", files.ReadsFromPosition, _FILES),
    Control("zerocopysend-offset-zero", files.OverlooksZero, "zerocopysend-offset"),
    Control("zerocopysend-position", files.ReadsFromBeginning, "zerocopysend-offset"),
    Control("zerocopysend-count", files.ReadsToEnd, "zerocopysend-offset"),
    Control("zerocopysend-offset-and-count", files.CountsFromBeginning, "zerocopysend-count"),
    Control("zerocopysend-count-beyond", files.RefusesShortFiles, "zerocopysend-count"),
    Control("zerocopysend-more-body", files.EndsWithFile, _FILES),
    Control("zerocopysend-ends-response", files.AwaitsMoreByDefault, _PATHS, waits=True),
    Control("zerocopysend-head", turns.SendsContentToHead, _FILES),
    Control("zerocopysend-beyond-length", files.IgnoresLength, _FILES),
    Control("zerocopysend-first", files.passing_over_early_files, _FILES),
    Control("zerocopysend-without-file", files.passing_over_no_file, _FILES),
    Control("zerocopysend-no-file", files.passing_over_no_file, _FILES),
    Control("zerocopysend-not-offered", files.TakesUnoffered, mended=files.OffersNothing),
)
