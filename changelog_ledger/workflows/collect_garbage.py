"""``gc``: snapshots expire, git forgets them, what is left goes into one pack.

The order is what makes it safe to be killed at any point. The facts of the expiry come first: commits that are still there do no harm, commits that
are gone without a fact would. Then the refs that hold what stays, then the list of what git forgets, and the objects at the very end, when a pack
without them has been proved complete.

Snapshots can be taken meanwhile, but for two moments: while git is told what to forget, and while the packs are exchanged.
"""

from __future__ import annotations

from collections.abc import Callable

from changelog_ledger.errors import RepositoryError
from changelog_ledger.model.upkeep import Collected, Sizes
from changelog_ledger.store.store import database_size
from changelog_ledger.workflows.expire_snapshots import decided, expire
from changelog_ledger.workflows.verify import recorded_commits
from changelog_ledger.workflows.workspace import Workspace

Progress = Callable[[str, int], None]
"""Called with what is being done and how much of it was done since the last call."""


def collect_garbage(workspace: Workspace, *, dry_run: bool = False, progress: Progress = lambda _step, _done: None) -> Collected:
    """Drop the snapshots that retention no longer keeps, and pack the rest.

    :param dry_run: only say what would expire.
    :raises RepositoryError: if a snapshot's commit is missing or there is no room for the new pack; then nothing is removed.
    :raises Busy: if another ``gc`` runs, or somebody uses the repository for too long.
    """
    with workspace.locks.collection():
        before = _sizes(workspace)
        policy = workspace.settings.retention
        decision = decided(workspace, policy) if policy else None
        counts = {host: len(gone) for host, gone in decision.expirable.items()} if decision else {}
        if dry_run:
            return Collected(before, None, bool(policy), counts, _recorded(workspace) - sum(counts.values()))
        if policy and decision:
            counts = expire(workspace, policy, decision, lambda done: progress("expiring", done))
        swept = _forget(workspace)
        _repack(workspace, progress)
        workspace.store.compact()
        return Collected(before, _sizes(workspace), bool(policy), counts, _recorded(workspace), swept)


def _sizes(workspace: Workspace) -> Sizes:
    return Sizes(workspace.repository.room(), database_size(workspace.store))


def _recorded(workspace: Workspace) -> int:
    with workspace.store.reading() as view:
        return view.evidence.snapshot_count()


def _forget(workspace: Workspace) -> int:
    """Have git forget what the facts say has expired, also what an earlier ``gc`` that was killed had not come to. How many leftovers were swept."""
    with workspace.store.reading() as view:
        kept, expired = recorded_commits(view)
    unwanted = {host: frozenset(commits).difference(kept.get(host, ())) for host, commits in expired.items()}
    repository = workspace.repository
    decided = repository.parting(unwanted)
    with workspace.locks.repository_alone():
        leftovers = repository.leftovers()
        repository.sweep(leftovers)
        repository.let_go(decided)
        repository.pack_refs()
    return len(leftovers)


def _repack(workspace: Workspace, progress: Progress) -> None:
    repository = workspace.repository
    _refuse_losses(workspace)
    repacking = repository.repacking()
    try:
        repacking.begin()
        progress("packing", 1)
        with workspace.locks.repository_alone():
            repository.sweep(repository.leftovers())
            repository.close()  # it has the old packs open
            repacking.finish()
        progress("packing", 1)
    finally:
        repacking.abandon()


def _refuse_losses(workspace: Workspace) -> None:
    """Whatever no ref reaches is about to be removed for good: nothing that a snapshot needs may be among it."""
    with workspace.store.reading() as view:
        recorded = recorded_commits(view).kept
    lost = workspace.repository.missing(recorded)
    if lost:
        raise RepositoryError(
            f"snapshots of {', '.join(sorted(lost)[:3])} cannot be reached from their branch: nothing was removed", "run 'ledger verify'"
        )
