"""Edits that the gate let in are expected on their targets: the snapshot that finds these very bytes attributes them to the change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from changelog_ledger.model.gate import Expected, GatePolicy, Judged, Side
from changelog_ledger.model.identifiers import ulid
from changelog_ledger.model.topology import EVERYTHING
from changelog_ledger.sources.git_repository import GitRepository
from changelog_ledger.store.expected import expected_body, ref_of
from changelog_ledger.workflows.judge_edits import policy_paths
from changelog_ledger.workflows.keyed_digest import expected_digest
from changelog_ledger.workflows.workspace import Workspace

_LARGEST = 16 * 1024 * 1024
"""Bytes of a file whose content is recorded as expected; snapshots keep smaller ones only."""

Admitted = tuple[str, GatePolicy, Sequence[tuple[Judged, str]]]
"""A commit (empty where there is none yet), the policy that it was judged by, its edits, each with the id of the change that it is put down to."""


def record_expected(repository: GitRepository, workspace: Workspace, commits: Iterable[Admitted]) -> None:
    """Record what was let in, all at once, the oldest commit first: what is newest decides. What is recorded already adds nothing.

    A commit's edits are recorded though they were when they were staged: it may have been amended since, and stands where it does among the others.
    """
    now = workspace.now()
    first = int.from_bytes(workspace.entropy(10), "big") >> 1
    facts = []
    for number, (commit, policy, edits) in enumerate(commits):
        expected = tuple(entry for judged, change in edits for entry in expected_edits(repository, workspace, policy, judged, change))
        if expected:
            place = {"commit": commit} if commit else {"parent": repository.head()}
            identity = ulid(now, (first + number).to_bytes(10, "big"))  # in their order within a millisecond too (ULID, monotonicity)
            facts.append(workspace.fact("expected", expected_body(expected, **place), at=now, ref=ref_of(expected, **place), id=identity))
    if facts:
        workspace.snapshot_books.append(facts, deltas={})


def expected_edits(repository: GitRepository, workspace: Workspace, policy: GatePolicy, judged: Judged, change: str) -> Iterator[Expected]:
    """What an edit leaves on each target, at each path that is configuration; nothing of what is too large to be recognized."""
    for path, place in policy_paths(policy, judged.edit).items():
        side = judged.edit.after if path == judged.edit.path else None
        digest = "" if side is None else _digest(repository, workspace, side)
        if digest is not None:
            yield from (Expected(change, target, place.host_path.lstrip("/") or place.inner, digest) for target in place.targets or (EVERYTHING,))


def _digest(repository: GitRepository, workspace: Workspace, side: Side) -> str | None:
    content = None if side.is_submodule else repository.content(side.blob, _LARGEST)
    return None if content is None else expected_digest(workspace, content)
