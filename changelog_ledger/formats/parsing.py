"""Bytes to a document: decode, choose the format, read, and fall back to lines with the reason."""

from __future__ import annotations

from changelog_ledger.formats.decoding import decode
from changelog_ledger.formats.detection import detect_text
from changelog_ledger.formats.grammar import Format, Parsed, Unparsable
from changelog_ledger.formats.registry import LINES, format_named
from changelog_ledger.model.document import Document

MAXIMUM_BYTES = 5_000_000
"""Beyond it nothing but lines is tried."""

FAILED = "a bug in the parser of"
"""How the reason begins where a parser raised what it should not have. The tests take it for a failure."""

MAXIMUM_LINES = 100_000
"""The same for lines. Both bound the time of parsers, which grows with the length of a file and with nothing else; there is no clock."""


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
    if text.count("\n") > MAXIMUM_LINES:
        return _by_lines(text, f"more than {MAXIMUM_LINES:,} lines")
    return _read(wanted or format_named(detect_text(path, text)), text)


def _read(wanted: Format, text: str) -> Document:
    try:
        parsed = wanted.read(text.replace("\r\n", "\n"))
    except Unparsable as refusal:
        return _by_lines(text, str(refusal))
    except Exception as bug:  # noqa: BLE001 - what a parser does not foresee must keep nobody from recording; the reason stands in every delta
        return _by_lines(text, f"{FAILED} {wanted.name}: {type(bug).__name__}: {bug}")
    return _document(wanted, parsed)


def _by_lines(text: str, why: str) -> Document:
    plain = format_named(LINES)
    return _document(plain, plain.read(text), f"read by lines: {why}")


def _document(used: Format, parsed: Parsed, reason: str = "") -> Document:
    return Document(used.name, parsed.root, parsed.lines, used.policies, reason, used.key_style, used.words, parsed.aliases)
