"""Bytes to a document: decode, choose the format, read, and fall back to lines with the reason."""

from __future__ import annotations

from changelog_ledger.formats.decoding import decode
from changelog_ledger.formats.detection import detect_text
from changelog_ledger.formats.grammar import Format, Parsed, Unparsable
from changelog_ledger.formats.registry import LINES, format_named
from changelog_ledger.model.document import Document

MAXIMUM_BYTES = 5_000_000
"""Beyond it nothing but lines is tried."""


def parse(path: str, data: bytes, as_format: str | None = None) -> Document | None:
    """Read a configuration file.

    :param path: where it lies on its host; the format is told from it first, then from the content.
    :param as_format: one of :func:`known_formats`, instead of what the path says.
    :returns: a document; ``format`` is ``lines`` with a ``reason`` when a richer format was given up. None only for binary content.
    :raises InvalidInput: if there is no format ``as_format``; never for anything in ``data``.
    """
    wanted = None if as_format is None else format_named(as_format)
    text = decode(data)
    if text is None:
        return None
    if len(data) > MAXIMUM_BYTES:
        return _by_lines(text, f"larger than {MAXIMUM_BYTES:,} bytes")
    return _read(wanted or format_named(detect_text(path, text)), text)


def _read(wanted: Format, text: str) -> Document:
    try:
        parsed = wanted.read(text.replace("\r\n", "\n"))
    except Unparsable as refusal:
        return _by_lines(text, str(refusal))
    return _document(wanted, parsed)


def _by_lines(text: str, why: str) -> Document:
    plain = format_named(LINES)
    return _document(plain, plain.read(text), f"read by lines: {why}")


def _document(used: Format, parsed: Parsed, reason: str = "") -> Document:
    return Document(used.name, parsed.root, parsed.lines, used.policies, reason, used.key_style)
