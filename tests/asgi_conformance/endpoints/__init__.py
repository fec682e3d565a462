"""The layer of the endpoints: what CONTRACT.md demands of an application."""
