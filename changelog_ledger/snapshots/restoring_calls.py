"""The system calls of a restore: relative to a directory's descriptor, and never through a link."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from changelog_ledger.model.temporaries import is_temporary
from changelog_ledger.snapshots.paths import joined

_ROOT = os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC
_PASS_THROUGH = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_HANDLE = os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC
_LISTED = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC

Signature = tuple[int, ...]
"""``mtime_ns, ctime_ns, size, inode, mode, uid, gid``."""


class Refused(Exception):
    """A path is left as it is, for a reason of ours."""

    def __init__(self, why: str, hint: str = "") -> None:
        super().__init__(why)
        self.hint = hint


def _meanwhile() -> Refused:
    return Refused("it was changed while the restore was under way, and is left as it is", "look at it, and restore it again")


def _enter(parent: int, name: str, path: str) -> int:
    try:
        return os.open(name, _PASS_THROUGH, dir_fd=parent)
    except OSError as error:
        if error.errno in (errno.ENOTDIR, errno.ELOOP) and _is_link(parent, name):  # its text may hold a secret
            raise Refused(
                f"{path} is a symbolic link now; nothing is written through a link", f"restore {path} itself, or move the link away"
            ) from error
        raise


def enter_or_make(parent: int, name: str, path: str, *, make: bool) -> int:
    """A descriptor of the directory ``name``, for passing through and for work in it; a link is not followed.

    :param path: what errors call it.
    :param make: make it, 0755, if it is not there.
    :raises Refused: if it is a link.
    :raises OSError: if it is no directory or may not be entered.
    """
    try:
        return _enter(parent, name, path)
    except FileNotFoundError:
        if not make:
            raise
    with suppress(FileExistsError):  # somebody else made it at the same moment
        os.mkdir(name, 0o755, dir_fd=parent)
    return _enter(parent, name, path)


@contextmanager
def directory_below(root: str, path: str, *, make: bool = False) -> Iterator[int]:
    """A descriptor of a directory below ``root``, reached component by component without following a link.

    :param make: make what is missing on the way, 0755.
    :raises Refused: if a link stands on the way, or the path has a component that is no name: empty, ``.`` or ``..``, which leads out of ``root``.
    :raises OSError: if a directory is not there or may not be entered.
    """
    descriptor = os.open(root, _ROOT)
    try:
        here = "/"
        for component in _names(path):
            here = joined(here, component)
            above, descriptor = descriptor, enter_or_make(descriptor, component, here, make=make)
            os.close(above)
        yield descriptor
    finally:
        os.close(descriptor)


def _names(path: str) -> list[str]:
    names = path.removeprefix("/").split("/") if path != "/" else []
    if any(name in ("", ".", "..") for name in names):
        raise Refused("it is no path of a file below the root", "empty, '.' and '..' components are not followed")
    return names


def _is_link(parent: int, name: str) -> bool:
    try:
        return stat.S_ISLNK(os.lstat(name, dir_fd=parent).st_mode)
    except FileNotFoundError:
        return False


@contextmanager
def pinned(parent: int, name: str, expected: Signature | None = None) -> Iterator[str]:
    """A name for exactly the file that is there now, whatever takes its place meanwhile. O_PATH: it need not be readable (open(2)).

    :raises Refused: if it is not the expected one.
    """
    descriptor = os.open(name, _HANDLE, dir_fd=parent)
    try:
        if expected is not None and _comparable(_signature(os.fstat(descriptor))) != _comparable(expected):
            raise _meanwhile()
        yield f"/proc/self/fd/{descriptor}"
    finally:
        os.close(descriptor)


@contextmanager
def removed_on_failure(parent: int, name: str) -> Iterator[None]:
    """Leave no temporary file behind, whatever goes wrong."""
    try:
        yield
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(name, dir_fd=parent)
        raise


def write_all(descriptor: int, data: bytes) -> None:
    """Write ``data`` to the end; write(2) may take a part only."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def take_place(parent: int, temporary: str, name: str, expected: Signature | None) -> None:
    """Put the finished file into its place, atomically, if what is there is still what was expected (None: nothing)."""
    refuse_if_changed(parent, name, expected)
    os.rename(temporary, name, src_dir_fd=parent, dst_dir_fd=parent)


def refuse_if_changed(parent: int, name: str, expected: Signature | None) -> None:
    """Refuse if something else is there than the plan saw (and the snapshot before holds)."""
    try:
        found: Signature | None = _signature(os.lstat(name, dir_fd=parent))
    except FileNotFoundError:
        found = None
    if _comparable(found) != _comparable(expected):
        raise _meanwhile()


def _signature(status: os.stat_result) -> Signature:
    return (status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino, status.st_mode, status.st_uid, status.st_gid)


def _comparable(signature: Signature | None) -> Signature | None:
    """Without ctime: replacing one of a file's hard links changes that of the others."""
    return None if signature is None else (signature[0], *signature[2:])


def has_other_names(parent: int, name: str) -> bool:
    """Whether a file has hard links: metadata set in place would change under its other names too, wherever somebody has put them."""
    try:
        return os.lstat(name, dir_fd=parent).st_nlink > 1
    except FileNotFoundError:
        return False


def flush(directory: int) -> None:
    """Flush a directory to the disk; some file systems cannot (EINVAL), and one that may not be listed cannot be opened for it."""
    try:
        descriptor = os.open(".", _LISTED, dir_fd=directory)
    except PermissionError:
        return
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(descriptor)


@contextmanager
def at_work_in(directory: int) -> Iterator[None]:
    """Remove what killed restores left behind in a directory, and keep others from doing so while we write there.

    Whoever writes holds a shared flock(2) of the directory, which ends with the process; whoever gets it alone finds leftovers of the dead only,
    of whichever home they were. Nobody waits for it: anybody who may list the directory could hold it.
    """
    try:
        descriptor = os.open(".", _LISTED, dir_fd=directory)
    except PermissionError:
        yield
        return
    try:
        _sweep(descriptor)
        with suppress(OSError):  # somebody sweeps at this moment, or the file system has no locks
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


def _sweep(listed: int) -> None:
    try:
        fcntl.flock(listed, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # somebody is at work there, or the file system has no locks: then nobody can tell whether it is dead
        return
    for name in os.listdir(listed):
        if is_temporary(name):
            with suppress(OSError):  # it is one more file, and the next restore tries again
                os.unlink(name, dir_fd=listed)


def names_in(directory: int) -> list[str]:
    """The names in a directory, without what restores are writing; none if it may not be listed."""
    try:
        descriptor = os.open(".", _LISTED, dir_fd=directory)
    except PermissionError:  # rmdir(2) will tell
        return []
    try:
        return [name for name in os.listdir(descriptor) if not is_temporary(name)]  # noqa: PTH208
    finally:
        os.close(descriptor)
