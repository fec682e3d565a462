"""What goes in and out, for the OpenAPI page; streams it can only describe by hand."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Publication(BaseModel):
    """An event to publish."""

    model_config = ConfigDict(extra="forbid")

    data: str = Field(description="Text of any lines.")
    event: str = Field("", pattern=r"^[^\r\n\x00]*$", description="The event's type, one line.")


class Published(BaseModel):
    """The id that an event was given."""

    id: int


class Stored(BaseModel):
    """What was stored."""

    name: str
    size: int = Field(description="In bytes.")
    sha256: str = Field(description="In lower-case hexadecimal.")


class StoredAt(Stored):
    """What was stored, and where it can be had."""

    location: str


_BINARY: dict[str, Any] = {"type": "string", "format": "binary"}
_ROW: dict[str, Any] = {"type": "object"}
_LINES: dict[str, Any] = {
    "itemSchema": {"anyOf": [_ROW, {"type": "array", "items": _ROW}]},
    "example": '{"id":0,"name":"item_0","value":0.0}\n',
}
_EVENT: dict[str, Any] = {
    "type": "object",
    "properties": {name: {"type": "string"} for name in ("id", "event", "data")},
}

BYTES: dict[str, Any] = {"*/*": {"schema": _BINARY}}
CSV: dict[str, Any] = {
    "text/csv": {"schema": {"type": "string"}, "example": "id,name,value\r\n0,item_0,0.0\r\n"}
}
ROWS: dict[str, Any] = {
    "application/jsonl": _LINES,
    "application/x-ndjson": _LINES,
    "application/json": {"schema": {"type": "array", "items": _ROW}},
}
EVENTS: dict[str, Any] = {
    "text/event-stream": {
        "itemSchema": _EVENT,
        "example": "retry: 3000\n\ndata: hello\nid: 1\n\n",
    }
}
FORM: dict[str, Any] = {
    "multipart/form-data": {
        "schema": {
            "type": "object",
            "properties": {"file": {"type": "array", "items": _BINARY}},
        }
    }
}
PUBLICATION: dict[str, Any] = {"application/json": {"schema": Publication.model_json_schema()}}


def document_body(content: dict[str, Any]) -> dict[str, Any]:
    """The `openapi_extra` of a path operation that reads its body by itself."""
    return {"requestBody": {"required": True, "content": content}}
