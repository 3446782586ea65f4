"""The checklist of a change: ticked, waived, reopened, added to.

Each step carries one item as it is then, so two people who tick different items at once are both right.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from changelog_ledger.changes.checklist import find_item, new_item, reopened, tickable, ticked, waived
from changelog_ledger.changes.planning import checked_glob
from changelog_ledger.model.change import Change, Item, Note
from changelog_ledger.model.fact import Fact
from changelog_ledger.store.codec import item_to_json, note_to_json
from changelog_ledger.workflows.record_change import find_change
from changelog_ledger.workflows.workspace import Workspace


def check_item(workspace: Workspace, identifier: str, item: str, because: str = "") -> Change:
    """Tick an item.

    :param item: its number, or an unambiguous beginning or word of its text.
    :raises NotFound: if there is no such change or item.
    :raises TransitionRefused: if the change was cancelled.
    """
    return _altered(workspace, identifier, item, "check", lambda known: ticked(known, because))


def waive_item(workspace: Workspace, identifier: str, item: str, because: str) -> Change:
    """Say why an item is not needed.

    :raises InvalidInput: without a reason; and as :func:`check_item`.
    """
    return _altered(workspace, identifier, item, "waive", lambda known: waived(known, because))


def reopen_item(workspace: Workspace, identifier: str, item: str) -> Change:
    """Say that an item is still to be done. Raises as :func:`check_item`."""
    return _altered(workspace, identifier, item, "reopen", reopened)


def add_item(workspace: Workspace, identifier: str, text: str, command: str = "", paths: Sequence[str] = ()) -> Change:
    """Add an item to a change's checklist.

    :param command: a shell command whose exit code 0 proves it.
    :param paths: globs of host paths; a difference at one of them proves it.
    :raises InvalidInput: if it says nothing, or is there already.
    """
    change = tickable(find_change(workspace, identifier))
    return recorded_items(workspace, change, "add-item", [new_item(change, text, command, [checked_glob(glob) for glob in paths])])


def recorded_items(workspace: Workspace, change: Change, verb: str, items: Sequence[Item]) -> Change:
    """Record items as they are now; the change with them."""
    workspace.store.append([_fact(workspace, change, verb, item) for item in items])
    return find_change(workspace, change.id)


def _altered(workspace: Workspace, identifier: str, text: str, verb: str, alter: Callable[[Item], Item]) -> Change:
    change = tickable(find_change(workspace, identifier))
    known = find_item(change, text)
    item = alter(known)
    return change if item == known else recorded_items(workspace, change, verb, [item])  # said twice is said


_WORDS = {"check": "ticked", "prove": "ticked", "waive": "waived", "reopen": "reopened", "add-item": "added"}
"""What the note of a step says was done with the item."""


def _fact(workspace: Workspace, change: Change, verb: str, item: Item) -> Fact:
    because = f" ({item.because})" if item.because else ""
    note = Note(workspace.now(), workspace.actor, f"{_WORDS[verb]}: {item.name}{because}")
    body = {"change": change.id, "verb": verb, "item": item_to_json(item), "note": note_to_json(note)}
    return workspace.fact("change-step", body, at=note.at)
