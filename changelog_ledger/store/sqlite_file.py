"""The SQLite file: how a connection to it is set up, who writes next, and where it may lie.

A rollback journal: linked versions before 3.51.3 can corrupt a WAL that two connections reset. Writers take ``BEGIN IMMEDIATE`` behind an ``flock``
queue, because SQLite's own busy handler starves one of eight writers.
"""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import AbstractContextManager
from pathlib import Path

from changelog_ledger.errors import HomeError
from changelog_ledger.store.locks import held_lock

BEGIN_READING = "BEGIN"
BEGIN_WRITING = "BEGIN IMMEDIATE"
ADDRESS = "sqlite:///"
"""What the address of a SQLite database begins with; the path follows."""

_PRAGMAS = (
    "journal_mode=TRUNCATE",
    "synchronous=EXTRA",
    "trusted_schema=OFF",
    "secure_delete=ON",  # what has expired is not to be found in a free page
    "cache_size=-65536",
    "temp_store=MEMORY",
)
APPLICATION_ID = 0x4C454447  # "LEDG" in SQLite's file header (PRAGMA application_id)
_NETWORK_FILE_SYSTEMS = ("nfs", "cifs", "smb", "afs", "ceph", "glusterfs", "lustre", "9p", "fuse.sshfs", "fuse.glusterfs", "ncpfs", "beegfs")


def configure(connection: sqlite3.Connection) -> None:
    """Set a new connection up. Transactions begin where we say."""
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}").close()


def write_queue(path: Path, timeout: float) -> AbstractContextManager[None]:
    """The queue of those who write to the file at ``path``; to be held for the length of the transaction.

    :raises Busy: if its turn did not come within ``timeout`` seconds.
    """
    return held_lock(path.with_name(path.name + ".lock"), timeout, "write to the ledger")


def check_existing(path: Path) -> None:
    """Raise :class:`HomeError` unless there is a regular file at ``path``, ours or one that we may write to."""
    if not path.exists():
        raise HomeError(f"there is no database at {path}", "create one with: ledger init")
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise HomeError(f"{path} is not a regular file", "choose another home with --home")
    if os.geteuid() not in (0, status.st_uid) and not os.access(path, os.W_OK):
        raise HomeError(f"{path} belongs to somebody else (user {status.st_uid})", "run as that user, or choose another home with --home")


def refuse_network(path: Path) -> None:
    """Raise :class:`HomeError` if ``path`` lies on a network file system."""
    kind = file_system_of(path)
    if kind.startswith(_NETWORK_FILE_SYSTEMS):
        raise HomeError(
            f"{path} lies on a network file system ({kind}), whose locks cannot be trusted",
            "keep the home on a local disk, or set allow_network_home = true in ledger.toml",
        )


def file_system_of(path: Path) -> str:
    """The file system type of the mount that holds ``path``, from /proc/self/mounts (proc(5)); empty where that cannot be read."""
    try:
        mounts = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return ""
    resolved = str(path.resolve())
    best = ("", "")
    for line in mounts.splitlines():
        _, mount, kind, *_ = line.split(" ")
        mount = mount.replace("\\040", " ")
        inside = mount == "/" or resolved == mount or resolved.startswith(mount + "/")
        if inside and len(mount) >= len(best[0]):
            best = (mount, kind)
    return best[1]
