"""Evidence: what differs and what was seen, and which change explains it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from changelog_ledger.model.topology import Target

STALE_AFTER = timedelta(hours=26)
"""How old a host's last snapshot may be, where the settings do not say: one a day, and two hours for its being late."""


class Op(StrEnum):
    """What kind of difference it is.

    ``metadata`` is owner, group, mode or type; ``opaque`` a difference that is no difference of keys (binary, comment, white space, line ends),
    whose ``note`` names it; ``observed`` belongs to observations.
    """

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"
    METADATA = "metadata"
    OPAQUE = "opaque"
    OBSERVED = "observed"


@dataclass(frozen=True, slots=True)
class Delta:
    """One difference at one key of one file.

    :ivar path: the file's path on the host.
    :ivar key: the key as the format's own language writes it (``http/server[shop.example]/listen``); None for the file as a whole.
    :ivar before: a JSON value (str, list or dict of them), None where there was nothing.
    :ivar line: line of the key on the side that has it (after, else before), None if unknown.
    :ivar note: what a reader should know besides (``white space only``, ``symlink became file``, ``read by lines: not valid YAML``).
    :ivar mtime: the file's own modification time after the edit, where the manifest has one: a claim, not a proof.
    """

    path: str
    key: str | None
    op: Op
    before: Any = None
    after: Any = None
    line: int | None = None
    note: str = ""
    mtime: datetime | None = None


RENAMED = "renamed from "
"""How the note begins of what has another name now."""


def is_renamed(op: Op, note: str) -> bool:
    """Whether something has another name now, which ``before`` and ``after`` say, rather than another place."""
    return op is Op.MOVED and note.startswith(RENAMED)


@dataclass(frozen=True, slots=True)
class RecordedDelta:
    """A delta as the store keeps it: with the snapshot that found it.

    What it shows happened after ``not_before`` (the host's snapshot before) and not after ``not_after`` (the one that found it).

    :ivar change: the change whose own run found it, or empty.
    :ivar explained_by: the change that somebody named for it by hand, or empty.
    :ivar expected_by: the change under which the gate had let in exactly what was found, or empty.
    """

    id: str
    host: str
    snapshot: str
    not_before: datetime
    not_after: datetime
    delta: Delta
    change: str = ""
    explained_by: str = ""
    expected_by: str = ""


BY_ITSELF = frozenset(("certificate-expired", "clock-jump", "oom-kill", "service-failed"))
"""Kinds of observations of what nobody does: it happens, so nobody can be asked why, and nobody would log it."""

UNKNOWN = "unknown"
"""The actor of what another program recorded and names nobody for. Not who read the record: whoever ingests has upgraded nothing."""


@dataclass(frozen=True, slots=True)
class Observation:
    """Something seen that is no file difference.

    :ivar what: ``package-upgraded``, ``service-restarted``, ``reboot``, ``deploy`` … an open list.
    :ivar explained_by: the change that somebody named for it by hand, or empty.
    """

    id: str
    what: str
    target: Target
    at: datetime
    summary: str
    ref: str = ""
    actor: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    explained_by: str = ""


class Confidence(StrEnum):
    """How surely a change explains a piece of evidence.

    ``explicit``: the change's own run took the snapshots around it, or the gate had let in these very bytes under it, or somebody attributed it by
    hand. ``scope``: target, path and actual window fit. ``time``: only the time speaks for it. ``none``: unlogged.
    """

    EXPLICIT = "explicit"
    SCOPE = "scope"
    TIME = "time"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class PossibleActor:
    """Somebody who was on the host when a piece of evidence came about: who may have done it, never who did.

    :ivar actor: the account.
    :ivar at: when the login or command was.
    :ivar summary: what the record says: ``logged in from 10.0.0.5 (ssh) 13:55 to 14:20``, ``ran vim /etc/nginx.conf as root``.
    :ivar ref: the observation's ``EV-…``.
    """

    actor: str
    at: datetime
    summary: str
    ref: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """A net delta or an observation, with the change that explains it.

    :ivar id: ``EV-…`` of its newest part; ``explain`` takes it.
    :ivar kind: ``config``, or an observation's ``what`` in short (``package``, ``restart``, ``reboot``, ``deploy`` …).
    :ivar target: the host or service it was seen on.
    :ivar seen_at: the best estimate of when it happened, within ``not_before`` and ``not_after``.
    :ivar explained_by: a change's id, or empty when it is unlogged.
    :ivar because: one clause that says why this change explains it, or why none does.
    :ivar transient: changed and changed back within the window.
    :ivar parts: ids of the recorded deltas that it sums up, oldest first.
    :ivar possible_actors: who was there at that time; only where it is unlogged.
    :ivar noise: the rule that makes it noise, where noise was asked for; else empty.
    """

    id: str
    kind: str
    target: Target
    op: Op
    not_before: datetime
    not_after: datetime
    seen_at: datetime
    summary: str
    path: str | None = None
    key: str | None = None
    before: Any = None
    after: Any = None
    line: int | None = None
    note: str = ""
    ref: str = ""
    actor: str = ""
    explained_by: str = ""
    confidence: Confidence = Confidence.NONE
    because: str = ""
    transient: bool = False
    parts: tuple[str, ...] = ()
    noise: str = ""
    possible_actors: tuple[PossibleActor, ...] = ()

    @property
    def unlogged(self) -> bool:
        """Whether no change explains it."""
        return self.confidence is Confidence.NONE

    def judged(self, confidence: Confidence, because: str, explained_by: str = "") -> Evidence:
        """The same evidence with this verdict. Spelt out, for ``replace`` takes twice as long, and every piece of a question is judged."""
        return Evidence(
            self.id, self.kind, self.target, self.op, self.not_before, self.not_after, self.seen_at, self.summary, self.path, self.key,
            self.before, self.after, self.line, self.note, self.ref, self.actor, explained_by, confidence, because, self.transient, self.parts,
            self.noise, self.possible_actors,
        )  # fmt: skip
