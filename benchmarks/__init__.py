"""The comparison of the applications: `python -m benchmarks.compare`."""
