"""Capture of local files: the bytes, owners and modes of what is watched, exactly as they are on the disk.

Two steps, so that unchanged files cost one ``lstat`` and nothing else::

    found = survey(["/etc"], ignore=["*.swp"])                 # sources.survey: which paths, with their stat signatures
    for file in read_changed(found, known_signatures):         # here: content of those whose signature is not the known one
        ...

The result is a stream: only one file's content is in memory at a time.
"""

from __future__ import annotations

import errno
import hashlib
import os
import posixpath
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from changelog_ledger.model.snapshot import FileEntry, FileType, Skipped
from changelog_ledger.sources.owners import Owners
from changelog_ledger.sources.survey import Signature, Signatures, Survey, signature_of, survey

__all__ = ["DEFAULT_SIZE_LIMIT", "HASH_LIMIT", "CapturedFile", "Signature", "Signatures", "Survey", "capture_one", "read_changed", "survey"]

DEFAULT_SIZE_LIMIT = 1024 * 1024
"""Bytes up to which a regular file's content is taken; above, its hash is."""

HASH_LIMIT = 64 * 1024 * 1024
"""Bytes up to which an oversized file is hashed; above (a sparse disk image, say), its size and modification time have to do."""

_ATTEMPTS = 3
_CHUNK = 1024 * 1024
# NOFOLLOW: a link put in place after the lstat is not followed. NONBLOCK: a FIFO put in place does not hang us. NOCTTY: nor becomes our terminal.
_OPEN_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
_TYPES = {
    stat.S_IFREG: FileType.FILE,
    stat.S_IFLNK: FileType.SYMLINK,
    stat.S_IFDIR: FileType.DIRECTORY,
    stat.S_IFIFO: FileType.FIFO,
    stat.S_IFSOCK: FileType.SOCKET,
    stat.S_IFCHR: FileType.CHARACTER_DEVICE,
    stat.S_IFBLK: FileType.BLOCK_DEVICE,
}


@dataclass(frozen=True, slots=True)
class CapturedFile:
    """One path that is new, changed, or could not be read.

    :ivar entry: its line of the manifest, as the host has it (not redacted; ``sha256`` is that of ``content``).
    :ivar content: the bytes of a regular file, the text of a link; None for everything else and for what was skipped.
    :ivar signature: to be remembered with it; None where the file has to be looked at again next time in any case.
    """

    entry: FileEntry
    content: bytes | None = None
    signature: Signature | None = None


def read_changed(found: Survey, known: Signatures, *, size_limit: int = DEFAULT_SIZE_LIMIT, hash_limit: int = HASH_LIMIT) -> Iterator[CapturedFile]:
    """Every surveyed path whose signature is not the known one, in the order of the bytes of directory and name.

    A file that has vanished since the survey is left out. What cannot be read comes with its reason in ``entry.skipped`` and the system's
    words in ``entry.detail``; no error of a single file ends the stream.

    :param known: signatures of the last capture, without those too young to be trusted (the stat cache leaves them out when it is written).
    :param size_limit: bytes above which a regular file is hashed only.
    :param hash_limit: bytes above which it is not even hashed.
    """
    reader = _Reader(found.root, Owners(found.root), size_limit, hash_limit)
    nothing: Mapping[str, Signature] = {}
    for directory in sorted(_touched(found, known), key=os.fsencode):
        then = known.get(directory, nothing)
        now = found.directories.get(directory, nothing)
        for name in sorted(_names(found, directory, now, then), key=os.fsencode):
            captured = reader.capture(_joined(directory, name), now.get(name), found.unreadable.get(_joined(directory, name)))
            if captured is not None:
                yield captured


def capture_one(path: str, *, root: str = "/", size_limit: int = DEFAULT_SIZE_LIMIT, hash_limit: int = HASH_LIMIT) -> CapturedFile | None:
    """One path as it is now, without a survey (for a restore's proof); None if it is not there."""
    reader = _Reader(os.path.realpath(root), Owners(root), size_limit, hash_limit)
    try:
        return reader.capture(path, signature_of(os.lstat(reader.real(path))), None)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        return reader.capture(path, None, error.strerror or str(error))


def _touched(found: Survey, known: Signatures) -> set[str]:
    changed = {directory for directory, names in found.directories.items() if names is not (then := known.get(directory)) and names != then}
    return changed | {posixpath.dirname(path) for path in found.unreadable}


def _names(found: Survey, directory: str, now: Mapping[str, Signature], then: Mapping[str, Signature]) -> set[str]:
    """The names in one directory that have to be looked at."""
    changed = {name for name, signature in now.items() if then.get(name) != signature}
    if not found.unreadable:
        return changed
    return changed | {posixpath.basename(path) for path in found.unreadable if posixpath.dirname(path) == directory}


def _joined(directory: str, name: str) -> str:
    return f"/{name}" if directory == "/" else f"{directory}/{name}"


