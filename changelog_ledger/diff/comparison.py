"""The way of one file: as a whole, its metadata, its content by keys or by lines, and the proof that nothing went unsaid."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from changelog_ledger.diff.comments import comment_deltas
from changelog_ledger.diff.key_deltas import key_deltas, key_differences
from changelog_ledger.diff.line_deltas import line_deltas
from changelog_ledger.diff.metadata import metadata_deltas
from changelog_ledger.diff.opaque import binary_delta, meaningless_delta
from changelog_ledger.diff.text import decoded, lines_of
from changelog_ledger.diff.whole_file import became, came, hidden_difference, link_of, retargeted, type_of, went, without_content
from changelog_ledger.model.document import Document, FileVersion
from changelog_ledger.model.evidence import Delta
from changelog_ledger.model.snapshot import FileType

LINES = "lines"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def differences(path: str, before: FileVersion | None, after: FileVersion | None) -> tuple[Delta, ...]:
    """What differs between two versions of the file at ``path``.

    :param before: None if the file did not exist. ``document`` has to be parsed already; without one, text is compared by lines.
    :returns: nothing only if content and metadata (type, mode, owner, group; not size, not times) are equal. Metadata first, then in the
        order of lines.
    """
    return tuple(_with_mtime(_deltas(path, before, after), after))


def _deltas(path: str, before: FileVersion | None, after: FileVersion | None) -> tuple[Delta, ...]:
    if before is None:
        return () if after is None else (came(path, after),)
    if after is None:
        return (went(path, before),)
    return (*metadata_deltas(path, before.entry, after.entry), *_content_deltas(path, before, after))


def _content_deltas(path: str, before: FileVersion, after: FileVersion) -> tuple[Delta, ...]:
    if type_of(before) is not type_of(after):
        return (became(path, before, after),)
    if type_of(after) is FileType.SYMLINK:
        return () if link_of(before) == link_of(after) else (retargeted(path, before, after),)
    if before.content is None or after.content is None:
        return without_content(path, before, after)
    if before.content == after.content:
        return hidden_difference(path, before, after)
    if before.document is None or after.document is None:
        return _undocumented(path, before.content, after.content)
    return _documented(path, before.content, after.content, (before.document, after.document))


def _undocumented(path: str, before: bytes, after: bytes) -> tuple[Delta, ...]:
    """Content without a document is binary, or text that nobody parsed."""
    if decoded(before) is None or decoded(after) is None:
        return (binary_delta(path, before, after),)
    return _by_lines(path, before, after, (_line_document(before), _line_document(after)), "")


def _line_document(content: bytes) -> Document:
    text = decoded(content)
    return Document(LINES, list(lines_of(text[0])) if text else [])


def _documented(path: str, before: bytes, after: bytes, documents: tuple[Document, Document]) -> tuple[Delta, ...]:
    old, new = documents
    if old.format != new.format or LINES in (old.format, new.format):
        return _by_lines(path, before, after, documents, _why_lines(old, new))
    found = key_differences(old, new)
    if not found:
        return (meaningless_delta(path, before, after, documents),)
    texts = decoded(before), decoded(after)
    comments = comment_deltas(path, found, (texts[0][0], texts[1][0]), documents) if texts[0] and texts[1] else ()
    return (*key_deltas(path, found, old, new), *comments)


def _why_lines(old: Document, new: Document) -> str:
    reason = new.reason or (f"before: {old.reason}" if old.reason else "")
    return reason or (f"read by lines: the format changed from {old.format} to {new.format}" if old.format != new.format else "")


def _by_lines(path: str, before: bytes, after: bytes, documents: tuple[Document, Document], why: str) -> tuple[Delta, ...]:
    old, new = decoded(before), decoded(after)
    if old is None or new is None:
        return (binary_delta(path, before, after),)
    found = line_deltas(path, lines_of(old[0]), lines_of(new[0]), why)
    return found or (meaningless_delta(path, before, after, documents),)


def _with_mtime(deltas: Iterable[Delta], after: FileVersion | None) -> Iterable[Delta]:
    mtime = _instant(after.entry.mtime_ns) if after and after.entry else None
    return (replace(delta, mtime=mtime) for delta in deltas) if mtime else deltas


def _instant(nanoseconds: int) -> datetime | None:
    """The instant, None for none (0) and for what no calendar holds: file systems take any number."""
    try:
        return _EPOCH + timedelta(microseconds=nanoseconds // 1000) if nanoseconds > 0 else None
    except OverflowError:
        return None
