"""Paths below a root that stands for ``/``: links are followed, but never out of the root.

An image may hold ``/etc/localtime -> /usr/share/zoneinfo/…`` or a hostile ``/var/log -> ../../../home``: both mean a place in the image, as they
would for a process that had been chroot(2)ed into it. The way is gone component by component through descriptors, so that nobody swaps a
directory for a link meanwhile.
"""

from __future__ import annotations

import errno
import os
import stat
from collections import deque

_MOST_LINKS = 40
"""As many as the kernel follows (path_resolution(7))."""
_PASS = os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC
# NONBLOCK: a FIFO does not hang us. NOCTTY: a terminal does not become ours.
_READ = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NOCTTY


class NotRegular(OSError):
    """It is there, and no regular file: a directory, a FIFO, a device."""


def look_at_root(root: str) -> None:
    """See that a root is a directory within reach.

    :raises OSError: if it is not.
    :raises ValueError: if no path is spelled so.
    """
    os.close(os.open(root, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC))


def open_file(root: str, path: str) -> int:
    """A descriptor of the regular file at ``path`` below ``root``, to be read.

    :raises FileNotFoundError: if there is nothing.
    :raises NotRegular: if it is something else.
    :raises OSError: if it may not be read.
    """
    place, name = _reached(root, path)
    try:
        mode = os.fstat(place).st_mode if not name else os.lstat(name, dir_fd=place).st_mode
        if not stat.S_ISREG(mode):
            raise NotRegular(errno.EINVAL, f"not a file but {_KINDS.get(stat.S_IFMT(mode), 'something else')}")
        descriptor = os.open(name, _READ, dir_fd=place)
    finally:
        os.close(place)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):  # swapped between the two
        os.close(descriptor)
        raise NotRegular(errno.EINVAL, "not a file any more")
    return descriptor


def read_file(root: str, path: str, limit: int = 1024 * 1024) -> bytes:
    """The first ``limit`` bytes of a regular file below ``root``.

    :raises OSError: as :func:`open_file`.
    """
    descriptor = open_file(root, path)
    with os.fdopen(descriptor, "rb") as file:
        return file.read(limit)


def list_directory(root: str, path: str) -> list[str]:
    """The names in a directory below ``root``, sorted.

    :raises OSError: if it is not there, is none, or may not be listed.
    """
    place, name = _reached(root, path)
    try:
        descriptor = os.open(name or ".", os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=place)
    finally:
        os.close(place)
    try:
        return sorted(os.listdir(descriptor))  # noqa: PTH208 - pathlib knows no descriptors
    finally:
        os.close(descriptor)


def link_text(root: str, path: str) -> str | None:
    """What the link at ``path`` says, if it is a link; links of the directories above are followed inside the root."""
    parent, _, name = path.rstrip("/").rpartition("/")
    try:
        place, last = _reached(root, f"{parent}/.")
    except OSError:
        return None
    try:
        return os.readlink(f"{last}/{name}" if last else name, dir_fd=place)
    except OSError:
        return None
    finally:
        os.close(place)


_KINDS = {stat.S_IFDIR: "a directory", stat.S_IFIFO: "a FIFO", stat.S_IFSOCK: "a socket", stat.S_IFCHR: "a device", stat.S_IFBLK: "a device"}


def _reached(root: str, path: str) -> tuple[int, str]:
    """The descriptor of the directory that holds what ``path`` means in the end, and its name there; empty if it is the root itself."""
    above = [os.open(root, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)]
    steps, links = deque(_steps(path)), 0
    try:
        while steps:
            step = steps.popleft()
            if step == "..":
                if len(above) > 1:
                    os.close(above.pop())
                continue
            text = _link(step, above[-1])
            if text is not None:
                links += 1
                if links > _MOST_LINKS:
                    raise OSError(errno.ELOOP, "too many links, one after the other")
                if text.startswith("/"):
                    while len(above) > 1:
                        os.close(above.pop())
                steps.extendleft(reversed(_steps(text)))
            elif steps:
                above.append(os.open(step, _PASS | os.O_DIRECTORY, dir_fd=above[-1]))
            else:
                return os.dup(above[-1]), step
        return os.dup(above[-1]), ""
    finally:
        for descriptor in above:
            os.close(descriptor)


def _steps(path: str) -> list[str]:
    return [step for step in path.split("/") if step not in ("", ".")]


def _link(name: str, directory: int) -> str | None:
    try:
        return os.readlink(name, dir_fd=directory)
    except OSError as error:
        if error.errno == errno.EINVAL:  # there, and no link (readlink(2))
            return None
        raise
