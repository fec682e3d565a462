"""Controls of the rules for every endpoint."""

from __future__ import annotations

from broken import files, rules, streams
from broken.control import Control

CONTROLS = (
    Control("rules-reuse-after-head", rules.head_runs_the_producer, waits=True),
    Control("rules-beside-endless-csv", streams.blocks_the_loop, waits=True),
    Control("rules-beside-waiting", streams.serves_one_at_a_time, waits=True),
    Control("rules-beside-unread", streams.serves_one_at_a_time, waits=True),
    Control("rules-mount-files", rules.does_not_know_its_root_path, "rules-problem-unknown-path"),
    Control("rules-mount-csv", rules.does_not_know_its_root_path, "rules-problem-unknown-path"),
    Control("rules-mount-location", rules.links_from_the_root),
    Control("rules-mount-form", rules.links_from_the_root),
    Control("rules-problem-csv", rules.fails_without_a_problem),
    Control("rules-problem-jsonl", rules.tells_a_traceback),
    Control("rules-problem-head", rules.head_is_not_checked),
    Control("rules-405-files", rules.method_without_allow),
    Control("rules-405-csv", rules.method_without_allow),
    Control("rules-405-csv-totals", rules.unknown_method_is_404),
    Control("rules-405-jsonl", rules.method_without_allow),
    Control("rules-405-events", rules.method_without_allow),
    Control("rules-405-clock", rules.unknown_method_is_404),
    Control("rules-405-upload", rules.method_without_allow),
    Control("rules-405-uploads", rules.method_without_allow),
    Control("rules-404-unknown", files.fails_on_what_is_no_file),
    Control("rules-404-family-alone", files.fails_on_what_is_no_file),
    Control("rules-404-deeper", files.fails_on_what_is_no_file),
    Control("rules-404-methods", files.fails_on_what_is_no_file),
    Control("rules-head-every-endpoint", rules.refuses_head),
    Control("rules-head-endless", rules.head_runs_the_producer, waits=True),
    Control("rules-head-ends", rules.head_runs_the_producer, waits=True),
    Control("rules-unknown-parameter", rules.refuses_unknown_parameters),
    Control("rules-problem-files", rules.fails_without_a_problem),
    Control("rules-problem-range", rules.problem_in_plain_text),
    Control("rules-problem-csv-totals", rules.fails_without_a_problem),
    Control("rules-problem-events", rules.fails_without_a_problem),
    Control("rules-problem-uploads", rules.fails_without_a_problem),
    Control("rules-problem-forms", rules.fails_without_a_problem),
    Control("rules-problem-unknown-path", rules.fails_without_a_problem),
    Control("rules-problem-content-length", files.without_length),
)
