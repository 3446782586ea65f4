"""Which of the code that a process runs is not what lies on disk any more.

Two signs. The kernel writes `` (deleted)`` behind a path whose name was taken away, be it by deletion or by the rename with which package managers
put a new version there; and the file at the path now has another inode on the same device. The second alone is believed only where the devices agree:
overlayfs and btrfs report one device in ``maps`` and another one to stat(2), and then a difference means nothing.

A file that was overwritten in place is the same file: the process runs the new bytes, or a mixture, and no restart is what would tell.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

from changelog_ledger.model.processes import OutdatedFile
from changelog_ledger.sources.processes.lines import DELETED, Mapping

PASSING = (
    "/tmp/", "/var/tmp/", "/run/", "/var/run/", "/var/cache/", "/proc/", "/sys/",
    "/dev/", "/memfd:", "/SYSV", "/[aio]", "/[", "/drm", "/i915", "/anon_hugepage", "/dmabuf",
    "/usr/lib/locale/", "/usr/share/fonts/", "/usr/share/locale/", "/usr/share/icons/", "/usr/share/mime/", "/usr/share/zoneinfo/",
)  # fmt: skip
"""What is mapped and meant to go away again, or is no code: temporary files, shared memory, devices, memory that has a name only, data of which old
programs (``READ_IMPLIES_EXEC``, personality(2)) map every page as executable."""

_PASSING_ANYWHERE = re.compile(r"/\.cache/|/#\d+$|/orcexec\.\w+$|/\.mount_[^/]+/|/\.nfs[0-9a-f]+$")
"""Code that programs make while they run, and files that never had a name (``O_TMPFILE``)."""

_BEING_UNPACKED = re.compile(r"(?:\.dpkg-(?:new|tmp)|;[0-9a-f]{8}|\.apk\.[0-9a-f]+)$")
"""What package managers call a file for the moment in which they replace it."""

Look = Callable[[bytes], os.stat_result | None]
"""What lies at a path, as the process sees it; None for nothing."""


def outdated_files(mappings: Iterable[Mapping], executable: bytes, look: Look, passing: Sequence[str] = PASSING) -> tuple[OutdatedFile, ...]:
    """The files, by path.

    :param executable: what the link ``exe`` says, as it stands there.
    :param passing: beginnings of paths of which nothing is told.
    """
    own = _named(executable)
    found: dict[str, OutdatedFile] = {}
    for mapping in dict.fromkeys(mappings):
        path = _shown(_named(mapping.path))
        if path in found or path.startswith(tuple(passing)) or _PASSING_ANYWHERE.search(path):
            continue
        judged = _judged(mapping, look, is_binary=_named(mapping.path) == own)
        if judged is not None:
            found[path] = judged
    return tuple(found[path] for path in sorted(found))


def _judged(mapping: Mapping, look: Look, *, is_binary: bool) -> OutdatedFile | None:
    literal = _unescaped(mapping.path)
    there = look(literal)
    if there is not None and _is_same(mapping, there):
        return None  # a file may well be called "x (deleted)"
    path = _named(mapping.path)
    if path == literal:  # the kernel knows of no deletion
        if there is None or not _is_one_device(mapping, there):
            return None
    else:
        there = look(path)
        if there is not None and _is_same(mapping, there):
            return None  # it was deleted and linked again
    shown = _BEING_UNPACKED.sub("", _shown(path))
    if there is None and shown != _shown(path):
        there = look(os.fsencode(shown))
    changed = None if there is None else datetime.fromtimestamp(there.st_ctime_ns // 1_000_000_000, UTC)
    return OutdatedFile(shown, is_binary, there is None, changed, mapping.inode)


def _is_same(mapping: Mapping, there: os.stat_result) -> bool:
    """The inode decides where devices cannot be compared: its number is not given away while somebody maps it."""
    without_device = 0 in (mapping.device[0], os.major(there.st_dev))  # overlayfs, btrfs
    return there.st_ino == mapping.inode and (without_device or _is_one_device(mapping, there))


def _is_one_device(mapping: Mapping, there: os.stat_result) -> bool:
    return (os.major(there.st_dev), os.minor(there.st_dev)) == mapping.device


def _named(path: bytes) -> bytes:
    return _unescaped(path.removesuffix(DELETED))


def _unescaped(path: bytes) -> bytes:
    return path.replace(b"\\012", b"\n")


def _shown(path: bytes) -> str:
    return path.decode("utf-8", "backslashreplace")
