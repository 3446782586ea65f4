"""Whether apt or dpkg is at work."""

from __future__ import annotations

import fcntl
import os
import struct

from changelog_ledger.sources.rooted import open_file

_LOCKS = ("/var/lib/dpkg/lock-frontend", "/var/lib/dpkg/lock")
_FLOCK = "hhqqi"
"""struct flock of fcntl(2): type, whence, start, length, process."""


def is_dpkg_idle(root: str = "/") -> bool | None:
    """Whether nobody holds dpkg's locks (apt-get(8) and dpkg(1) hold them while they work); None if that cannot be told.

    They are only asked about, never taken: a package manager that begins now is not disturbed.
    """
    held = [_is_held(root, path) for path in _LOCKS]
    if any(held):
        return False
    return None if held[-1] is None else True


def _is_held(root: str, path: str) -> bool | None:
    try:
        descriptor = open_file(root, path)
    except OSError:  # not Debian, or not for us to read
        return None
    try:
        answer = fcntl.fcntl(descriptor, fcntl.F_GETLK, struct.pack(_FLOCK, fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0))
        return bool(struct.unpack(_FLOCK, answer)[0] != fcntl.F_UNLCK)
    except OSError:  # a file system without locks
        return None
    finally:
        os.close(descriptor)
