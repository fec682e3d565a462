"""The report: tables in the terminal, and a page with plots."""
