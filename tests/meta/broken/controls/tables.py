"""Controls of tables."""

from __future__ import annotations

from broken import rules, streams, tables
from broken.control import Control

CONTROLS = (
    Control("tables-columns-order", tables.columns_in_their_own_order),
    Control("tables-columns-one", tables.ignores_columns),
    Control("tables-columns-database", tables.ignores_columns),
    Control("tables-columns-decoded", tables.columns_are_not_decoded),
    Control("tables-columns-empty", tables.drops_empty_columns),
    Control("tables-columns-unknown", tables.drops_unknown_columns),
    Control("tables-columns-twice", tables.merges_columns),
    Control("tables-limit", tables.limit_off_by_one, "tables-columns-one"),
    Control("tables-limit-beyond", tables.refuses_large_limits),
    Control("tables-limit-zero", tables.limit_of_0_is_none, "tables-limit", waits=True),
    Control(
        "tables-limit-waits-for-nothing", tables.ignores_limit, "tables-columns-one", waits=True
    ),
    Control("tables-limit-plain-digits", tables.reads_numbers_as_python),
    Control("tables-rows-plain-digits", tables.reads_numbers_as_python),
    Control("tables-delay-decimal", tables.reads_numbers_as_python),
    Control("tables-leading-zeros", tables.digits_of_one_kind),
    Control("tables-largest-number", tables.fails_on_large_numbers),
    Control("tables-enormous-number", tables.fails_on_large_numbers),
    Control("tables-enormous-delay", tables.fails_on_large_numbers),
    Control("tables-many-parameters", tables.reads_a_hundred_fields),
    Control("tables-unknown-parameter", rules.refuses_unknown_parameters),
    Control("tables-problem-tells-nothing", tables.tells_the_statement),
    Control("tables-view", tables.without_views, "tables-columns-one"),
    Control("tables-odd-name", tables.plain_names_only),
    Control("tables-unknown", tables.trims_names),
    Control("tables-sqlites-own", tables.lists_the_schema),
    Control("tables-injected-name", tables.pastes_names_into_the_statement),
    Control("tables-unusual-characters", tables.trims_names),
    Control("tables-path-exact", tables.trims_names),
    Control("tables-faults-off", tables.with_faults_always),
    Control("tables-no-database", tables.with_a_database_always),
    Control("tables-earlier-names", tables.faults_hide_tables),
    Control("tables-database-breaks", streams.starts_before_the_first_item, "csv-numbers"),
    Control("tables-others-are-answered", streams.blocks_the_loop, waits=True),
    Control("tables-many-readers", tables.keeps_a_thread_for_each_reader, waits=True),
    Control("tables-readers-apart", tables.gives_every_reader_the_same_rows),
    Control("tables-row-before-stuck-query", streams.sends_at_the_end, waits=True),
    Control("tables-client-leaves-stuck-query", streams.is_deaf_to_leaving, waits=True),
    Control("tables-head-starts-no-query", rules.head_runs_the_producer, waits=True),
    Control("tables-client-resets", streams.is_deaf_to_leaving, waits=True),
    Control("tables-client-leaves-held", streams.is_deaf_to_leaving, waits=True),
    Control("tables-database-slow-reader", streams.never_waits_for_send),
    Control("tables-closed-after-answer", tables.leaks_the_database, waits=True),
    Control("tables-closed-after-failure", tables.leaks_the_database, waits=True),
    Control("tables-closed-never-started", tables.leaks_the_database, waits=True),
    Control("tables-after-a-failure", tables.fails_for_good),
    Control("tables-connection-goes-on", tables.closes_after_a_problem),
)
