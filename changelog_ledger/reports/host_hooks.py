"""``host-hooks``: what calls the ledger, and how that went."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from changelog_ledger.errors import EXIT_FINE, EXIT_PARTIAL
from changelog_ledger.model.host_hooks import TIME_LIMITS, HookCall, HookStep, HostFile, HostFileState, HostHooks
from changelog_ledger.model.times import format_instant, shown_instant
from changelog_ledger.reports.escape import printable

_SAID = {
    HostFileState.INSTALLED: "installed",
    HostFileState.OUTDATED: "outdated: ledger host-hooks install writes it anew",
    HostFileState.EDITED: "edited by somebody since it was installed",
    HostFileState.FOREIGN: "somebody else's file",
    HostFileState.ABSENT: "not installed",
    HostFileState.WRITTEN: "written",
    HostFileState.REFRESHED: "new",
    HostFileState.UNCHANGED: "there already",
    HostFileState.REMOVED: "removed",
}
_WOULD = {
    HostFileState.WRITTEN: "would be written",
    HostFileState.REFRESHED: "would be new",
    HostFileState.REMOVED: "would be removed",
}
_TIMED_OUT = (124, 137)
"""What timeout(1) ends with at its limit."""


def render_host_hooks(hooks: HostHooks, now: datetime) -> str:
    """A line for each file, and one for each call."""
    if not hooks.files:
        return printable(f"nothing of ours is below {hooks.root}; nothing is altered")
    return "\n".join(map(printable, [*_files(hooks), *(_call(call, now) for call in hooks.calls)]))


def host_hooks_document(hooks: HostHooks, now: datetime) -> dict[str, Any]:
    """The same as a JSON document, without its schema."""
    return {
        "root": hooks.root,
        "command": hooks.command,
        "home": hooks.home,
        "dry_run": hooks.dry_run,
        "files": [_file_document(file) for file in hooks.files],
        "calls": [_call_document(call, now) for call in hooks.calls],
        "warnings": list(hooks.warnings),
    }


def render_hook_step(step: HookStep, now: datetime, occasion: str) -> str:
    """A line of the log."""
    return printable(f"{shown_instant(now)} {occasion} {step.name}: {'failed: ' if step.code not in (EXIT_FINE, EXIT_PARTIAL) else ''}{step.outcome}")


def _files(hooks: HostHooks) -> Iterator[str]:
    said = _SAID | (_WOULD if hooks.dry_run else {})
    width = max(len(file.path) for file in hooks.files)
    for file in hooks.files:
        yield f"{file.path:<{width}}  {said[file.state]}"


def _call(call: HookCall, now: datetime) -> str:
    return f"{call.occasion} at {shown_instant(call.at)}: {_outcome(call, now)}" + _last_good(call)


def _outcome(call: HookCall, now: datetime) -> str:
    if call.code is None:
        return "did not come to its end" if (now - call.at).total_seconds() > TIME_LIMITS[call.occasion] + 60 else "under way"
    if call.code in _TIMED_OUT:
        return f"ended after {TIME_LIMITS[call.occasion]} seconds"
    return {EXIT_FINE: "worked", EXIT_PARTIAL: "worked, something could not be read"}.get(call.code, f"failed with {call.code}")


def _last_good(call: HookCall) -> str:
    if call.code in (EXIT_FINE, EXIT_PARTIAL):
        return ""
    return f"; it worked last at {shown_instant(call.worked_at)}" if call.worked_at else "; it never worked yet"


def _file_document(file: HostFile) -> dict[str, Any]:
    return {"part": file.part.value if file.part else None, "path": file.path, "state": file.state.value}


def _call_document(call: HookCall, now: datetime) -> dict[str, Any]:
    return {
        "occasion": call.occasion.value,
        "at": format_instant(call.at),
        "code": call.code,
        "outcome": _outcome(call, now),
        "worked_at": format_instant(call.worked_at) if call.worked_at else None,
    }
