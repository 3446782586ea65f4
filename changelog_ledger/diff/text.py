"""Content as text, and short descriptions of long values."""

from __future__ import annotations

import codecs
import hashlib
import json
import re
from collections.abc import Sequence
from typing import Any

from changelog_ledger.model.document import Node

SHORT = 2_000
"""Characters of a whole file up to which a delta carries it."""
LONGEST = 20_000
"""Characters of one value up to which a delta carries it."""
_MOST_LINES = 20
_NOT_LATIN1_TEXT = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f-\x9f]")


def decoded(content: bytes) -> tuple[str, str] | None:
    """Text and the name of its encoding; None for binary content (NUL bytes, control characters that are no text)."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _tried(content, "utf-16", "UTF-16")
    if b"\0" in content:
        return None
    if content.startswith(codecs.BOM_UTF8):
        return _tried(content, "utf-8-sig", "UTF-8 with byte order mark")
    text = _tried(content, "utf-8", "UTF-8")
    return _tried(content, "latin-1", "Latin-1") if text is None and not _NOT_LATIN1_TEXT.search(content) else text


def _tried(content: bytes, encoding: str, name: str) -> tuple[str, str] | None:
    try:
        return content.decode(encoding), name
    except UnicodeDecodeError:
        return None


def lines_of(text: str) -> list[str]:
    """The lines without their ends; only a line feed ends one, a carriage return before it belongs to the end."""
    lines = text.split("\n")
    return [line.removesuffix("\r") for line in (lines[:-1] if lines[-1] == "" else lines)]


def described(content: bytes) -> dict[str, Any]:
    """What is said of content that is too long to be shown."""
    return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def shown(value: Node | None) -> Any:
    """A value as a delta carries it: itself, or beyond :data:`LONGEST` characters its beginning and its size."""
    if value is None:
        return None
    if isinstance(value, str):
        return value if len(value) <= LONGEST else f"{value[:SHORT]}… ({len(value):,} characters in all)"
    text = json.dumps(value, ensure_ascii=False)
    return value if len(text) <= LONGEST else described(text.encode("utf-8", "surrogatepass"))


def excerpt(lines: Sequence[str]) -> str | None:
    """The first lines of some that differ, and how many more there are; None for none."""
    more = f"\n… ({len(lines) - _MOST_LINES} lines more)" if len(lines) > _MOST_LINES else ""
    text: str | None = shown("\n".join(lines[:_MOST_LINES]) + more) if lines else None
    return text
