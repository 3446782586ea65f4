"""The single differences between two states, and states in which only some of them are applied."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from functools import partial

from changelog_ledger.diff.hunk_patch import line_hunks, with_hunks
from changelog_ledger.model.bisection import Part, PartKind
from changelog_ledger.model.snapshot import FileEntry, FileType
from changelog_ledger.snapshots.paths import is_within
from changelog_ledger.workflows.bisect_tree import Item, Tree


def parts_between(old: Tree, new: Tree) -> tuple[Part, ...]:
    """What can be applied by itself: hunks of lines of a file that is text on both sides, mode and owner, else a file as a whole."""
    implied = _implied_folders(old, new)
    return tuple(part for path in sorted({*old, *new} - implied) for part in _parts_of(path, old.get(path), new.get(path)))


def mixed(old: Tree, new: Tree, chosen: Sequence[Part], every: Sequence[Part]) -> Tree:
    """``old`` with some of the parts; with all of them it is ``new``.

    :param every: all parts, of which ``chosen`` are some.
    """
    implied = _implied_folders(old, new)
    tree = {path: item for path, item in old.items() if path not in implied}
    for path in dict.fromkeys(part.path for part in chosen):
        made = _made(old.get(path), new.get(path), [part for part in chosen if part.path == path], [part for part in every if part.path == path])
        if made is None:
            tree.pop(path, None)
        else:
            tree[path] = made
    for folder in implied:
        if any(is_within(path, folder) for path in tree):
            tree[folder] = new.get(folder) or old[folder]
    return tree


def _parts_of(path: str, old: Item | None, new: Item | None) -> Iterator[Part]:
    if old is None or new is None or old.entry.type is not new.entry.type:
        yield Part(path, PartKind.FILE)
        return
    contents = _contents(old, new)
    if contents is not None:
        if old.entry.type is not FileType.FILE or any(b"\0" in content for content in contents):
            yield Part(path, PartKind.FILE)
            return
        for hunk in line_hunks(*contents):
            yield Part(path, PartKind.HUNK, (hunk.start + 1, hunk.end))
    if _dress(old.entry) != _dress(new.entry):
        yield Part(path, PartKind.METADATA)


def _contents(old: Item, new: Item) -> tuple[bytes, bytes] | None:
    """Both contents, None if they are the same. Fingerprints differ after a change of keys, so where they do the originals decide."""
    if old.entry.type not in (FileType.FILE, FileType.SYMLINK) or _identity(old.entry) == _identity(new.entry):
        return None
    contents = old.content(), new.content()
    return None if contents[0] == contents[1] else contents


def _identity(entry: FileEntry) -> tuple[str, ...]:
    return entry.sha256, entry.fingerprint, entry.link_to


def _dress(entry: FileEntry) -> tuple[object, ...]:
    """Mode and owner, as far as somebody saw them. A link has no mode."""
    mode = None if entry.type is FileType.SYMLINK or "mode" in entry.assumed else entry.mode
    return (mode, *(() if "owner" in entry.assumed else (entry.uid, entry.gid, entry.owner, entry.group)))


def _made(old: Item | None, new: Item | None, chosen: Sequence[Part], every: Sequence[Part]) -> Item | None:
    if old is None or new is None or any(part.kind is PartKind.FILE for part in chosen):
        return new
    has_metadata = any(part.kind is PartKind.METADATA for part in chosen)
    entry = _dressed(old.entry, new.entry) if has_metadata else old.entry
    numbers = frozenset(number for number, part in enumerate(part for part in every if part.kind is PartKind.HUNK) if part in chosen)
    return Item(entry, partial(_patched, old, new, numbers) if numbers else old.content)


def _dressed(old: FileEntry, new: FileEntry) -> FileEntry:
    return replace(old, mode=new.mode, uid=new.uid, gid=new.gid, owner=new.owner, group=new.group, assumed=new.assumed)


def _patched(old: Item, new: Item, numbers: Collection[int]) -> bytes:
    before, after = old.content(), new.content()
    return with_hunks(before, after, numbers, line_hunks(before, after))


def _implied_folders(old: Tree, new: Tree) -> frozenset[str]:
    """Folders that came or went together with something in them: that says it already."""
    differing = {path for path in {*old, *new} if (path in old) != (path in new)}
    folders = {path for path in differing if (old.get(path) or new[path]).entry.type is FileType.DIRECTORY}
    holding = {path.rpartition("/")[0] for path in differing}
    return frozenset(folders & holding)
