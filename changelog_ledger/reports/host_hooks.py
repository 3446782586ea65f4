"""``host-hooks``: what calls the ledger, and how that went."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from changelog_ledger.errors import EXIT_FINE, EXIT_PARTIAL
from changelog_ledger.model.host_hooks import REFUSED, TIME_LIMITS, HookCall, HookStep, HostFile, HostFileState, HostHooks
from changelog_ledger.model.times import format_instant, shown_instant
from changelog_ledger.reports.escape import printable, shell_word

_SAID = {
    HostFileState.INSTALLED: "installed",
    HostFileState.OUTDATED: "outdated",
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
_ENDED = {
    EXIT_FINE: "worked",
    EXIT_PARTIAL: "worked, something could not be read",
    REFUSED: "refused, somebody else than root could alter what is called",
}
_TIMED_OUT = (124, 137)
"""What timeout(1) ends with at its limit."""


def render_host_hooks(hooks: HostHooks, now: datetime) -> str:
    """Where to and by what, a line for each file (of a dry run its content too), one for each call, and what writes anew what is outdated."""
    if not hooks.files:
        return printable(f"nothing of ours is below {hooks.root}; nothing is altered")
    lines = [*_where(hooks), *_files(hooks), *(_call(call, now) for call in hooks.calls), *_advice(hooks)]
    return "\n".join(map(printable, lines))


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
        "install_command": hooks.install_command or None,
    }


def render_hook_step(step: HookStep, now: datetime, occasion: str) -> str:
    """A line of the log."""
    return printable(f"{shown_instant(now)} {occasion} {step.name}: {'failed: ' if step.code not in (EXIT_FINE, EXIT_PARTIAL) else ''}{step.outcome}")


def _where(hooks: HostHooks) -> Iterator[str]:
    if hooks.install_command or any(file.content is not None for file in hooks.files):
        yield f"home: {hooks.home}"
        yield f"command: {hooks.command}"


def _files(hooks: HostHooks) -> Iterator[str]:
    said = _SAID | (_WOULD if hooks.dry_run else {})
    width = max(len(file.path) for file in hooks.files)
    for file in hooks.files:
        yield f"{file.path:<{width}}  {said[file.state]}" + (f" (a link to {file.target})" if file.target else "")
        yield from (f"    {line}".rstrip() for line in (file.content or "").splitlines())


def _advice(hooks: HostHooks) -> Iterator[str]:
    """What is to be typed, with all that was asked for when it was installed: the script that knows of it goes with ``uninstall``."""
    states = {file.state for file in hooks.files} if hooks.install_command else set()
    if HostFileState.EDITED in states:
        removing = "sudo ledger host-hooks uninstall" if hooks.root == "/" else f"ledger host-hooks uninstall --root {shell_word(hooks.root)}"
        yield f"what was edited is written anew by: {removing} --force; {hooks.install_command}"
    elif HostFileState.OUTDATED in states:
        yield f"what is outdated is written anew by: {hooks.install_command}"


def _call(call: HookCall, now: datetime) -> str:
    return f"{call.occasion} at {shown_instant(call.at)}: {_outcome(call, now)}" + _last_good(call)


def _outcome(call: HookCall, now: datetime) -> str:
    if call.code is None:
        return "did not come to its end" if (now - call.at).total_seconds() > TIME_LIMITS[call.occasion] + 60 else "under way"
    if call.code in _TIMED_OUT:
        return f"ended after {TIME_LIMITS[call.occasion]} seconds"
    return _ENDED.get(call.code, f"failed with {call.code}")


def _last_good(call: HookCall) -> str:
    if call.code == EXIT_FINE:
        return ""
    return f"; it last worked without gaps at {shown_instant(call.worked_at)}" if call.worked_at else "; it never worked without gaps yet"


def _file_document(file: HostFile) -> dict[str, Any]:
    known = {"part": file.part.value if file.part else None, "path": file.path, "state": file.state.value}
    return {**known, "target": file.target or None, "content": file.content}


def _call_document(call: HookCall, now: datetime) -> dict[str, Any]:
    return {
        "occasion": call.occasion.value,
        "at": format_instant(call.at),
        "code": call.code,
        "outcome": _outcome(call, now),
        "worked_at": format_instant(call.worked_at) if call.worked_at else None,
    }
