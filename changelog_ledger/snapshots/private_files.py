"""Files that nobody else may read: keys and caches."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from changelog_ledger.errors import HomeError

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def write_private(path: Path, data: bytes, *, durable: bool = True) -> None:
    """Replace ``path`` by ``data`` in one step, mode 0600, folders above it 0700.

    :param durable: wait until it is on the disk.
    :raises OSError: if it cannot be written; then the old file is still there.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.new")
    temporary.unlink(missing_ok=True)  # of a process that died and had the same number
    create_private(temporary, data, durable=durable)
    try:
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    if durable:
        _sync_folder(path.parent)


def create_private(path: Path, data: bytes, *, durable: bool = True) -> None:
    """Make a new file, mode 0600. Nobody else can have it open: that it is new is made sure by O_EXCL (open(2)).

    :raises FileExistsError: if something, a dangling link too, is at ``path``.
    :raises OSError: if it cannot be written; then it is not there.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(data)
            file.flush()
            if durable:
                os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def read_private(path: Path) -> bytes:
    """A file that only its owner may read.

    :raises HomeError: if it is not there, or others may read it.
    """
    try:
        mode = path.stat().st_mode
        data = path.read_bytes()
    except OSError as error:
        raise HomeError(
            f"cannot read {path}: {error.strerror}", "restore it from a backup of the home: without it secrets can be neither compared nor opened"
        ) from error
    if mode & _OTHERS:
        raise HomeError(f"others may read {path}", f"chmod 600 {path}, and think about who may have read it")
    return data


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
