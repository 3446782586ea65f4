"""``/var/log/wtmp`` and its rotations, as bytes. (What the records mean: ``observations/journal/login_table.py``, which says why not by ``last``.)"""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import sqlite3
import stat
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import IO, NamedTuple, cast

from changelog_ledger.model.ingestion import Gap
from changelog_ledger.sources.log_names import rotations
from changelog_ledger.sources.rooted import list_directory, open_file

_FOLDER = "/var/log"
_PIECE = 1024 * 1024
_MOST_BYTES = 2 * 1024**3
_DATABASE = "/var/lib/wtmpdb/wtmp.db"


class TablePiece(NamedTuple):
    """Some bytes of one file; an empty piece ends the file."""

    source: str
    content: bytes


class StoredLogin(NamedTuple):
    """A row of wtmpdb(8): times in microseconds since 1970, None where it is not over."""

    kind: int
    user: str
    login: int
    logout: int | None
    tty: str
    host: str
    service: str


def table_pieces(root: str, gaps: list[Gap], progress: Callable[[int], None] = lambda _bytes: None) -> Iterator[TablePiece]:
    """What the tables hold, the oldest first, in pieces."""
    try:
        names = list_directory(root, _FOLDER)
    except OSError:  # no logs: no table
        return
    for name in rotations("wtmp", names):
        source = f"{_FOLDER}/{name}"
        try:
            descriptor = open_file(root, source)
        except OSError as error:
            gaps.append(Gap(source, error.strerror or str(error)))
            continue
        with os.fdopen(descriptor, "rb") as file:
            yield from _of_file(file, source, gaps, progress)


def _of_file(file: IO[bytes], source: str, gaps: list[Gap], progress: Callable[[int], None]) -> Iterator[TablePiece]:
    read = 0
    try:
        with _plain(file) as stream:
            while (content := stream.read(_PIECE)) and read <= _MOST_BYTES:
                read += len(content)
                progress(len(content))
                yield TablePiece(source, content)
    except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:
        gaps.append(Gap(source, f"truncated or damaged ({error}); what comes before was read"))
    yield TablePiece(source, b"")


def _plain(file: IO[bytes]) -> IO[bytes]:
    beginning = file.read(6)
    file.seek(0)
    if beginning.startswith(b"\x1f\x8b"):
        return cast("IO[bytes]", gzip.GzipFile(fileobj=file))
    if beginning.startswith(b"BZh"):
        return bz2.BZ2File(file)
    return lzma.LZMAFile(file) if beginning == b"\xfd7zXZ\x00" else file


def stored_logins(root: str, gaps: list[Gap]) -> Iterator[StoredLogin]:
    """The rows of wtmpdb's table, which stands where wtmp stood on systems without 32-bit times; nothing where there is none."""
    try:
        descriptor = open_file(root, _DATABASE)
    except OSError as error:
        if stat.S_ISREG(_mode(root)):
            gaps.append(Gap(_DATABASE, error.strerror or str(error)))
        return
    try:
        with closing(sqlite3.connect(f"file:/proc/self/fd/{descriptor}?mode=ro&immutable=1", uri=True)) as database:
            rows = database.execute("SELECT Type, User, Login, Logout, TTY, RemoteHost, Service FROM wtmp ORDER BY Login, ID")
            for kind, user, login, logout, tty, host, service in rows:
                if isinstance(kind, int) and isinstance(login, int):
                    ended = logout if isinstance(logout, int) else None
                    yield StoredLogin(kind, str(user or ""), login, ended, str(tty or ""), str(host or ""), str(service or ""))
    except (sqlite3.Error, UnicodeError) as error:
        gaps.append(Gap(_DATABASE, f"cannot be read: {error}"))
    finally:
        os.close(descriptor)


def _mode(root: str) -> int:
    try:
        return os.lstat(f"{root.rstrip('/')}{_DATABASE}").st_mode
    except OSError:
        return 0
