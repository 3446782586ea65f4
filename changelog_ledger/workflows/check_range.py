"""``hook check-range`` and ``pre-receive``: commits that are there already, judged by what the ledger knew when they were made.

A commit says itself when it was made, and can say what it likes; so what the gate has let in (an expected edit of the same bytes) counts for as much
as any date. What no change covers went past the gate: it fails, and is recorded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from changelog_ledger.errors import HomeError, InvalidInput, LedgerError
from changelog_ledger.gate.coverage import Circumstances
from changelog_ledger.gate.exemptions import exempt_author, names_of
from changelog_ledger.gate.trailers import chosen_for, named_in
from changelog_ledger.model.change import Remark
from changelog_ledger.model.gate import Actor, Commit, Edit, GatePolicy, Judged, Merges, Verdict
from changelog_ledger.sources.git_repository import GitRepository
from changelog_ledger.workflows.away import away_words, is_away
from changelog_ledger.workflows.check_edits import Desk, exempted
from changelog_ledger.workflows.check_message import reverted_by, with_trailers
from changelog_ledger.workflows.commit_times import made_at, moment
from changelog_ledger.workflows.describe_edits import described
from changelog_ledger.workflows.expect_edits import record_expected
from changelog_ledger.workflows.gate_policy import Found, policies_in, without_own_file, without_same_policy
from changelog_ledger.workflows.judge_edits import covered, placed, policy_paths, without_meaningless
from changelog_ledger.workflows.known_changes import Known, known_of, let_in
from changelog_ledger.workflows.merged_edits import has_policy, merge_of, reverts_of, with_other_sides, without_merged
from changelog_ledger.workflows.near_misses import with_unknown_targets
from changelog_ledger.workflows.unlogged_commits import record_unlogged
from changelog_ledger.workflows.workspace import Workspace

_ALL_ZEROS = re.compile(r"0{40}|0{64}")


@dataclass(frozen=True)
class _Checked:
    """A commit, the policy that it is judged by (None: it is not the gate's business), and what is said of it."""

    commit: Commit
    policy: GatePolicy | None
    verdict: Verdict

    @property
    def asks(self) -> bool:
        """Whether the ledger is to be asked."""
        return self.policy is not None and bool(self.verdict.edits or self.verdict.trailers)


def check_range(desk: Desk, expression: str) -> tuple[Verdict, ...]:
    """What the gate says of each commit of a range, the oldest first. What nothing covers is recorded as an observation.

    :param expression: ``main..HEAD``, a commit, as git-rev-list(1) reads it: a commit is itself and everything before it.
    """
    include, exclude = desk.repository.ends_of(expression)
    commits = desk.repository.commits(include, exclude)
    workspace, found = _checked(desk, policies_in(desk.repository, exclude[0] if exclude else "", commits))
    if workspace is not None:
        _record_let_in(desk, workspace, found)
        record_unlogged(workspace, [each.verdict for each in found if each.verdict.refused])
    return tuple(each.verdict for each in found)


def check_push(desk: Desk, lines: Iterable[bytes]) -> tuple[Verdict, ...]:
    """What the gate says of what is being pushed: every commit that no branch or tag had before, the oldest first.

    git takes all of a push or nothing: of one that is refused nothing is to be expected anywhere. The commits that nothing covers are on record.

    :param lines: ``OLD NEW REFERENCE`` each, as githooks(5) gives them to pre-receive.
    :raises InvalidInput: for a line that is none of these.
    """
    updates = [_update(line) for line in lines]
    gone = [verdict for update in updates if (verdict := _policy_gone(desk.repository, *update) or _replaces(*update)) is not None]
    workspace, found = _checked(desk, _pushed(desk.repository, updates))
    if workspace is not None:
        if not gone and all(each.verdict.passes for each in found):
            _record_let_in(desk, workspace, found)
        record_unlogged(workspace, [each.verdict for each in found if each.verdict.refused])
    return (*(each.verdict for each in found), *gone)


def _update(line: bytes) -> tuple[str, str, str]:
    """The object that a reference points at, the one that it is to point at, each empty for none, and its name."""
    old, new, reference = (*line.decode("utf-8", "replace").strip().split(" ", 2), "", "", "")[:3]
    if not reference or not all(re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", identity) for identity in (old, new)):
        hint = "it is OLD NEW REFERENCE: git calls this, people call check-range"
        raise InvalidInput(f"{line[:80]!r} is no line that git gives to pre-receive", hint)
    return "" if _ALL_ZEROS.fullmatch(old) else old, "" if _ALL_ZEROS.fullmatch(new) else new, reference


def _pushed(repository: GitRepository, updates: Iterable[tuple[str, str, str]]) -> Iterator[tuple[Commit, Found]]:
    """What a push brings, with the policy of each reference that it goes into: a commit that goes into two may be judged by both."""
    tips: dict[str, list[str]] = {}
    for old, new, _ in updates:
        if new and (tip := repository.peeled(new)):
            tips.setdefault(_base(repository, old), []).append(tip)
    seen: set[tuple[str, Found]] = set()
    for base, brought in tips.items():
        for commit, found in policies_in(repository, base, repository.commits(brought, not_in_references=True)):
            if (commit.id, found) not in seen:
                seen.add((commit.id, found))
                yield commit, found


def _base(repository: GitRepository, old: str) -> str:
    """The commit whose policy holds for what is pushed into a reference: where it is; of one that is new, or has no policy, that of HEAD."""
    tip = repository.peeled(old) if old else ""
    return tip if tip and has_policy(repository, tip) else repository.head() or tip


def _replaces(_old: str, new: str, reference: str) -> Verdict | None:
    """What git shows in place of another object (git-replace(1)): configuration would read otherwise without any commit."""
    if not new or not reference.startswith("refs/replace/"):
        return None
    text = f"{reference} would have git show another object in place of one that was checked: commit what you mean"
    return Verdict(commit=new, subject=reference, problems=(Remark("replaced-object", text),))


def _policy_gone(repository: GitRepository, old: str, new: str, reference: str) -> Verdict | None:
    """A history without a policy in place of one with a policy: none of its commits has to be covered, so nobody would be asked."""
    here, there = (repository.peeled(identity) if identity else "" for identity in (old, new))
    if not here or not there or has_policy(repository, there) or not has_policy(repository, here) or repository.merge_base(here, there) == here:
        return None
    text = f"{reference} would lose the policy that it has, without a commit that removes it: begin from what is there"
    return Verdict(commit=there, subject=reference, problems=(Remark("policy-gone", text),))


def _checked(desk: Desk, commits: Iterable[tuple[Commit, Found]]) -> tuple[Workspace | None, list[_Checked]]:
    """The ledger is opened only where something of the commits is its business."""
    found = [_before_the_ledger(desk.repository, commit, policy) for commit, policy in commits]
    if not any(each.asks for each in found):
        return None, _each_once(found)
    try:
        workspace = desk.open_ledger()
        found = _made(desk.repository, found, workspace.now())
        known = iter(known_of(workspace, [each.verdict for each in found if each.asks]))
    except (LedgerError, OSError) as error:
        if not is_away(error):
            raise
        raise _closed(error) from error
    return workspace, _each_once(
        _by_the_ledger(desk.repository, workspace, each, each.policy, next(known)) if each.policy and each.asks else each for each in found
    )


def _each_once(found: Iterable[_Checked]) -> list[_Checked]:
    """Every commit in its place; of one that was judged by several policies, what refuses it."""
    said: dict[str, _Checked] = {}
    for each in found:
        if each.commit.id not in said or said[each.commit.id].verdict.passes:
            said[each.commit.id] = each
    return list(said.values())


def _closed(error: BaseException) -> LedgerError:
    """Here nothing passes unchecked, whatever the policy allows where people commit: this is the check that they cannot go past."""
    message, hint = f"the gate cannot ask its ledger: {away_words(error)}", "nothing was let in: bring the ledger back, then push or check again"
    return type(error)(message, hint) if isinstance(error, LedgerError) else HomeError(message, hint)


def _before_the_ledger(repository: GitRepository, commit: Commit, found: Found) -> _Checked:
    """What is configuration in a commit; what needs no change whatever the ledger says is marked so."""
    verdict = Verdict(
        commit=commit.id,
        subject=commit.subject,
        author=commit.author,
        committed_at=moment(commit.committed_at),
        trailers=named_in(commit.trailers),
        remarks=found.remarks,
    )
    if commit.is_shallow:
        why = "this clone ends here, so nobody can tell what the commit altered: git fetch --unshallow   (in CI: fetch-depth: 0)"
        return _Checked(commit, None, replace(verdict, problems=(Remark("shallow", why),)))
    policy = found.policy
    if policy is None:
        return _Checked(commit, None, verdict)
    without_own = without_own_file if found.is_new else without_same_policy
    edits = without_own(repository, policy, placed(policy, _edits(repository, policy, commit)))
    edits = exempted(edits, exempt_author(policy, commit.author))
    if not all(judged.passes for judged in edits):
        edits = _without_joined(repository, policy, commit, edits)
    return _Checked(commit, policy, replace(verdict, edits=edits))


def _edits(repository: GitRepository, policy: GatePolicy, commit: Commit) -> tuple[Edit, ...]:
    """What a commit alters; of a merge, what differs from any of its sides: what it discards of one side is altered too."""
    first = repository.edits_of(commit)
    if len(commit.parents) < 2 or policy.merges is not Merges.OWN:
        return first
    return with_other_sides(first, (repository.edits_between(parent, commit.id) for parent in commit.parents[1:]))


def _without_joined(repository: GitRepository, policy: GatePolicy, commit: Commit, edits: tuple[Judged, ...]) -> tuple[Judged, ...]:
    """The same edits; those that the commit's merge makes by itself, or the revert that it says it is, need no change."""
    reverted = reverted_by(commit.message) if len(commit.parents) == 1 else ()
    reverts = reverts_of(repository, policy, commit.parents[0], reverted) if reverted else ()
    return without_merged(repository, edits, (*merge_of(repository, policy, commit.parents), *reverts))


def _made(repository: GitRepository, found: Sequence[_Checked], now: datetime) -> list[_Checked]:
    """The same commits, each with the time when it was made, as far as that can be believed."""
    times: dict[str, datetime] = {}
    made = []
    for each in found:
        for parent in each.commit.parents:
            if parent not in times:  # where the range begins
                times |= {commit.id: min(moment(commit.committed_at), now) for commit in repository.commits_in(f"{parent}^!")}
        at = made_at(each.commit.committed_at, (times[parent] for parent in each.commit.parents if parent in times), now)
        times[each.commit.id] = at
        made.append(replace(each, verdict=replace(each.verdict, committed_at=at)))
    return made


def _by_the_ledger(repository: GitRepository, workspace: Workspace, each: _Checked, policy: GatePolicy, known: Known) -> _Checked:
    commit, verdict = each.commit, each.verdict
    within = _circumstances(policy, each, known)
    changes = known.candidates
    edits = tuple(judged if judged.exempt else covered(judged, policy_paths(policy, judged.edit), changes, within) for judged in verdict.edits)
    missing = [judged for judged in edits if not judged.passes]
    if missing:
        proven = iter(let_in(repository, workspace, policy, commit, missing))
        edits = tuple(judged if judged.passes else replace(judged, changes=next(proven)) for judged in edits)
        edits = without_meaningless(policy, edits, lambda judged: described(repository, workspace, judged))
    verdict = with_unknown_targets(workspace, replace(verdict, edits=edits))
    return replace(each, verdict=with_trailers(verdict, policy, verdict.trailers, lambda: known.named))


def _circumstances(policy: GatePolicy, each: _Checked, known: Known) -> Circumstances:
    """A rebase makes a commit anew and keeps when it was written: that counts too, where the commit names its change."""
    commit, at = each.commit, each.verdict.committed_at or moment(each.commit.committed_at)
    moments = (at, moment(commit.authored_at)) if known.named else (at,)
    people = names_of(policy, commit.author, "") | names_of(policy, commit.committer, "") if policy.actor is Actor.SAME else frozenset()
    return Circumstances(policy, moments, runs_on=known.runs_on, people=people)


def _record_let_in(desk: Desk, workspace: Workspace, found: Sequence[_Checked]) -> None:
    """What a change covers is expected on its target."""
    record_expected(
        desk.repository,
        workspace,
        [
            (each.commit.id, each.policy, [(judged, change) for judged in each.verdict.edits if (change := _put_down_to(judged, each.verdict))])
            for each in found
            if each.policy is not None and each.verdict.passes
        ],
    )


def _put_down_to(judged: Judged, verdict: Verdict) -> str:
    return "" if judged.exempt else chosen_for(judged, verdict.trailers)
