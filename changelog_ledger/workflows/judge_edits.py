"""Edits are judged: places by the policy, changes from the ledger, and what nothing covers by what it alters."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from changelog_ledger.gate.coverage import Circumstances, covering
from changelog_ledger.gate.exemptions import exempt_edit
from changelog_ledger.gate.places import leads_to_configuration, place_of
from changelog_ledger.model.change import Change, Status
from changelog_ledger.model.gate import Actor, Edit, GatePolicy, Judged, Place
from changelog_ledger.model.topology import Target, TargetKind

_TARGETS_ASKED = 200
"""Edits of more targets than this ask for the changes of all: that is one question."""

if TYPE_CHECKING:
    from changelog_ledger.workflows.workspace import Workspace


def placed(policy: GatePolicy, edits: Iterable[Edit]) -> tuple[Judged, ...]:
    """The edits that are configuration, each with the places that it touches."""
    return tuple(Judged(edit, tuple(found.values())) for edit in _apart(policy, edits) if (found := policy_paths(policy, edit)))


def _apart(policy: GatePolicy, edits: Iterable[Edit]) -> Iterator[Edit]:
    """A file that moves to somebody else's configuration is taken from one and given to the other: a change each may cover that."""
    for edit in edits:
        here, there = (place_of(policy, path) for path in (edit.old_path or edit.path, edit.path))
        if (here and here.targets) == (there and there.targets):
            yield edit
        else:
            yield replace(edit, path=edit.old_path, old_path="", after=None)
            yield replace(edit, old_path="", before=None)


def with_changes(workspace: Workspace, edits: Sequence[Judged], within: Circumstances) -> tuple[Judged, ...]:
    """The same edits with the changes that cover them, as the ledger knows them, and those that come near.

    It is so at the moment of asking: a change that is finished before the commit is made has covered it all the same, and no lock is held.

    :param within: what the host's services are is asked of the ledger here.
    """
    asked = [judged for judged in edits if not judged.exempt]
    if not asked:
        return tuple(edits)
    books = workspace.snapshot_books
    targets = {target for judged in asked for place in judged.places for target in place.targets}
    nobodys = any(not place.targets for judged in asked for place in judged.places)
    hosts = sorted(target.name for target in targets if target.kind is TargetKind.HOST)
    changes = books.open_changes(_covering_statuses(within.policy), () if nobodys else _few(targets))
    within = replace(within, runs_on=books.runs_on(hosts))
    return tuple(judged if judged.exempt else covered(judged, policy_paths(within.policy, judged.edit), changes, within) for judged in edits)


def covered(judged: Judged, paths: Mapping[str, Place], changes: Sequence[Change], within: Circumstances) -> Judged:
    """One edit with the changes that cover it, and those that come near."""
    found, misses = covering(changes, paths, within)
    return replace(judged, changes=found, misses=misses)


def policy_paths(policy: GatePolicy, edit: Edit) -> dict[str, Place]:
    """The paths of an edit that are configuration, and whose; a link or submodule in place of a folder of configuration is nobody's in particular."""
    found = {path: place for path in edit.paths if (place := place_of(policy, path)) is not None}
    if not found and any(side is not None and (side.is_link or side.is_submodule) for side in (edit.before, edit.after)):
        return {path: Place((), inner=path) for path in edit.paths if leads_to_configuration(policy, path)}
    return found


def speaks_for(workspace: Workspace, policy: GatePolicy, judged: Judged, changes: Iterable[Change]) -> bool:
    """Whether one of the changes is about an edit and was begun, though it may be over."""
    hosts = sorted({target.name for place in judged.places for target in place.targets if target.kind is TargetKind.HOST})
    runs_on = workspace.snapshot_books.runs_on(hosts)
    begun = replace(policy, covered_by=(Status.STARTED,), within_window=(), actor=Actor.ANYBODY)
    return any(
        covered(judged, policy_paths(policy, judged.edit), (change,), Circumstances(begun, (change.started_at,), runs_on)).changes
        for change in changes
        if change.started_at is not None
    )


def without_meaningless(policy: GatePolicy, edits: Sequence[Judged], described: Callable[[Judged], Judged]) -> tuple[Judged, ...]:
    """The same edits; what nothing covers is looked into: comments and form alone may need no change."""
    return tuple(judged if judged.passes else _looked_into(policy, described(judged)) for judged in edits)


def _looked_into(policy: GatePolicy, judged: Judged) -> Judged:
    is_plain = judged.edit.before is not None and judged.edit.after is not None and judged.edit.before.mode == judged.edit.after.mode
    return replace(judged, exempt=exempt_edit(policy, judged.deltas)) if is_plain and not judged.edit.old_path else judged


def _covering_statuses(policy: GatePolicy) -> list[str]:
    """In which a change may cover an edit: an emergency under way does by any policy."""
    return [str(status) for status in Status if status in policy.covered_by or status is Status.STARTED]


def _few(targets: Collection[Target]) -> Collection[Target]:
    return targets if len(targets) <= _TARGETS_ASKED else ()
