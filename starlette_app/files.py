"""`/files`: CONTRACT.md, *Files*."""

from __future__ import annotations

from contextlib import ExitStack

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.staticfiles import NotModifiedResponse, StaticFiles

from raw_asgi.backends.files import open_file
from raw_asgi.settings import Settings
from starlette_app.parameters import read_switch
from starlette_app.preconditions import if_match_fails, if_unmodified_since_fails
from starlette_app.responses import OpenFileResponse

# FileResponse knows no preconditions. StaticFiles knows those for 304, and is asked for them; the
# files themselves it would find by rules other than the contract's.
_static_files = StaticFiles()


async def get_file(request: Request) -> Response:
    """Send a file, or a range of it."""
    settings: Settings = request.app.state.settings
    kind = "attachment" if read_switch(request, "download") else "inline"
    file = await open_file(settings.files, request.path_params["path"])
    with ExitStack() as stack:
        stack.callback(file.close)
        response = OpenFileResponse(file, kind)
        etag, last_modified = response.headers["etag"], response.headers["last-modified"]
        if if_match_fails(request, etag) or if_unmodified_since_fails(request, last_modified):
            raise HTTPException(412, "the file is not the one that the precondition names")
        if _static_files.is_not_modified(response.headers, request.headers):
            return NotModifiedResponse(response.headers)
        # From here on the response closes the file.
        stack.pop_all()
    return response
