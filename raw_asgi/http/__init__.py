"""What HTTP says, as pure functions on values.

No module here does I/O, knows ASGI, or imports another part of the package.
Field values come in as `str` decoded from ISO 8859-1, the lines of one field
joined with `", "`, and go out as `str` that the caller encodes the same way.
Content is `bytes`.
"""
