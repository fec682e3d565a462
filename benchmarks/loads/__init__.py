"""Loads: what is asked of a subject, and the figures that are taken of it.

The client is this package: blocking sockets, or one `epoll` for many. While the clock runs it
only receives, into memory that is there already; what arrived is taken apart and compared once
the clock has stopped, after every single measurement.
"""
