"""Two versions of a file become deltas: parse, then compare. The one place where formats and diff meet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from changelog_ledger.diff import differences, with_renamed_files
from changelog_ledger.formats import parse
from changelog_ledger.model import globs
from changelog_ledger.model.document import Document, FileVersion
from changelog_ledger.model.evidence import Delta
from changelog_ledger.model.rules import FormatRule
from changelog_ledger.model.snapshot import FileEntry, FileType
from changelog_ledger.snapshots.committed import CommittedManifest
from changelog_ledger.snapshots.repository import ChangedPath, SnapshotRepository

_KEPT_DOCUMENTS = 256


def version(path: str, content: bytes | None, entry: FileEntry | None, as_format: str | None = None) -> FileVersion:
    """One side of a comparison."""
    if content is None or (entry is not None and entry.type is not FileType.FILE):
        return FileVersion(content, None, entry)
    return FileVersion(content, _document(path, content, as_format), entry)


@lru_cache(maxsize=_KEPT_DOCUMENTS)
def _document(path: str, content: bytes, as_format: str | None) -> Document | None:
    """Parsed once: eight servers with the same file, or the same file in the next question, cost one parse."""
    return parse(path, content, as_format)


def format_for(path: str, rules: Sequence[FormatRule]) -> str | None:
    """The format that the home's ``[[formats]]`` give a file, by the first rule that covers it; None where its path and content are to tell."""
    return next((rule.format for rule in rules if any(globs.matches(glob, path) for glob in rule.paths)), None)


def deltas_between(repository: SnapshotRepository, before: str | None, after: str | None, rules: Sequence[FormatRule]) -> tuple[Delta, ...]:
    """Every difference between two commits, in the order of the paths.

    :param before: None for nothing at all: every file is then added.
    :param rules: the home's formats.
    """
    if before == after or after is None:
        return ()
    changes = repository.changed(before, after)
    changed = {change.path: change for change in changes.paths}
    old, new = _entries((repository.manifest_of(before), repository.manifest_of(after)), changes.directories, changed)
    contents = repository.read_blobs(blob for change in changes.paths for blob in (change.before, change.after) if blob)
    different = sorted(path for path in {*old, *new, *changed} if path in changed or old.get(path) != new.get(path))
    deltas: list[Delta] = []
    for path in _without_implied_folders(different, old, new):
        blobs = changed.get(path) or ChangedPath(path, None, None)  # the same content on both sides: only the manifest's entry differs
        as_format = format_for(path, rules)
        sides = (_side(path, blobs.before, old.get(path), contents, as_format), _side(path, blobs.after, new.get(path), contents, as_format))
        deltas += _differences(path, *sides)
    gone = {path: contents[blobs.before] for path, blobs in changed.items() if blobs.before and not blobs.after and _is_file(old.get(path))}
    come = {path: contents[blobs.after] for path, blobs in changed.items() if blobs.after and not blobs.before and _is_file(new.get(path))}
    return with_renamed_files(deltas, gone, come)


def _is_file(entry: FileEntry | None) -> bool:
    return entry is None or entry.type is FileType.FILE


def _differences(path: str, before: FileVersion | None, after: FileVersion | None) -> tuple[Delta, ...]:
    """By keys, or by lines where that fails: what the comparison does not foresee must keep nobody from recording the host."""
    try:
        return differences(path, before, after)
    except Exception as bug:  # noqa: BLE001 - the reason stands in every delta, and the tests call the comparison itself
        why = f"read by lines: a bug in the comparison: {type(bug).__name__}: {bug}"
        return differences(path, _by_lines(path, before, why), _by_lines(path, after, why))


def _by_lines(path: str, side: FileVersion | None, why: str) -> FileVersion | None:
    if side is None or side.content is None or side.document is None:
        return side
    document = parse(path, side.content, "lines")
    return replace(side, document=document and replace(document, reason=why))


def _without_implied_folders(paths: Sequence[str], old: Mapping[str, FileEntry], new: Mapping[str, FileEntry]) -> Iterator[str]:
    """``paths`` without folders that came or went together with something in them: that says it already."""
    holding = {path.rpartition("/")[0] for path in paths}
    for path in paths:
        entry = new.get(path) or old.get(path)
        came_or_went = (path in old) != (path in new) and entry is not None and entry.type is FileType.DIRECTORY
        if not (came_or_went and path in holding):
            yield path


def _side(path: str, blob: str | None, entry: FileEntry | None, contents: Mapping[str, bytes], as_format: str | None) -> FileVersion | None:
    if blob is None and entry is None:
        return None
    return version(path, contents[blob] if blob else None, entry, as_format)


def _entries(
    manifests: tuple[CommittedManifest, CommittedManifest], directories: Iterable[str], changed: Iterable[str]
) -> tuple[dict[str, FileEntry], dict[str, FileEntry]]:
    """On both sides, the manifest entries that differ, and those of the files whose content does."""
    found: tuple[dict[str, FileEntry], dict[str, FileEntry]] = ({}, {})
    for directory in directories:
        for side, entries in zip(found, manifests[0].differing(manifests[1], directory), strict=True):
            side.update((entry.path, entry) for entry in entries.values())
    for path in changed:
        for side, manifest in zip(found, manifests, strict=True):
            entry = side.get(path) or manifest.entry(path)
            if entry is not None:
                side[path] = entry
    return found
