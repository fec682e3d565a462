"""Streaming HTTP endpoints as raw ASGI applications: the reference, and what people mount.

`create_app` is the whole of CONTRACT.md; `Files`, `CSVRows`, `JSONLRows`, `Events` and
`Uploads` are its families, each an ASGI application that can be mounted alone.
"""

from raw_asgi.app import create_app
from raw_asgi.backends.batches import EncodedRows
from raw_asgi.backends.catalog import Catalog
from raw_asgi.backends.encoding import CSVEncoder, JSONEncoder
from raw_asgi.backends.event_log import Channels
from raw_asgi.backends.tables import IterableTable, Table
from raw_asgi.backends.upload_store import UploadStore
from raw_asgi.compression import GZipMiddleware
from raw_asgi.csv_rows import CSVRows
from raw_asgi.events import Events
from raw_asgi.files import Files
from raw_asgi.jsonl_rows import JSONLRows
from raw_asgi.settings import Settings, SettingsError
from raw_asgi.uploads import Uploads

__all__ = [
    "CSVEncoder",
    "CSVRows",
    "Catalog",
    "Channels",
    "EncodedRows",
    "Events",
    "Files",
    "GZipMiddleware",
    "IterableTable",
    "JSONEncoder",
    "JSONLRows",
    "Settings",
    "SettingsError",
    "Table",
    "UploadStore",
    "Uploads",
    "create_app",
]
