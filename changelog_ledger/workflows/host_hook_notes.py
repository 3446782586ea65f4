"""How the last calls went: what the script of ``host-hooks`` notes in the home."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from changelog_ledger.errors import InvalidTime
from changelog_ledger.model.host_hooks import HookCall, Occasion
from changelog_ledger.model.times import format_instant, parse_instant
from changelog_ledger.snapshots.private_files import write_private
from changelog_ledger.workflows.host_hook_files import HostRoot
from changelog_ledger.workflows.host_hook_texts import STATE_FOLDER


def calls_noted(root: HostRoot, home: str) -> Iterator[HookCall]:
    """The last call on each occasion: ``CODE TIME`` or ``began TIME``, one file an occasion. A disk that was full leaves an empty one."""
    for occasion in Occasion:
        last = _noted(root.content(f"{home}/{STATE_FOLDER}/{occasion}.last"))
        if last is not None:
            worked = _noted(root.content(f"{home}/{STATE_FOLDER}/{occasion}.worked"))
            yield HookCall(occasion, last[1], int(last[0]) if last[0].isdecimal() else None, worked[1] if worked and worked[0] == "0" else None)


FIRST_LOOK = timedelta(days=30)
"""How far back the journal is read by the first call: all of it may be years, and gigabytes."""


def journal_since(home: Path, now: datetime) -> datetime:
    """From when on the hooks read the journal: some time before their first call, noted then and never moved.

    What is read already, the journal's cursor passes over. A mark that moved with each call would leave out what could not be read for a while.

    :raises OSError: if it is not noted yet, and cannot be.
    """
    place = home / STATE_FOLDER / "journal.since"
    try:
        return parse_instant(place.read_text("ascii").strip())
    except (FileNotFoundError, UnicodeDecodeError, InvalidTime):  # a disk that was full leaves an empty one
        begin = now - FIRST_LOOK
    place.parent.mkdir(mode=0o700, exist_ok=True)
    write_private(place, f"{format_instant(begin)}\n".encode())
    return begin


def _noted(content: bytes | None) -> tuple[str, datetime] | None:
    word, _, time = (content or b"").decode("ascii", "replace").strip().partition(" ")
    try:
        return word, datetime.strptime(time, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None
