"""What a commit message says of its snapshot, so that a commit without a fact can be adopted later.

::

    snapshot web-01 2026-11-21T13:03:00Z

    Ledger-Snapshot: {"actor":"anna","at":"2026-11-21T13:03:00Z",...}
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from changelog_ledger.errors import RepositoryError
from changelog_ledger.model.snapshot import LeftOut, Phase, Skipped, Snapshot
from changelog_ledger.model.times import format_instant, parse_instant

_TRAILER = "Ledger-Snapshot: "


@dataclass(frozen=True, slots=True)
class SnapshotNote:
    """A snapshot without what only git knows (its commit and its parent). Fields as in :class:`~changelog_ledger.model.snapshot.Snapshot`.

    :ivar key: what the fact is known by where that is not ``id``: an import that died half way is the same import when it is repeated.
    """

    id: str
    host: str
    at: datetime
    reason: str = ""
    change: str = ""
    phase: Phase | None = None
    actor: str = ""
    files: int = 0
    unread: tuple[str, ...] = ()
    key: str = ""
    left_out: tuple[LeftOut, ...] = ()
    left_out_count: int = 0

    def snapshot(self, commit: str, previous: str | None, previous_at: datetime | None = None) -> Snapshot:
        """The snapshot that this note and its commit are."""
        return Snapshot(
            id=self.id,
            host=self.host,
            at=self.at,
            commit=commit,
            previous=previous,
            previous_at=previous_at,
            reason=self.reason,
            change=self.change,
            phase=self.phase,
            files=self.files,
            unread=self.unread,
            actor=self.actor,
            left_out=self.left_out,
            left_out_count=self.left_out_count,
        )


def commit_message(note: SnapshotNote) -> bytes:
    """The message of the snapshot's commit. ASCII; whatever people typed is inside JSON strings."""
    row: dict[str, Any] = {"id": note.id, "host": note.host, "at": format_instant(note.at), "files": note.files}
    optional: dict[str, Any] = {
        "reason": note.reason,
        "change": note.change,
        "phase": note.phase,
        "actor": note.actor,
        "unread": list(note.unread),
        "key": note.key,
    }
    optional["left_out"] = [[left.path, left.why, left.detail] for left in note.left_out]
    optional["left_out_count"] = note.left_out_count
    row |= {key: value for key, value in optional.items() if value}
    body = json.dumps(row, sort_keys=True, separators=(",", ":"))
    return f"snapshot {note.host} {format_instant(note.at)}\n\n{_TRAILER}{body}\n".encode("ascii")


def parse_message(message: bytes) -> SnapshotNote | None:
    """The note in a commit message; None where there is none (an adopted history, a commit made by hand).

    :raises RepositoryError: if there is one that cannot be read.
    """
    lines = [line for line in message.decode("utf-8", "surrogateescape").splitlines() if line.startswith(_TRAILER)]
    if not lines:
        return None
    try:
        row = json.loads(lines[-1].removeprefix(_TRAILER))
        return SnapshotNote(
            id=row["id"],
            host=row["host"],
            at=parse_instant(row["at"]),
            reason=row.get("reason", ""),
            change=row.get("change", ""),
            phase=Phase(row["phase"]) if "phase" in row else None,
            actor=row.get("actor", ""),
            files=row["files"],
            unread=tuple(row.get("unread", ())),
            key=row.get("key", ""),
            left_out=tuple(LeftOut(path, Skipped(why), detail) for path, why, detail in row.get("left_out", ())),
            left_out_count=row.get("left_out_count", 0),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise RepositoryError(f"the note of a snapshot's commit cannot be read: {error}", "run 'ledger verify'") from error
