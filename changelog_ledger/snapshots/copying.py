"""Writing a copy of some files into an empty folder of our own: for somebody to look at, gone soon, so nothing of it is flushed to the disk.

As in a restore no link is followed on the way (see :mod:`~changelog_ledger.snapshots.restoring_calls`), and metadata is set in the order in which
none undoes the other.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from changelog_ledger.errors import LedgerError
from changelog_ledger.model.snapshot import FileEntry, FileType
from changelog_ledger.snapshots.paths import split
from changelog_ledger.snapshots.restoring_calls import Refused, directory_below, write_all
from changelog_ledger.snapshots.restoring_metadata import dress, dress_link

_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class NotCopied(Exception):
    """A path of a copy could not be written.

    :ivar path: the entry's.
    :ivar hint: what to do; may be empty.
    """

    def __init__(self, path: str, why: str, hint: str = "") -> None:
        super().__init__(why)
        self.path = path
        self.hint = hint


def write_copy(root: str, entries: Iterable[FileEntry], content: Callable[[FileEntry], bytes]) -> None:
    """Write files, folders, links and FIFOs below ``root``, each with its mode and, where we may, its owner.

    :param entries: absolute paths as below ``/``; folders that are missing among them are made, 0755.
    :param content: gives a file's bytes, or the text of a link; it may raise a :class:`LedgerError`.
    :raises NotCopied: at the first path that cannot be written, or has no content: the copy ends there.
    :raises OSError: if ``root`` is gone.
    """
    by_folder: dict[str, list[FileEntry]] = {}
    folders = []
    for entry in sorted(entries, key=lambda each: each.path):
        if entry.type is FileType.DIRECTORY:
            folders.append(entry)
        else:
            by_folder.setdefault(split(entry.path)[0], []).append(entry)
    for folder in (entry.path for entry in folders):
        with _named(folder), directory_below(root, folder, make=True):
            pass
    for folder, here in by_folder.items():
        with _named(here[0].path), directory_below(root, folder, make=True) as parent:
            for entry in here:
                with _named(entry.path):
                    _write(parent, split(entry.path)[1], entry, content)
    for entry in reversed(folders):  # what is in a folder alters its time
        with _named(entry.path), directory_below(root, entry.path) as inside:
            dress(f"/proc/self/fd/{inside}", entry, (entry.uid, entry.gid))


@contextmanager
def _named(path: str) -> Iterator[None]:
    """Say at which path it went wrong."""
    try:
        yield
    except LedgerError as error:
        raise NotCopied(path, error.message, error.hint) from error
    except Refused as error:  # its hint is of restores
        raise NotCopied(path, str(error)) from error
    except OSError as error:
        raise NotCopied(path, error.strerror or str(error)) from error
    except OverflowError as error:  # a number that no C integer holds, out of a manifest
        raise NotCopied(path, str(error)) from error


def _write(parent: int, name: str, entry: FileEntry, content: Callable[[FileEntry], bytes]) -> None:
    owner = entry.uid, entry.gid
    if entry.type is FileType.SYMLINK:
        os.symlink(os.fsdecode(content(entry)), name, dir_fd=parent)
        dress_link(parent, name, entry, owner)
    elif entry.type is FileType.FIFO:
        os.mkfifo(name, entry.mode, dir_fd=parent)
    else:
        descriptor = os.open(name, _NEW_FILE, 0o600, dir_fd=parent)
        try:
            write_all(descriptor, content(entry))
            dress(descriptor, entry, owner)
        finally:
            os.close(descriptor)
