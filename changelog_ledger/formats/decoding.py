"""Bytes to text, or the finding that they are no text."""

from __future__ import annotations

import codecs
import re

_NOT_LATIN1_TEXT = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f-\x9f]")
_HIGH = re.compile(rb"[\xa0-\xff]")


def decode(data: bytes) -> str | None:
    """The text of ``data`` without its byte order mark, line ends as they are; None for binary content.

    UTF-8, UTF-16 with a byte order mark, else Latin-1 when the bytes look like prose in it (no control characters, few high bytes):
    an umlaut in an old comment must not hide the rest of the file.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _decoded(data, "utf-16")
    if b"\0" in data:
        return None
    text = _decoded(data, "utf-8-sig")
    return data.decode("latin-1") if text is None and _looks_like_latin1(data) else text


def _decoded(data: bytes, encoding: str) -> str | None:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def _looks_like_latin1(data: bytes) -> bool:
    return not _NOT_LATIN1_TEXT.search(data) and len(_HIGH.findall(data)) * 5 < len(data)
