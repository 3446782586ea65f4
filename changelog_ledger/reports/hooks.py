"""``hook install`` and ``hook uninstall``: where the gate stands, and what is run before it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from changelog_ledger.model.hooks import BEFORE, Hook, HookState, Installed
from changelog_ledger.reports.escape import printable

_SAID = {
    HookState.WRITTEN: "the gate stands here now",
    HookState.REFRESHED: "the gate's script is new",
    HookState.UNCHANGED: "the gate stands here already",
    HookState.REMOVED: "the gate is gone",
    HookState.RESTORED: "the gate is gone; the hook from before it is back",
}


def render_hooks(installed: Installed) -> str:
    """A line for each hook, for a terminal."""
    if not installed.hooks:
        return printable(f"the gate does not stand in {installed.folder}; nothing is altered")
    return "\n".join([printable(f"in {installed.folder}"), *_hooks(installed.hooks)])


def hooks_document(installed: Installed) -> dict[str, Any]:
    """The same as a JSON document, without its schema."""
    return {
        "folder": installed.folder,
        "hooks": [
            {"stage": hook.stage.value, "path": hook.path, "state": hook.state.value, "before": hook.before or None} for hook in installed.hooks
        ],
        "warnings": list(installed.warnings),
    }


def _hooks(hooks: tuple[Hook, ...]) -> Iterator[str]:
    width = max(len(hook.stage) for hook in hooks)
    for hook in hooks:
        yield f"  {hook.stage:<{width}}  {_SAID[hook.state]}"
        if hook.before:
            yield f"  {'':<{width}}  before it runs {hook.stage}{BEFORE}"
