"""How the last calls went: what the script of ``host-hooks`` notes in the home."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from changelog_ledger.model.host_hooks import HookCall, Occasion
from changelog_ledger.workflows.host_hook_files import HostRoot
from changelog_ledger.workflows.host_hook_texts import STATE_FOLDER


def calls_noted(root: HostRoot, home: str) -> Iterator[HookCall]:
    """The last call on each occasion: ``CODE TIME`` or ``began TIME``, one file an occasion. A disk that was full leaves an empty one."""
    for occasion in Occasion:
        last = _noted(root.content(f"{home}/{STATE_FOLDER}/{occasion}.last"))
        if last is not None:
            worked = _noted(root.content(f"{home}/{STATE_FOLDER}/{occasion}.worked"))
            yield HookCall(occasion, last[1], int(last[0]) if last[0].isdecimal() else None, worked[1] if worked else None)


def _noted(content: bytes | None) -> tuple[str, datetime] | None:
    word, _, time = (content or b"").decode("ascii", "replace").strip().partition(" ")
    try:
        return word, datetime.strptime(time, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None
