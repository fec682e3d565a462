"""Limits: programs without ASGI that do only the work that cannot be left out.

Blocking code on plain sockets. They check nothing and know nothing of HTTP that the client of
the benchmarks does not need: what they take is the least that anything could take.
"""
