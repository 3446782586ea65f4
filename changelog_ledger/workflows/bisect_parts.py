"""The single differences between two states, and states in which only some of them are applied."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from functools import partial

from changelog_ledger.diff.hunk_patch import line_hunks, with_hunks
from changelog_ledger.model.bisection import Part, PartKind
from changelog_ledger.model.snapshot import FileEntry, FileType
from changelog_ledger.snapshots.paths import ancestors, is_within, is_within_one_of
from changelog_ledger.workflows.bisect_tree import Item, Tree, dress_of


def parts_between(old: Tree, new: Tree) -> tuple[Part, ...]:
    """What can be applied by itself: hunks of lines of a file that is text on both sides, mode and owner, else a file as a whole.

    A path that is a folder on one side only is one part with all that lies below it: nothing lies below a file or a link.
    """
    whole = _replaced(old, new)
    single = {path for path in {*old, *new} - _implied_folders(old, new) if not is_within_one_of(path, whole)}
    return tuple(part for path in sorted(single | whole) for part in _parts_of(path, old.get(path), new.get(path), is_whole=path in whole))


def are_written_alike(old: Item | None, new: Item | None) -> bool:
    """Whether a path is written the same way in two states, None where it is not written; contents are read only where digests do not tell."""
    if old is None or new is None:
        return old is new
    if old.entry.type is not new.entry.type or dress_of(old.entry) != dress_of(new.entry):
        return False
    if old.entry.sha256 and new.entry.sha256:
        return old.entry.sha256 == new.entry.sha256
    return _contents(old, new) is None


def paths_of(part: Part, old: Tree, new: Tree) -> tuple[str, ...]:
    """The paths that a part alters: its own, and those below it where it is a folder on one side only."""
    if part.path not in _replaced(old, new):
        return (part.path,)
    return tuple(sorted(path for path in {*old, *new} if is_within(path, part.path)))


def covered(rest: Tree, chosen: Tree) -> Tree:
    """``chosen``, and of ``rest`` what can be there beside it: no file where a folder is to be, nothing below what is no folder."""
    no_folders = {path for path, item in chosen.items() if item.entry.type is not FileType.DIRECTORY}
    folders = {folder for path in chosen for folder in ancestors(path)}
    kept = {
        path: item
        for path, item in rest.items()
        if not is_within_one_of(path, no_folders) and (path not in folders or item.entry.type is FileType.DIRECTORY)
    }
    return {**kept, **chosen}


def mixed(old: Tree, new: Tree, chosen: Sequence[Part], every: Sequence[Part]) -> Tree:
    """``old`` with some of the parts; with all of them it is ``new``.

    :param every: all parts, of which ``chosen`` are some.
    """
    implied = _implied_folders(old, new)
    tree = {path: item for path, item in old.items() if path not in implied}
    whole = _replaced(old, new) & {part.path for part in chosen}
    if whole:
        tree = {path: item for path, item in tree.items() if not is_within_one_of(path, whole)}
        tree |= {path: item for path, item in new.items() if is_within_one_of(path, whole)}
    for path in dict.fromkeys(part.path for part in chosen if part.path not in whole):
        made = _made(old.get(path), new.get(path), [part for part in chosen if part.path == path], [part for part in every if part.path == path])
        if made is None:
            tree.pop(path, None)
        else:
            tree[path] = made
    for folder in implied:
        if any(is_within(path, folder) for path in tree):
            tree[folder] = new.get(folder) or old[folder]
    return tree


def _parts_of(path: str, old: Item | None, new: Item | None, *, is_whole: bool) -> Iterator[Part]:
    if is_whole or old is None or new is None or old.entry.type is not new.entry.type:
        yield Part(path, PartKind.FILE)
        return
    contents = _contents(old, new)
    if contents is not None:
        if old.entry.type is not FileType.FILE or any(b"\0" in content for content in contents):
            yield Part(path, PartKind.FILE)
            return
        for hunk in line_hunks(*contents):
            yield Part(path, PartKind.HUNK, (hunk.start + 1, hunk.end))
    if dress_of(old.entry) != dress_of(new.entry):
        yield Part(path, PartKind.METADATA)


def _contents(old: Item, new: Item) -> tuple[bytes, bytes] | None:
    """Both contents, None if they are the same. Fingerprints differ after a change of keys, so where they do the originals decide."""
    if old.entry.type not in (FileType.FILE, FileType.SYMLINK) or identity_of(old.entry) == identity_of(new.entry):
        return None
    contents = old.content(), new.content()
    return None if contents[0] == contents[1] else contents


def identity_of(entry: FileEntry) -> tuple[str, ...]:
    """What a manifest says of a content."""
    return entry.sha256, entry.fingerprint, entry.link_to


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


def _replaced(old: Tree, new: Tree) -> frozenset[str]:
    """The topmost paths that are a file or a link on one side, and a folder on the other, be it only that something lies below them."""
    found: set[str] = set()
    for one, other in ((old, new), (new, old)):
        folders = {path for path, item in other.items() if item.entry.type is FileType.DIRECTORY}
        folders.update(folder for path in other for folder in ancestors(path))
        found.update(path for path in folders & one.keys() if one[path].entry.type is not FileType.DIRECTORY)
    return frozenset(path for path in found if not any(folder in found for folder in ancestors(path)))


def _implied_folders(old: Tree, new: Tree) -> frozenset[str]:
    """Folders that came or went together with something in them: that says it already."""
    differing = {path for path in {*old, *new} if (path in old) != (path in new)}
    folders = {path for path in differing if (old.get(path) or new[path]).entry.type is FileType.DIRECTORY}
    holding = {path.rpartition("/")[0] for path in differing}
    return frozenset(folders & holding)
