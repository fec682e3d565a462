"""What the applications are measured with.

`python -m benchmarks.compare` sets the three side by side; `python -m benchmarks` measures them
against idioms, peers and limits.
"""
