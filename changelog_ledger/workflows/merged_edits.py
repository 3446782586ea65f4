"""What of a merge, or a revert, somebody decided: what git makes of both sides by itself was judged where it was committed.

Every side is looked at: a path that a merge leaves as the first parent has it may be one where it discards what the other side did.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property

from changelog_ledger.errors import RepositoryError, SettingsError
from changelog_ledger.gate.merges import Outcome, outcome
from changelog_ledger.gate.strictness import judged_alike
from changelog_ledger.model.gate import POLICY_FILE, Edit, GatePolicy, Judged, Merges, Side, Stand
from changelog_ledger.sources.git_repository import GitRepository
from changelog_ledger.workflows.gate_policy import policy_at

_LARGEST = 1024 * 1024
"""Bytes of each side of a file whose merge is made again to see whether somebody added to it."""


def _always(_side: str, _path: str) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Merge:
    """A merge, or a revert, that edits are a part of: what they would be if git made it alone.

    :ivar sides: the commits that it joins, ``base`` the one that they come from; empty stands for nothing at all.
    :ivar because: why an edit that follows from it needs no change: ``comes with the merge``, ``takes back …``.
    :ivar everything: whether what does not follow needs none either.
    :ivar never: the paths at which nothing passes for this reason.
    :ivar counts: whether what a side did at a path was judged; else it is as if the side had left it alone.
    """

    sides: tuple[str, ...]
    base: str
    because: str
    everything: bool = False
    never: frozenset[str] = frozenset()
    counts: Callable[[str, str], bool] = _always


def merge_of(repository: GitRepository, policy: GatePolicy, sides: Sequence[str]) -> tuple[Merge, ...]:
    """The merge of these commits, as far as the policy makes something of it.

    A side without a policy was never judged, one with a looser policy not by this one: it counts as if it had altered nothing, so that what it
    brings is asked about here. The policy itself has to follow from its sides even where nothing else has to.
    """
    if len(sides) < 2 or policy.merges is Merges.ALL:
        return ()
    base = sides[0]
    for side in sides[1:]:
        base = base and repository.merge_base(base, side)
    policies = {side: _usable(repository, side) for side in sides}

    def was_judged(side: str, path: str) -> bool:
        judge = policies[side]
        return judge is not None and judged_alike(judge, policy, path)

    made = Merge(tuple(side if policies[side] else base for side in sides), base, "comes with the merge", counts=was_judged)
    return (made,) if policy.merges is not Merges.ALLOW else (replace(made, everything=True, never=_policy_files(policy)), made)


def reverts_of(repository: GitRepository, policy: GatePolicy, parent: str, named: Iterable[str]) -> tuple[Merge, ...]:
    """Reverts as the merges that they are: of what is there, and what was before the reverted commit, on the base of that commit.

    A merge may be taken back towards any of its parents that has a policy (git-revert(1), ``--mainline``). A policy is never taken back without a
    change: one that was tightened would be loosened.

    :param parent: the commit that the revert is made on.
    :param named: the commits that are said to be taken back, as somebody wrote them. One that is not in this history counts for nothing: whatever is
        in the history was judged, and anybody can make a commit whose "before" is what he wants.
    """
    if policy.reverts is not Stand.ALLOW or not parent:
        return ()
    return tuple(
        Merge((parent, before), reverted, takes_back(reverted), never=_policy_files(policy))
        for reverted in dict.fromkeys(_in_history(repository, parent, written) for written in named)
        if reverted
        for before in _judged_parents(repository, reverted)
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
        edits = [replace(judged, exempt=merge.because) if not judged.passes and joining.frees(judged.edit) else judged for judged in edits]
    return tuple(edits)


@dataclass(frozen=True)
class _Joining:
    """A merge made again, path by path."""

    repository: GitRepository
    merge: Merge

    def frees(self, edit: Edit) -> bool:
        """Whether an edit needs no change for this reason."""
        return self.merge.never.isdisjoint(edit.paths) and (self.merge.everything or self.makes(edit))

    def makes(self, edit: Edit) -> bool:
        """Whether what an edit leaves at each of its paths is what the merge makes of its sides."""
        return all(self._makes(path, edit.after if path == edit.path else None) for path in edit.paths)

    def _makes(self, path: str, result: Side | None) -> bool:
        if len(self.merge.sides) > 2:
            return self._makes_of_many(path, result)
        sides = [self._at(self._judged(commit, path), path) for commit in self.merge.sides]
        return self._follows(result, sides, self._at(self.merge.base, path)) or self._follows_renamed(path, result)

    def _makes_of_many(self, path: str, result: Side | None) -> bool:
        """Of an octopus: what the others altered since they left the first, each by a base of its own (git goes one by one, too)."""
        first, *others = self.merge.sides
        here = self._at(first, path)
        altered = [
            (side, base) for side, base in zip(others, self._bases, strict=True) if self._at(self._judged(side, path), path) != self._at(base, path)
        ]
        if not altered:
            return result == here
        if len(altered) == 1:
            side, base = altered[0]
            return self._follows(result, [here, self._at(side, path)], self._at(base, path))
        return self._follows(result, [here, *(self._at(side, path) for side, _ in altered)], self._at(self.merge.base, path))

    @cached_property
    def _bases(self) -> tuple[str, ...]:
        """What each of the other sides has in common with the first."""
        first, *others = self.merge.sides
        return tuple(self.repository.merge_base(first, side) if first and side else "" for side in others)

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
                if not self._counts_at(self.merge.sides[number], (old, path)):
                    return False
                others = [path if side == number else old for side in range(len(self.merge.sides))]
                sides = [self._at(self._judged(commit, there), there) for commit, there in zip(self.merge.sides, others, strict=True)]
                return self._follows(result, sides, self._at(self.merge.base, old))
        return result is None and any(self._renames(number, path) for number in range(len(self._renamed)))

    def _renames(self, number: int, old: str) -> bool:
        """Whether a side gave a file another name, and was judged for it."""
        return any(old == before and self._counts_at(self.merge.sides[number], (old, now)) for now, before in self._renamed[number].items())

    def _counts_at(self, side: str, paths: Iterable[str]) -> bool:
        return all(self._judged(side, path) == side for path in paths)

    def _judged(self, side: str, path: str) -> str:
        """The commit that stands for what a side did at a path, as far as that was judged."""
        return side if side == self.merge.base or self.merge.counts(side, path) else self.merge.base

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


def _policy_files(policy: GatePolicy) -> frozenset[str]:
    return frozenset({POLICY_FILE, policy.file})


def _usable(repository: GitRepository, commit: str) -> GatePolicy | None:
    """The policy of a commit; one that cannot be read binds nobody."""
    try:
        return policy_at(repository, commit)
    except SettingsError:
        return None


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


def _judged_parents(repository: GitRepository, commit: str) -> tuple[str, ...]:
    """Towards what a commit may be taken back: a side of a merge without a policy was never judged, nor is it to come in this way."""
    parents = _parents(repository, commit)
    return parents if len(parents) < 2 else tuple(parent for parent in parents if parent and has_policy(repository, parent))


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
