"""`multipart/form-data` (RFC 7578), by Starlette's parser."""

from __future__ import annotations

from fastapi import HTTPException, Request
from starlette.datastructures import FormData
from starlette.formparsers import MultiPartException, MultiPartParser

from raw_asgi.backends.upload_store import TooLarge

MAX_PARTS = 100


class _FormParser(MultiPartParser):
    """Starlette's takes a form that breaks off for a whole one, and a file of any size."""

    max_file_bytes = 0
    file_bytes = 0
    ended = False

    def on_part_begin(self) -> None:
        super().on_part_begin()
        self.file_bytes = 0

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        if self._current_part.file is None:
            # Other parts would be kept in memory, and refused from 1 MiB up.
            return
        self.file_bytes += end - start
        if self.file_bytes > self.max_file_bytes:
            raise TooLarge
        super().on_part_data(data, start, end)

    def on_end(self) -> None:
        self.ended = True


async def parse_form(request: Request, max_file_bytes: int) -> FormData:
    """The form, its files in temporary ones. `request.form()` would not take another parser.

    Raises HTTPException 400 for a form that is malformed, TooLarge for a file above
    `max_file_bytes`.
    """
    parser = _FormParser(
        request.headers, request.stream(), max_files=MAX_PARTS, max_fields=MAX_PARTS
    )
    parser.max_file_bytes = max_file_bytes
    try:
        form = await parser.parse()
    except MultiPartException as error:
        raise HTTPException(400, error.message) from error
    # The parser counts files and other parts each by themselves.
    if not parser.ended or len(form.multi_items()) > MAX_PARTS:
        await form.close()
        raise HTTPException(400, f"The form breaks off, or has more than {MAX_PARTS} parts.")
    return form
