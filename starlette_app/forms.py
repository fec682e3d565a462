"""`multipart/form-data` (RFC 7578), by Starlette's parser."""

from __future__ import annotations

from contextlib import aclosing

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from raw_asgi.backends.upload_store import TooLarge

MAX_PARTS = 100


class WholeFormParser(MultiPartParser):
    """Takes whole forms only, and no file of more than `max_file_bytes`.

    Starlette's takes a form that breaks off for one that ends there, writes files of any size to
    the disk before anybody can refuse them, and keeps the other parts, which nobody reads here.
    """

    max_file_bytes = 0
    file_bytes = 0
    ended = False

    def on_part_begin(self) -> None:
        super().on_part_begin()
        self.file_bytes = 0

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        if self._current_part.file is None:
            return
        self.file_bytes += end - start
        if self.file_bytes > self.max_file_bytes:
            raise TooLarge
        super().on_part_data(data, start, end)

    def on_end(self) -> None:
        self.ended = True


async def parse_form(request: Request, max_file_bytes: int) -> FormData:
    """What `Request.form` does, with our parser. Raises HTTPException 400, TooLarge."""
    async with aclosing(request.stream()) as body:
        parser = WholeFormParser(request.headers, body, max_files=MAX_PARTS, max_fields=MAX_PARTS)
        parser.max_file_bytes = max_file_bytes
        try:
            form = await parser.parse()
        except MultiPartException as error:
            raise HTTPException(400, error.message) from None
    # The parser counts files and other parts each by themselves.
    if not parser.ended or len(form.multi_items()) > MAX_PARTS:
        await form.close()
        raise HTTPException(400, f"the form breaks off, or has more than {MAX_PARTS} parts")
    return form
