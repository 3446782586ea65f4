"""Reading the paths of one directory: what is at a name, exactly as it is on the disk.

Everything goes through the directory's descriptor, which is reached component by component without following links: a directory that
somebody swaps for a link while we look leads nowhere else.
"""

from __future__ import annotations

import errno
import hashlib
import os
import posixpath
import stat
from base64 import b64encode
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from changelog_ledger.model.snapshot import FileEntry, FileType, Skipped
from changelog_ledger.sources.owners import Owners
from changelog_ledger.sources.survey import Signature, signature_of

_ATTEMPTS = 3
_CHUNK = 1024 * 1024
# NOFOLLOW: a link put in place after the lstat is not followed. NONBLOCK: a FIFO put in place does not hang us. NOCTTY: nor becomes our terminal.
_OPEN_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
# O_PATH: to pass through a directory takes the right to search it, not to list it (open(2)).
_PASS_THROUGH = os.O_PATH | os.O_NOFOLLOW | os.O_DIRECTORY | os.O_CLOEXEC
_NO_ATTRIBUTES = (errno.ENOTSUP, errno.ENODATA, errno.ENOENT, errno.ENOTDIR, errno.ELOOP)
_TYPES = {
    stat.S_IFREG: FileType.FILE,
    stat.S_IFLNK: FileType.SYMLINK,
    stat.S_IFDIR: FileType.DIRECTORY,
    stat.S_IFIFO: FileType.FIFO,
    stat.S_IFSOCK: FileType.SOCKET,
    stat.S_IFCHR: FileType.CHARACTER_DEVICE,
    stat.S_IFBLK: FileType.BLOCK_DEVICE,
}

