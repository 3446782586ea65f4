"""Snapshots: the watched configuration of one host at one time, and the manifest that says what is in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

UNSEEN = ("mode", "owner", "attributes")
"""All the metadata that :attr:`FileEntry.assumed` can name."""


MOST_NAMED = 50
"""So many of the paths that it leaves out does a snapshot name: every fact holds them. The manifest has all."""


class FileType(StrEnum):
    """What a path is. Only regular files and symlinks have content in the repository."""

    FILE = "file"
    SYMLINK = "symlink"
    DIRECTORY = "directory"
    FIFO = "fifo"
    SOCKET = "socket"
    CHARACTER_DEVICE = "character-device"
    BLOCK_DEVICE = "block-device"
    UNKNOWN = "unknown"


class Skipped(StrEnum):
    """Why a file's content is not in the repository."""

    UNREADABLE = "unreadable"
    CHANGING = "changing"
    OVERSIZED = "oversized"
    SPECIAL = "special"


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One path of a manifest.

    :ivar path: absolute path on the host; bytes that are no UTF-8 are surrogate escapes (PEP 383).
    :ivar mode: permission bits including setuid, setgid and sticky (``0o0644``).
    :ivar size: bytes of the content on the host, before redaction.
    :ivar sha256: hex SHA-256 of the content on the host; empty where there is none or where ``redacted``.
    :ivar fingerprint: keyed digest of the content where it was redacted: a plain hash of a file that holds a short secret could be guessed.
    :ivar mtime_ns: modification time, nanoseconds since the epoch.
    :ivar link_to: a symlink's text.
    :ivar redacted: how many secrets were masked in it; the original is sealed beside it.
    :ivar sealed_for: short digest of the recipients that the original is sealed for; empty where nothing is.
    :ivar attributes: extended attributes by name, sorted, values in base64: ACLs (``system.posix_acl_access``), capabilities, labels (xattr(7)).
    :ivar assumed: which metadata nobody saw, an import or an adopted history says nothing of it: ``mode``, ``owner`` (and group), ``attributes``.
    :ivar skipped: why the content is missing, or None; ``detail`` says more (the system's own words).
    """

    path: str
    type: FileType
    mode: int
    uid: int
    gid: int
    owner: str
    group: str
    size: int = 0
    sha256: str = ""
    fingerprint: str = ""
    mtime_ns: int = 0
    link_to: str = ""
    redacted: int = 0
    skipped: Skipped | None = None
    detail: str = ""
    sealed_for: str = ""
    attributes: tuple[tuple[str, str], ...] = ()
    assumed: tuple[str, ...] = ()

    @property
    def is_unread(self) -> bool:
        """Whether something that should be here could not be read."""
        return self.skipped in (Skipped.UNREADABLE, Skipped.CHANGING)

    @property
    def left_out(self) -> LeftOut | None:
        """What a snapshot says of it where its content is left out by rule."""
        if self.skipped not in (Skipped.OVERSIZED, Skipped.SPECIAL):
            return None
        return LeftOut(self.path, self.skipped, self.detail or str(self.type))


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A path of which a snapshot holds the metadata (and perhaps the digest), and by rule not the content: oversized or special.

    :ivar detail: the rule, or what kind of special file it is: ``over 1048576 bytes: hash only``, ``fifo``.
    """

    path: str
    why: Skipped
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """Every path of a snapshot, by path."""

    entries: Mapping[str, FileEntry] = field(default_factory=dict)

    def __iter__(self) -> Iterator[FileEntry]:
        return iter(self.entries.values())

    def __len__(self) -> int:
        return len(self.entries)

    @property
    def unread(self) -> tuple[FileEntry, ...]:
        """The entries whose content should be here and is not."""
        return tuple(entry for entry in self if entry.is_unread)


class Phase(StrEnum):
    """Which side of a change's run a snapshot was taken on."""

    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One look at a host's configuration.

    :ivar id: the ULID of its fact.
    :ivar commit: the git commit; the same as the previous snapshot's when nothing had changed.
    :ivar previous: the commit before, None for the host's first.
    :ivar previous_at: when the snapshot before was taken: what this one adds happened in between.
    :ivar change: the change whose run took it, or empty; ``phase`` says on which side.
    :ivar unread: paths that could not be read, as shown to people.
    :ivar left_out: paths whose content is left out by rule, at most :data:`MOST_NAMED`; ``left_out_count`` counts all of them.
    """

    id: str
    host: str
    at: datetime
    commit: str
    previous: str | None = None
    previous_at: datetime | None = None
    reason: str = ""
    change: str = ""
    phase: Phase | None = None
    files: int = 0
    unread: tuple[str, ...] = ()
    actor: str = ""
    left_out: tuple[LeftOut, ...] = ()
    left_out_count: int = 0

    @property
    def partial(self) -> bool:
        """Whether it lacks the content of something that is there."""
        return bool(self.unread or self.left_out_count)

    @property
    def unchanged(self) -> bool:
        """Whether it found what the one before had found."""
        return self.commit == self.previous
