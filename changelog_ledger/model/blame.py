"""Who set what: the keys of a file, each with the snapshot and the change that it is owed to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from changelog_ledger.model.evidence import Confidence


class BlameKind(StrEnum):
    """What a blamed entry is: a key, a line (of a file that is not read by keys), metadata (``mode``, ``owner``, ``group``), or all the content."""

    KEY = "key"
    LINE = "line"
    METADATA = "metadata"
    CONTENT = "content"


class Origin(StrEnum):
    """What an entry is owed to.

    ``change``: a logged change explains the edit. ``unlogged``: a snapshot found it and no change explains it. ``first-snapshot``: it was so
    when the host was first looked at. ``earlier``: it is older than what was looked at.
    """

    CHANGE = "change"
    UNLOGGED = "unlogged"
    FIRST_SNAPSHOT = "first-snapshot"
    EARLIER = "earlier"


@dataclass(frozen=True, slots=True)
class Setting:
    """The edit that an entry is owed to.

    :ivar snapshot: id of the snapshot that found it; ``actor`` is who made the change, else who took that snapshot (or wrote the adopted commit).
    :ivar not_before: when the host was looked at before, None where nobody had looked; ``not_after`` when it was found.
    :ivar seen_at: the best estimate of when it happened, within the two.
    :ivar change: the change that explains it, or empty; ``ref`` and ``title`` are the change's.
    :ivar note: what a reader should know besides.
    """

    origin: Origin
    snapshot: str
    not_before: datetime | None
    not_after: datetime
    seen_at: datetime
    actor: str = ""
    reason: str = ""
    change: str = ""
    ref: str = ""
    title: str = ""
    confidence: Confidence = Confidence.NONE
    because: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class BlamedEntry:
    """One key, and whom it is owed to.

    :ivar value: what it is; of one that is gone, what it was last.
    :ivar before: what it was before that edit, where one difference says so; None where there was nothing.
    :ivar evidence: id of that difference, or empty; ``ledger explain`` takes it.
    """

    kind: BlameKind
    key: str
    value: Any
    setting: Setting
    line: int | None = None
    removed: bool = False
    before: Any = None
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Blame:
    """The answer of ``blame``.

    :ivar snapshot: the snapshot that was read, of ``at``.
    :ivar format: how the file was read: ``nginx``, ``lines`` …; empty where it has no text.
    :ivar reason: why a richer format was given up for lines, or empty.
    :ivar asked: the key or glob that was asked for, or empty.
    :ivar entries: in the order of the file, metadata last.
    :ivar removed: whether what was asked for is gone: the entries then say who removed it.
    """

    host: str
    path: str
    snapshot: str
    at: datetime
    entries: tuple[BlamedEntry, ...]
    format: str = ""
    reason: str = ""
    asked: str = ""
    removed: bool = False