@dataclass(frozen=True, slots=True)
class _Reader:
    """Turns a path and its signature into a captured file."""

    root: str
    owners: Owners
    size_limit: int
    hash_limit: int

    def real(self, path: str) -> str:
        return path if self.root == "/" else self.root + path

    def capture(self, path: str, signature: Signature | None, trouble: str | None) -> CapturedFile | None:
        """:param trouble: the system's words if the survey could not look at it or list it."""
        if trouble is not None:
            return CapturedFile(self._entry(path, signature, skipped=Skipped.UNREADABLE, detail=trouble))
        if signature is None:
            return None
        match stat.S_IFMT(signature[4]):
            case stat.S_IFREG:
                return self._regular(path, signature)
            case stat.S_IFLNK:
                return self._link(path, signature)
            case stat.S_IFDIR:
                return CapturedFile(self._entry(path, signature), None, signature)
            case _:
                return CapturedFile(self._entry(path, signature, skipped=Skipped.SPECIAL), None, signature)

    def _link(self, path: str, signature: Signature) -> CapturedFile | None:
        try:
            text = os.readlink(self.real(path))  # noqa: PTH115 - Path would normalise what the link says
        except FileNotFoundError:
            return None
        except OSError as error:
            return CapturedFile(self._entry(path, signature, skipped=Skipped.UNREADABLE, detail=error.strerror or str(error)))
        content = os.fsencode(text)
        return CapturedFile(self._entry(path, signature, size=len(content), link_to=text), content, signature)

    def _regular(self, path: str, signature: Signature) -> CapturedFile | None:
        for _ in range(_ATTEMPTS):
            try:
                captured = self._read_once(path)
            except FileNotFoundError:
                return None
            except OSError as error:
                if error.errno == errno.ELOOP:  # it has become a link since it was surveyed
                    continue
                return CapturedFile(self._entry(path, signature, skipped=Skipped.UNREADABLE, detail=error.strerror or str(error)))
            if captured is not None:
                return captured
        return CapturedFile(self._entry(path, signature, skipped=Skipped.CHANGING, detail=f"changed during each of {_ATTEMPTS} readings"))

    def _read_once(self, path: str) -> CapturedFile | None:
        """One reading; None if the file changed meanwhile."""
        descriptor = os.open(self.real(path), _OPEN_FILE)
        try:
            before = signature_of(os.fstat(descriptor))
            if not stat.S_ISREG(before[4]):
                return None
            captured = self._content(path, before, descriptor)
            return captured if signature_of(os.fstat(descriptor)) == before else None
        finally:
            os.close(descriptor)

    def _content(self, path: str, signature: Signature, descriptor: int) -> CapturedFile | None:
        size = signature[2]
        if size > self.hash_limit:
            modified = datetime.fromtimestamp(signature[0] // 10**9, UTC).isoformat() if signature[0] < 2**62 else str(signature[0])
            detail = f"over {self.hash_limit} bytes: not hashed; modified {modified} ({signature[0]} ns)"
            return CapturedFile(self._entry(path, signature, size=size, skipped=Skipped.OVERSIZED, detail=detail), None, signature)
        if size > self.size_limit:
            return self._oversized(path, signature, descriptor, b"")
        content = _read_up_to(descriptor, size or self.size_limit)
        if 0 < size < len(content):
            return None  # it grows while we read
        if len(content) > self.size_limit:  # files of /proc give no size
            return self._oversized(path, signature, descriptor, content)
        digest = hashlib.sha256(content).hexdigest()
        return CapturedFile(self._entry(path, signature, size=len(content), sha256=digest), content, signature)

    def _oversized(self, path: str, signature: Signature, descriptor: int, beginning: bytes) -> CapturedFile:
        digest, size = hashlib.sha256(beginning), len(beginning)
        while size <= self.hash_limit and (chunk := os.read(descriptor, _CHUNK)):
            digest.update(chunk)
            size += len(chunk)
        ended = size <= self.hash_limit
        detail = f"over {self.size_limit} bytes: hash only" if ended else f"over {self.hash_limit} bytes: not hashed"
        digits = digest.hexdigest() if ended else ""
        return CapturedFile(self._entry(path, signature, size=size, sha256=digits, skipped=Skipped.OVERSIZED, detail=detail), None, signature)

    def _entry(
        self,
        path: str,
        signature: Signature | None,
        *,
        size: int = 0,
        sha256: str = "",
        link_to: str = "",
        skipped: Skipped | None = None,
        detail: str = "",
    ) -> FileEntry:
        if signature is None:  # not even lstat was allowed
            return FileEntry(path, FileType.UNKNOWN, 0, -1, -1, "", "", skipped=skipped, detail=detail)
        mtime_ns, _, size_on_disk, _, mode, uid, gid = signature
        kind = _TYPES.get(stat.S_IFMT(mode), FileType.UNKNOWN)
        if skipped in (Skipped.UNREADABLE, Skipped.CHANGING) and kind is FileType.FILE:
            size = size_on_disk
        owner, group = self.owners.user(uid), self.owners.group(gid)
        # Positional: twice as fast as by keyword, and a first snapshot makes twenty thousand of them.
        return FileEntry(path, kind, stat.S_IMODE(mode), uid, gid, owner, group, size, sha256, "", mtime_ns, link_to, 0, skipped, detail)


def _read_up_to(descriptor: int, limit: int) -> bytes:
    """To the end, or to where more than ``limit`` bytes are read."""
    content = os.read(descriptor, limit + 1)
    while 0 < len(content) <= limit and (chunk := os.read(descriptor, limit + 1)):
        content += chunk
    return content
