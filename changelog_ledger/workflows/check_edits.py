"""``hook check``: what is staged, judged.

::

    index ─▶ edits ─▶ configuration by the policy ─▶ merged, reverted, exempt ones aside ─▶ changes of the ledger ─▶ verdict ─▶ expected edits

Nothing is read but the index, and the ledger only where configuration is staged.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from changelog_ledger.errors import LedgerError
from changelog_ledger.gate.coverage import Circumstances
from changelog_ledger.gate.exemptions import exempt_author, names_of
from changelog_ledger.gate.trailers import chosen_for
from changelog_ledger.model.change import Remark
from changelog_ledger.model.gate import Actor, Edit, GatePolicy, Judged, Merges, Person, Verdict
from changelog_ledger.sources.git_progress import InProgress
from changelog_ledger.sources.git_repository import GitRepository
from changelog_ledger.workflows.gate_policy import policy_of_staged, without_own_file
from changelog_ledger.workflows.judge_edits import placed, with_changes, without_meaningless

if TYPE_CHECKING:
    from changelog_ledger.workflows.workspace import Workspace


@dataclass(frozen=True)
class Desk:
    """Who commits what where.

    :ivar open_ledger: opens the home; raises :class:`HomeError` where there is none.
    :ivar actor: who acts, as the ledger knows it.
    :ivar author: the author that git will write down; asked where the policy makes a difference between people.
    :ivar named: the changes that are meant: of ``$LEDGER_CHANGE``, of the message's trailers.
    :ivar emergency: why it cannot wait; empty if it can.
    """

    repository: GitRepository
    open_ledger: Callable[[], Workspace]
    now: Callable[[], datetime]
    actor: str
    author: Callable[[], Person]
    named: tuple[str, ...] = ()
    emergency: str = ""


def check_staged(desk: Desk) -> Verdict:
    """What the gate says of what is staged. What a change covers is recorded as expected on its target.

    :raises SettingsError: if the policy cannot be used.
    :raises RepositoryError: if git refuses.
    """
    found = policy_of_staged(desk.repository)
    if found.policy is None:
        return Verdict(remarks=(*found.remarks, Remark("no-policy", "this repository has no policy: nothing in it is checked")))
    verdict = judged_staged(desk, found.policy, desk.repository.staged())
    return replace(verdict, remarks=(*found.remarks, *verdict.remarks))


def judged_staged(desk: Desk, policy: GatePolicy, staged: Sequence[Edit]) -> Verdict:
    """What the gate says of these edits, which are about to be committed."""
    verdict = _before_the_ledger(desk, policy, staged)
    if verdict.passes:
        return verdict
    try:
        workspace = desk.open_ledger()
        return _by_the_ledger(desk, policy, workspace, verdict)
    except (LedgerError, OSError) as error:
        from changelog_ledger.workflows.away import is_away

        if not is_away(error):
            raise
        from changelog_ledger.workflows.away_gate import while_away

        return while_away(desk, policy, verdict, error)


def covered_now(desk: Desk, policy: GatePolicy, staged: Sequence[Edit]) -> tuple[Judged, ...]:
    """The edits that a change covers now; nothing is looked into, refused or recorded."""
    verdict = _before_the_ledger(desk, policy, staged)
    if verdict.passes:
        return ()
    workspace = desk.open_ledger()
    return tuple(judged for judged in with_changes(workspace, verdict.edits, _circumstances(desk, policy, workspace, verdict)) if judged.changes)


def _before_the_ledger(desk: Desk, policy: GatePolicy, staged: Sequence[Edit]) -> Verdict:
    """The edits that are configuration; those that need no change whatever the ledger says are marked so."""
    joined = desk.repository.in_progress()
    edits = placed(policy, _of_all_sides(desk.repository, policy, staged, joined))
    if not edits:
        return Verdict()
    edits = without_own_file(desk.repository, policy, edits)
    author = desk.author() if policy.exempt_authors or policy.actor is Actor.SAME else None
    edits = exempted(edits, exempt_author(policy, author)) if author else edits
    if joined.merging or joined.reverting:
        edits = _without_joined(desk.repository, policy, edits, joined)
    return Verdict(edits, author=author)


def _of_all_sides(repository: GitRepository, policy: GatePolicy, staged: Sequence[Edit], joined: InProgress) -> Sequence[Edit]:
    """The edits; of a merge also those of what another side has: what a merge discards is not staged."""
    if not joined.merging or policy.merges is not Merges.OWN:
        return staged
    from changelog_ledger.workflows.merged_edits import with_other_sides

    return with_other_sides(staged, (repository.staged_against(side) for side in joined.merging))


def _without_joined(repository: GitRepository, policy: GatePolicy, edits: tuple[Judged, ...], joined: InProgress) -> tuple[Judged, ...]:
    """The same edits; those that the merge or revert that is being committed makes by itself need no change."""
    from changelog_ledger.workflows.merged_edits import merge_of, reverts_of, without_merged

    head = repository.head()
    merges = merge_of(repository, policy, (head, *joined.merging)) if joined.merging else ()
    reverts = reverts_of(repository, policy, head, (joined.reverting,)) if joined.reverting else ()
    return without_merged(repository, edits, (*merges, *reverts))


def _circumstances(desk: Desk, policy: GatePolicy, workspace: Workspace, verdict: Verdict) -> Circumstances:
    people = names_of(policy, verdict.author, desk.actor) if verdict.author else frozenset()
    return Circumstances(policy, (workspace.now(),), people=people)


def _by_the_ledger(desk: Desk, policy: GatePolicy, workspace: Workspace, verdict: Verdict) -> Verdict:
    within = _circumstances(desk, policy, workspace, verdict)
    before, verdict = verdict, replace(verdict, edits=with_changes(workspace, verdict.edits, within))
    if not verdict.passes and _merged_spool(workspace):
        verdict = replace(before, edits=with_changes(workspace, before.edits, within))
    if not verdict.passes:
        verdict = replace(verdict, edits=without_meaningless(policy, verdict.edits, lambda judged: _described(desk, workspace, judged)))
    if not verdict.passes and desk.emergency:
        from changelog_ledger.workflows.emergency import open_emergency

        verdict = open_emergency(workspace, within, verdict, desk.emergency)
    if not verdict.passes:
        from changelog_ledger.workflows.near_misses import with_near_misses

        return with_near_misses(workspace, policy, within, verdict)
    _record_expected(desk, policy, workspace, verdict)
    return verdict


def _merged_spool(workspace: Workspace) -> bool:
    """Whether something waited in the spool, which is merged now: a change that was started while the database was away may be the one."""
    return not workspace.spool.is_empty and workspace.store is not None


def _described(desk: Desk, workspace: Workspace | None, judged: Judged) -> Judged:
    from changelog_ledger.workflows.describe_edits import described

    return described(desk.repository, workspace, judged)


def exempted(edits: tuple[Judged, ...], why: str) -> tuple[Judged, ...]:
    """The same edits, none of which needs a change if there is a reason."""
    return tuple(replace(judged, exempt=why) for judged in edits) if why else edits


def _record_expected(desk: Desk, policy: GatePolicy, workspace: Workspace, verdict: Verdict) -> None:
    """Write down what is to arrive on which target, where it is clear under which change."""
    from changelog_ledger.workflows.expect_edits import record_expected

    names = (*desk.named, verdict.emergency)
    pairs = [(judged, change) for judged in verdict.edits if not judged.exempt and (change := chosen_for(judged, names))]
    record_expected(desk.repository, workspace, [("", policy, pairs)])
