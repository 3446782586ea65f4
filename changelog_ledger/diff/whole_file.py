"""Deltas of files as a whole: come, gone, become something else, retargeted, or without content that could be compared."""

from __future__ import annotations

from typing import Any

from changelog_ledger.diff.text import SHORT, decoded, described
from changelog_ledger.model.document import FileVersion
from changelog_ledger.model.evidence import Delta, Op
from changelog_ledger.model.snapshot import FileEntry, FileType


def came(path: str, version: FileVersion) -> Delta:
    """The file is new."""
    return Delta(path, None, Op.ADDED, after=described_file(version), note=_what(version))


def went(path: str, version: FileVersion) -> Delta:
    """The file is gone."""
    return Delta(path, None, Op.REMOVED, before=described_file(version), note=_what(version))


def became(path: str, before: FileVersion, after: FileVersion) -> Delta:
    """A file became a symlink, or the like."""
    return Delta(path, None, Op.CHANGED, described_file(before), described_file(after), note=f"{type_of(before)} became {type_of(after)}")


def retargeted(path: str, before: FileVersion, after: FileVersion) -> Delta:
    """A symlink points elsewhere."""
    return Delta(path, None, Op.CHANGED, described_file(before), described_file(after), note="symlink retargeted")


def type_of(version: FileVersion) -> FileType:
    """What it is; a file when there is no manifest to ask."""
    return version.entry.type if version.entry else FileType.FILE


def link_of(version: FileVersion) -> str:
    """A symlink's text."""
    return version.entry.link_to if version.entry else ""


def described_file(version: FileVersion) -> Any:
    """The text if it is short, else its size and digest; of a symlink its text; None if nothing is known."""
    if type_of(version) is FileType.SYMLINK:
        return link_of(version)
    if version.content is None:
        return _known(version.entry)
    text = decoded(version.content)
    return text[0] if text and len(text[0]) <= SHORT else described(version.content)


def _known(entry: FileEntry | None) -> dict[str, Any] | None:
    if entry is None or entry.type is not FileType.FILE:
        return None
    known: dict[str, Any] = {"bytes": entry.size, "sha256": entry.sha256, "fingerprint": entry.fingerprint, "skipped": entry.skipped}
    return {name: str(value) if name == "skipped" else value for name, value in known.items() if value not in ("", None)}


def _what(version: FileVersion) -> str:
    kind = type_of(version)
    if kind is not FileType.FILE:
        return str(kind)
    if version.content is None:
        return _why_missing(version)
    if version.document is None:
        return "binary" if decoded(version.content) is None else "text"
    return f"{version.document.format}; {version.document.reason}" if version.document.reason else version.document.format


def _why_missing(version: FileVersion) -> str:
    entry = version.entry
    if entry is None or entry.skipped is None:
        return "content not kept"
    return f"content not kept: {entry.skipped}" + (f" ({entry.detail})" if entry.detail else "")


def without_content(path: str, before: FileVersion, after: FileVersion) -> tuple[Delta, ...]:
    """At least one side has no content: one opaque delta if what is known of both says that they differ."""
    old, new = _known(before.entry), _known(after.entry)
    same_presence = (before.content is None) == (after.content is None)
    if same_presence and old == new:
        return ()
    if not same_presence and _same_content(before, after):
        return ()
    note = "; ".join(filter(None, (_missing_on("before", before), _missing_on("after", after))))
    return (Delta(path, None, Op.OPAQUE, _presented(before), _presented(after), note=note),)


def _same_content(before: FileVersion, after: FileVersion) -> bool:
    """Whether both sides are known to have held the same bytes, nothing else about them having changed."""
    old, new = before.entry, after.entry
    return old is not None and new is not None and bool(old.sha256) and (old.sha256, old.size, old.skipped) == (new.sha256, new.size, new.skipped)


def _missing_on(side: str, version: FileVersion) -> str:
    return f"{side}: {_why_missing(version)}" if version.content is None else ""


def _presented(version: FileVersion) -> Any:
    return _known(version.entry) if version.content is None else described(version.content)


def hidden_difference(path: str, before: FileVersion, after: FileVersion) -> tuple[Delta, ...]:
    """Equal bytes in the repository, of originals that are known to differ: the difference lies in what was redacted."""
    old, new = before.entry, after.entry
    if old is None or new is None or not _differ_where_known(old, new):
        return ()
    return (Delta(path, None, Op.OPAQUE, _known(old), _known(new), note="differs only in what is redacted"),)


def _differ_where_known(old: FileEntry, new: FileEntry) -> bool:
    return any(one and other and one != other for one, other in ((old.sha256, new.sha256), (old.fingerprint, new.fingerprint)))