Attributes = tuple[tuple[str, str], ...]


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


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes of a regular file up to which its content is taken (``size``), and up to which it is at least hashed (``hashed``)."""

    size: int
    hashed: int


@dataclass(slots=True)
class DirectoryReader:
    """Captures names of one directory; a context manager that holds the directory's descriptor.

    :ivar root: the directory that stands for ``/``, resolved.
    :ivar directory: host path of a directory without links on its way, as a survey finds it.
    """

    root: str
    directory: str
    owners: Owners
    limits: Limits
    _descriptor: int = field(default=-1, init=False)
    _trouble: OSError | None = field(default=None, init=False)

    def __enter__(self) -> Self:
        try:
            self._descriptor = _open_directory(self.root, self.directory)
        except OSError as error:  # told with every name that is asked for
            self._trouble = error
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)

    def status(self, name: str) -> Signature:
        """The signature of what is there now.

        :raises OSError: if it is not there or cannot be looked at.
        """
        if self._trouble:
            raise self._trouble
        return signature_of(os.lstat(name or ".", dir_fd=self._descriptor))

    def capture(self, name: str, signature: Signature | None, trouble: str | None = None) -> CapturedFile | None:
        """What is at ``name``; None if there is nothing any more.

        :param signature: as the survey found it; None if it could not be looked at.
        :param trouble: the system's words if the survey could not look at it or list it.
        """
        if trouble is not None:
            return CapturedFile(self._entry(name, signature, skipped=Skipped.UNREADABLE, detail=trouble))
        if signature is None or isinstance(self._trouble, FileNotFoundError):
            return None
        if self._trouble:
            return CapturedFile(self._entry(name, signature, skipped=Skipped.UNREADABLE, detail=_words(self._trouble)))
        match stat.S_IFMT(signature[4]):
            case stat.S_IFREG:
                return self._regular(name, signature)
            case stat.S_IFLNK:
                return self._link(name, signature)
            case stat.S_IFDIR:
                return self._unopened(name, signature, None)
            case _:
                return self._unopened(name, signature, Skipped.SPECIAL)

    def _unopened(self, name: str, signature: Signature, skipped: Skipped | None) -> CapturedFile:
        """A directory or special file: what lstat and listxattr say of it."""
        try:
            return CapturedFile(self._entry(name, signature, skipped=skipped, attributes=self._attributes(name)), None, signature)
        except OSError as error:
            return CapturedFile(self._entry(name, signature, skipped=Skipped.UNREADABLE, detail=f"extended attributes: {_words(error)}"))

    def _link(self, name: str, signature: Signature) -> CapturedFile | None:
        try:
            text, attributes = os.readlink(name, dir_fd=self._descriptor), self._attributes(name)
        except FileNotFoundError:
            return None
        except OSError as error:
            return CapturedFile(self._entry(name, signature, skipped=Skipped.UNREADABLE, detail=_words(error)))
        content = os.fsencode(text)
        return CapturedFile(self._entry(name, signature, size=len(content), link_to=text, attributes=attributes), content, signature)

    def _regular(self, name: str, signature: Signature) -> CapturedFile | None:
        for _ in range(_ATTEMPTS):
            try:
                captured = self._read_once(name)
            except FileNotFoundError:
                return None
            except OSError as error:
                if error.errno == errno.ELOOP:  # it has become a link since it was surveyed
                    continue
                return CapturedFile(self._entry(name, signature, skipped=Skipped.UNREADABLE, detail=_words(error)))
            if captured is not None:
                return captured
        return CapturedFile(self._entry(name, signature, skipped=Skipped.CHANGING, detail=f"changed during each of {_ATTEMPTS} readings"))

    def _read_once(self, name: str) -> CapturedFile | None:
        """One reading; None if the file changed meanwhile."""
        descriptor = os.open(name, _OPEN_FILE, dir_fd=self._descriptor)
        try:
            before = signature_of(os.fstat(descriptor))
            if not stat.S_ISREG(before[4]):
                return None
            captured = self._content(name, before, descriptor)
            return captured if signature_of(os.fstat(descriptor)) == before else None
        finally:
            os.close(descriptor)

    def _content(self, name: str, signature: Signature, descriptor: int) -> CapturedFile | None:
        size, limits = signature[2], self.limits
        attributes = _attributes_of(descriptor)
        if size > limits.hashed:
            modified = datetime.fromtimestamp(signature[0] // 10**9, UTC).isoformat() if signature[0] < 2**62 else str(signature[0])
            detail = f"over {limits.hashed} bytes: not hashed; modified {modified} ({signature[0]} ns)"
            entry = self._entry(name, signature, size=size, skipped=Skipped.OVERSIZED, detail=detail, attributes=attributes)
            return CapturedFile(entry, None, signature)
        if size > limits.size:
            return self._oversized(name, signature, descriptor, b"", attributes)
        content = _read_up_to(descriptor, size or limits.size)
        if 0 < size < len(content):
            return None  # it grows while we read
        if len(content) > limits.size:  # files of /proc give no size
            return self._oversized(name, signature, descriptor, content, attributes)
        digest = hashlib.sha256(content).hexdigest()
        return CapturedFile(self._entry(name, signature, size=len(content), sha256=digest, attributes=attributes), content, signature)

    def _oversized(self, name: str, signature: Signature, descriptor: int, beginning: bytes, attributes: Attributes) -> CapturedFile:
        digest, size, limits = hashlib.sha256(beginning), len(beginning), self.limits
        while size <= limits.hashed and (chunk := os.read(descriptor, _CHUNK)):
            digest.update(chunk)
            size += len(chunk)
        ended = size <= limits.hashed
        detail = f"over {limits.size} bytes: hash only" if ended else f"over {limits.hashed} bytes: not hashed"
        digits = digest.hexdigest() if ended else ""
        entry = self._entry(name, signature, size=size, sha256=digits, skipped=Skipped.OVERSIZED, detail=detail, attributes=attributes)
        return CapturedFile(entry, None, signature)

    def _attributes(self, name: str) -> Attributes:
        """Of what cannot be opened without side effects: there is no listxattr(2) relative to a directory, so by way of /proc."""
        return _attributes_of(f"/proc/self/fd/{self._descriptor}/{name or '.'}")

    def _entry(
        self,
        name: str,
        signature: Signature | None,
        *,
        size: int = 0,
        sha256: str = "",
        link_to: str = "",
        skipped: Skipped | None = None,
        detail: str = "",
        attributes: Attributes = (),
    ) -> FileEntry:
        path = joined(self.directory, name)
        if signature is None:  # not even lstat was allowed
            return FileEntry(path, FileType.UNKNOWN, 0, -1, -1, "", "", skipped=skipped, detail=detail)
        mtime_ns, _, size_on_disk, _, mode, uid, gid = signature
        kind = _TYPES.get(stat.S_IFMT(mode), FileType.UNKNOWN)
        if skipped in (Skipped.UNREADABLE, Skipped.CHANGING) and kind is FileType.FILE:
            size = size_on_disk
        owner, group = self.owners.user(uid), self.owners.group(gid)
        # Positional: twice as fast as by keyword, and a first snapshot makes twenty thousand of them.
        return FileEntry(
            path, kind, stat.S_IMODE(mode), uid, gid, owner, group, size, sha256, "", mtime_ns, link_to, 0, skipped, detail, "", attributes
        )


def joined(directory: str, name: str) -> str:
    """The path of a name in a directory."""
    return f"/{name}" if directory == "/" else f"{directory}/{name}"


def parted(path: str) -> tuple[str, str]:
    """Directory and name of a path; the root is the nameless entry of itself."""
    return posixpath.dirname(path), posixpath.basename(path)


def _open_directory(root: str, directory: str) -> int:
    """A descriptor of ``directory`` below ``root``, no link followed on the way."""
    descriptor = os.open(root, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    for step in directory.strip("/").split("/") if directory != "/" else ():
        above = descriptor
        try:
            descriptor = os.open(step, _PASS_THROUGH, dir_fd=above)
        finally:
            os.close(above)
    return descriptor


def _attributes_of(place: int | str) -> Attributes:
    """Every extended attribute, sorted, in base64 (xattr(7)); none where the file system has none. What may not be read is left out by the system."""
    try:
        names = os.listxattr(place) if isinstance(place, int) else os.listxattr(place, follow_symlinks=False)
        return tuple((name, b64encode(_attribute(place, name)).decode("ascii")) for name in sorted(names)) if names else ()
    except OSError as error:
        if error.errno in _NO_ATTRIBUTES:  # not supported here, or just removed
            return ()
        raise


def _attribute(place: int | str, name: str) -> bytes:
    return os.getxattr(place, name) if isinstance(place, int) else os.getxattr(place, name, follow_symlinks=False)


def _read_up_to(descriptor: int, limit: int) -> bytes:
    """To the end, or to where more than ``limit`` bytes are read."""
    content = os.read(descriptor, limit + 1)
    while 0 < len(content) <= limit and (chunk := os.read(descriptor, limit + 1)):
        content += chunk
    return content


def _words(error: OSError) -> str:
    return error.strerror or str(error)
