"""The files of a state, and writing them into a scratch root: a new folder that nobody else may enter, gone when it is no longer needed."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from changelog_ledger.errors import BisectionStopped
from changelog_ledger.model.snapshot import FileEntry, FileType
from changelog_ledger.snapshots.copying import NotCopied, write_copy
from changelog_ledger.snapshots.plan import has_content
from changelog_ledger.snapshots.restoring_owners import AS_IT_IS

_PREFIX = "root-"
_WITHOUT_CONTENT = (FileType.DIRECTORY, FileType.FIFO)
_OWN = stat.S_IRWXU
_BITS = 0o777
_ATTEMPTS = 5
_GO_ON = "mend that, and repeat the command to go on; where it cannot be mended, choose other ends: ledger bisect reset"


@dataclass(frozen=True)
class Item:
    """A path of a state.

    :ivar content: gives a file's bytes or a link's text. Raises :class:`LedgerError` where it cannot.
    """

    entry: FileEntry
    content: Callable[[], bytes]


Tree = Mapping[str, Item]
"""By absolute path on the host."""


def write_tree(root: str, tree: Tree) -> None:
    """Write the files of a state below ``root``, which is empty.

    Owners are kept where we may give files away; setuid, setgid and extended attributes are not: it is a copy to look at. We can always open what is
    ours, so that the probe can read it and the root can be removed.

    :raises BisectionStopped: if there is no key for a file, its content is damaged, or it cannot be written (a full disk, a link in its way): without
        it a probe would judge something that never was.
    """
    try:
        write_copy(root, [_as_copy(item.entry) for item in tree.values()], lambda entry: tree[entry.path].content())
    except NotCopied as error:
        raise BisectionStopped(f"{error.path} cannot be written into the scratch root: {error}", error.hint or _GO_ON) from error


def is_written(entry: FileEntry) -> bool:
    """Whether :func:`write_tree` can write it. It cannot a socket or a device, nor a file of which a snapshot holds no content."""
    return entry.type in _WITHOUT_CONTENT or has_content(entry)


def dress_of(entry: FileEntry) -> tuple[int, int, int]:
    """Mode and owner as :func:`write_tree` writes them. A link has no mode."""
    copy = _as_copy(entry)
    return 0 if copy.type is FileType.SYMLINK else copy.mode, copy.uid, copy.gid


def _as_copy(entry: FileEntry) -> FileEntry:
    mode = entry.mode & _BITS | (_OWN if entry.type is FileType.DIRECTORY else stat.S_IRUSR)
    copy = replace(entry, mode=mode, attributes=(), assumed=())
    is_ours = os.geteuid() != 0 or "owner" in entry.assumed
    return replace(copy, uid=AS_IT_IS, gid=AS_IT_IS, owner="", group="") if is_ours else copy


# ---- the root


def new_root(folder: Path) -> str:
    """A new folder, 0700."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return tempfile.mkdtemp(prefix=_PREFIX, dir=folder.resolve())


@contextmanager
def scratch_root(folder: Path) -> Iterator[str]:
    """A new folder for the length of a ``with``."""
    root = new_root(folder)
    try:
        yield root
    finally:
        remove_root(root)


def sweep(folder: Path, keep: Collection[str] = ()) -> None:
    """Remove the roots that killed searches left; the caller makes sure that none is at work."""
    kept = {os.path.realpath(root) for root in keep}  # the home may be named through a link
    for place in Path(os.path.realpath(folder)).glob(f"{_PREFIX}*"):
        if str(place) not in kept:
            remove_root(str(place))


def remove_root(root: str) -> None:
    """Remove a scratch root, whatever a probe has made of it; anything else is left alone.

    :raises OSError: if it cannot be removed.
    """
    try:
        found = os.lstat(root)
    except FileNotFoundError:
        return
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or not Path(root).name.startswith(_PREFIX):
        return
    for attempt in range(_ATTEMPTS):  # something that a probe left behind may still be writing
        try:
            _open_folders(root)
            shutil.rmtree(root)
        except FileNotFoundError:
            continue
        except OSError:
            if attempt == _ATTEMPTS - 1:
                raise
        else:
            return


def _open_folders(root: str) -> None:
    """Give ourselves every folder that a probe has closed; links are not followed."""
    Path(root).chmod(_OWN)
    for above, folders, _ in os.walk(root):
        for name in folders:
            place = Path(above, name)
            if not place.is_symlink():
                place.chmod(_OWN)
