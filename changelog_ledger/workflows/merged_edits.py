"""What of a merge, or a revert, somebody decided: what git makes of both sides by itself was judged where it was committed.

Every side is looked at: a path that a merge leaves as the first parent has it may be one where it discards what the other side did.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property

from changelog_ledger.errors import RepositoryError, SettingsError
from changelog_ledger.gate.merges import Outcome, outcome
from changelog_ledger.model.gate import Edit, GatePolicy, Judged, Merges, Side, Stand
from changelog_ledger.sources.git_repository import GitRepository
from changelog_ledger.workflows.gate_policy import policy_at

_LARGEST = 1024 * 1024
"""Bytes of each side of a file whose merge is made again to see whether somebody added to it."""


@dataclass(frozen=True, slots=True)
class Merge:
    """A merge, or a revert, that edits are a part of: what they would be if git made it alone.

    :ivar sides: the commits that it joins, ``base`` the one that they come from; empty stands for nothing at all.
    :ivar because: why an edit that follows from it needs no change: ``comes with the merge``, ``takes back …``.
    :ivar everything: whether what does not follow needs none either.
    """

    sides: tuple[str, ...]
    base: str
    because: str
    everything: bool = False


def merge_of(repository: GitRepository, policy: GatePolicy, sides: Sequence[str]) -> tuple[Merge, ...]:
    """The merge of these commits, as far as the policy makes something of it.

    A side without a policy was never judged: it counts as if it had altered nothing, so that what it brings is asked about here.
    """
    if len(sides) < 2 or policy.merges is Merges.ALL:
        return ()
    base = sides[0]
    for side in sides[1:]:
        base = base and repository.merge_base(base, side)
    judged = (side if has_policy(repository, side) else base for side in sides)
    return (Merge(tuple(judged), base, "comes with the merge", everything=policy.merges is Merges.ALLOW),)


def reverts_of(repository: GitRepository, policy: GatePolicy, parent: str, named: Iterable[str]) -> tuple[Merge, ...]:
    """Reverts as the merges that they are: of what is there, and what was before the reverted commit, on the base of that commit.

    A merge may be taken back towards any of its parents (git-revert(1), ``--mainline``).

    :param parent: the commit that the revert is made on.
    :param named: the commits that are said to be taken back, as somebody wrote them. One that is not in this history counts for nothing: whatever is
        in the history was judged, and anybody can make a commit whose "before" is what he wants.
    """
    if policy.reverts is not Stand.ALLOW or not parent:
        return ()
    return tuple(
        Merge((parent, before), reverted, takes_back(reverted))
        for reverted in dict.fromkeys(_in_history(repository, parent, written) for written in named)
        if reverted
        for before in _parents(repository, reverted)
    )


def takes_back(reverted: str) -> str:
    """Why an edit needs no change that a revert of this commit makes."""
    return f"takes back {reverted[:12]}"


def with_other_sides(edits: Iterable[Edit], others: Iterable[Iterable[Edit]]) -> tuple[Edit, ...]:
    """What a merge alters of its first parent, and of any other path what it alters of another one.

    :param others: the edits against each parent but the first.
    """
    found = {edit.path: edit for edit in edits}
    for edit in (edit for side in others for edit in side):
        found.setdefault(edit.path, edit)
    return tuple(found.values())


def without_merged(repository: GitRepository, edits: Sequence[Judged], merges: Iterable[Merge]) -> tuple[Judged, ...]:
    """The same edits; those that follow from a merge need no change of their own."""
    for merge in merges:
        joining = _Joining(repository, merge)
        edits = [
            replace(judged, exempt=merge.because) if not judged.passes and (merge.everything or joining.makes(judged.edit)) else judged
            for judged in edits
        ]
    return tuple(edits)


@dataclass(frozen=True)
class _Joining:
    """A merge made again, path by path."""

    repository: GitRepository
    merge: Merge

    def makes(self, edit: Edit) -> bool:
        """Whether what an edit leaves at each of its paths is what the merge makes of its sides."""
        return all(self._makes(path, edit.after if path == edit.path else None) for path in edit.paths)

    def _makes(self, path: str, result: Side | None) -> bool:
        sides = [self._at(commit, path) for commit in self.merge.sides]
        return self._follows(result, sides, self._at(self.merge.base, path)) or self._follows_renamed(path, result)

    def _follows(self, result: Side | None, sides: Sequence[Side | None], base: Side | None) -> bool:
        found = outcome(result, sides, base)
        if found is Outcome.BY_CONTENT and result is not None and base is not None:
            return _merges_to(self.repository, [side for side in sides if side is not None], base, result)
        return found is Outcome.FOLLOWS

    def _follows_renamed(self, path: str, result: Side | None) -> bool:
        """What one side renamed and another altered is altered under its new name; what was renamed is gone."""
        for number, old_paths in enumerate(self._renamed):
            if path in old_paths:
                old = old_paths[path]
                sides = [self._at(commit, path if side == number else old) for side, commit in enumerate(self.merge.sides)]
                return self._follows(result, sides, self._at(self.merge.base, old))
        return result is None and any(path in old_paths.values() for old_paths in self._renamed)

    @cached_property
    def _renamed(self) -> tuple[dict[str, str], ...]:
        """For each side, the old name of what it renamed and left as it was."""
        if not self.merge.base:
            return ()
        return tuple(
            {edit.path: edit.old_path for edit in self.repository.edits_between(self.merge.base, side) if edit.old_path} for side in self.merge.sides
        )

    def _at(self, commit: str, path: str) -> Side | None:
        return self.repository.side(commit, path) if commit else None


def _merges_to(repository: GitRepository, sides: Sequence[Side], base: Side, result: Side) -> bool:
    """Whether git's own merge of the contents is clean and gives this result, one side after the other."""
    if any(side.is_link or side.is_submodule for side in (*sides, base, result)):
        return False
    if result.mode != next((side.mode for side in sides if side.mode != base.mode), base.mode):
        return False
    known = repository.contents({side.blob for side in (*sides, base, result)}, _LARGEST)
    origin, merged = known[base.blob], known[sides[0].blob]
    for side in sides[1:]:
        other = known[side.blob]
        if merged is None or origin is None or other is None:
            return False
        merged = repository.merged(merged, origin, other)
    return merged is not None and merged == known[result.blob]


def has_policy(repository: GitRepository, commit: str) -> bool:
    """Whether a commit has a policy, be it a broken one."""
    try:
        return policy_at(repository, commit) is not None
    except SettingsError:  # it has one, which stops whoever commits there
        return True


def _in_history(repository: GitRepository, parent: str, written: str) -> str:
    """The id of a commit that a history holds; empty where it does not."""
    try:
        commit = repository.peeled(written)
    except RepositoryError:  # there is no such object
        return ""
    return commit if commit and repository.merge_base(commit, parent) == commit else ""


def _parents(repository: GitRepository, commit: str) -> tuple[str, ...]:
    """The parents of a commit; an empty one of a root; none where a shallow clone lacks them."""
    try:
        first = repository.first_parent(commit)
    except RepositoryError:
        return ()
    found = [first]
    with suppress(RepositoryError):  # it has no more
        while first:
            found.append(repository.resolved(f"{commit}^{len(found) + 1}"))
    return tuple(found)
