"""Text as every database can hold it."""

from __future__ import annotations

import hashlib

LONGEST_INDEXED = 800
"""Bytes of a text that goes into an index: PostgreSQL takes 2,704 for all columns of one together (nbtree)."""


def plain_text(text: str) -> str:
    """``text`` without what a database cannot hold; unchanged if it has none of it."""
    if "\0" in text:
        text = text.replace("\0", "\\x00")
    for handler in ("strict", "surrogateescape"):
        try:
            return text.encode("utf-8", handler).decode("utf-8", "backslashreplace")
        except UnicodeEncodeError:
            continue
    return text.encode("utf-8", "backslashreplace").decode()


def indexed_text(text: str) -> str:
    """``text`` as :func:`plain_text`; what is too long for an index is cut, and a digest of the whole keeps it apart from others."""
    plain = plain_text(text)
    data = plain.encode()
    if len(data) <= LONGEST_INDEXED:
        return plain
    return data[: LONGEST_INDEXED - 40].decode("utf-8", "ignore") + "…" + hashlib.sha256(data).hexdigest()[:32]
