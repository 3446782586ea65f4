"""The metadata of a restored file: owner, extended attributes, mode and time, set in the order in which none undoes the other."""

from __future__ import annotations

import errno
import os
import stat
from base64 import b64decode
from collections.abc import Collection, Mapping
from contextlib import suppress

from changelog_ledger.model.snapshot import FileEntry, FileType
from changelog_ledger.snapshots.restoring_owners import AS_IT_IS

Owner = tuple[int, int]
"""User and group number; ``AS_IT_IS`` leaves that of the file."""

KERNELS_OWN = frozenset(("security.ima", "security.evm"))
"""Attributes that the kernel computes from a file's content with a key: they are neither compared nor written."""

_LABEL = "security.selinux"
_CAPABILITY = "security.capability"
_SET_ID = stat.S_ISUID | stat.S_ISGID


def dress(place: int | str, entry: FileEntry, owner: Owner) -> list[str]:
    """Give a file or directory the metadata of ``entry``.

    chown(2) takes setuid and capabilities away, so it comes first; where it fails, nothing is made setuid for somebody else.

    :param place: a descriptor, or its place in ``/proc/self/fd``.
    :returns: what could not be set, in words.
    :raises OSError: if mode or time could not be set.
    """
    said = _set_owner(place, owner)
    mode = entry.mode
    is_foreign = bool(said) and entry.type is FileType.FILE
    if is_foreign and mode & _SET_ID:
        mode &= ~_SET_ID
        said.append(f"mode {entry.mode:04o} is set without setuid and setgid, since the owner is another")
    said += _set_attributes(place, entry, without=(_CAPABILITY,) if is_foreign else ())
    os.chmod(place, mode)  # noqa: PTH101 - a descriptor, or its place in /proc
    if entry.mtime_ns:
        os.utime(place, ns=(os.stat(place).st_atime_ns, entry.mtime_ns))  # noqa: PTH116
    return said


def dress_link(parent: int, name: str, entry: FileEntry, owner: Owner) -> list[str]:
    """The same for a symbolic link, which has no mode."""
    found = os.lstat(name, dir_fd=parent)
    said: list[str] = []
    if not is_owner(owner, (found.st_uid, found.st_gid)):
        try:
            os.chown(name, *owner, dir_fd=parent, follow_symlinks=False)
        except OSError as error:
            said.append(_owner_words(owner, error))
    if entry.attributes:
        said += _set_attributes(f"/proc/self/fd/{parent}/{name}", entry, follow=False)
    if entry.mtime_ns:
        os.utime(name, ns=(found.st_atime_ns, entry.mtime_ns), dir_fd=parent, follow_symlinks=False)
    return said


def is_owner(wanted: Owner, found: Owner) -> bool:
    """Whether the numbers are those wanted, as far as they are known."""
    return all(number in (AS_IT_IS, there) for number, there in zip(wanted, found, strict=True))


def _set_owner(place: int | str, wanted: Owner) -> list[str]:
    found = os.stat(place)  # noqa: PTH116
    if is_owner(wanted, (found.st_uid, found.st_gid)):
        return []
    try:
        os.chown(place, *wanted)
    except OSError as error:
        with suppress(OSError):  # perhaps at least the group: one of our own
            os.chown(place, -1, wanted[1])
        return [_owner_words(wanted, error)]
    return []


def _owner_words(wanted: Owner, error: OSError) -> str:
    return f"owner {wanted[0]}:{wanted[1]} could not be set: {error.strerror or error}"


def _set_attributes(place: int | str, entry: FileEntry, *, follow: bool = True, without: Collection[str] = ()) -> list[str]:
    """Make the extended attributes those of the snapshot (xattr(7)), ACLs among them; what could not be."""
    wanted = {name: b64decode(value) for name, value in entry.attributes if name not in KERNELS_OWN}
    said = [f"attribute {name} is not set, since the owner is another" for name in without if name in wanted]
    wanted = {name: value for name, value in wanted.items() if name not in without}
    found = _attributes_of(place, follow=follow)
    for name, value in wanted.items():
        if found.get(name) != value:
            try:
                os.setxattr(place, name, value, follow_symlinks=follow)
            except OSError as error:
                said.append(f"attribute {name} could not be set: {error.strerror or error}")
    for name in found.keys() - wanted.keys() - {_LABEL}:  # the system gives every file a label of its own
        try:
            os.removexattr(place, name, follow_symlinks=follow)
        except OSError as error:
            said.append(f"attribute {name} could not be removed: {error.strerror or error}")
    return said


def _attributes_of(place: int | str, *, follow: bool) -> Mapping[str, bytes]:
    try:
        names = os.listxattr(place, follow_symlinks=follow)
        return {name: os.getxattr(place, name, follow_symlinks=follow) for name in names if name not in KERNELS_OWN}
    except OSError as error:
        if error.errno == errno.ENOTSUP:
            return {}
        raise
