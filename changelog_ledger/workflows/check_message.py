"""Commit messages: which changes they have to name, and whether those they name are right."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from changelog_ledger.errors import LedgerError
from changelog_ledger.gate.trailers import named_in, to_name
from changelog_ledger.model.change import Change, Remark
from changelog_ledger.model.gate import TRAILER, Edit, GatePolicy, Judged, Trailer, Verdict
from changelog_ledger.workflows.away import is_away
from changelog_ledger.workflows.check_edits import Desk, covered_now, judged_staged
from changelog_ledger.workflows.gate_policy import policy_of_staged
from changelog_ledger.workflows.workspace import Workspace

_REVERTS = re.compile(r"^This reverts commit ([0-9a-f]{7,64})\b", re.MULTILINE)
"""How a message says what it takes back: git writes it so (git-revert(1))."""
_MOST_REVERTS = 50
"""Commits that one message says it takes back; each costs a question to git."""

Choose = Callable[[Judged], str]
"""Asks somebody which of the changes that cover an edit is meant; answers its id, or empty where nobody can be asked."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What was done with a message.

    :ivar added: the changes whose trailers were added.
    :ivar unclear: the edits that several changes cover, where nobody chose one.
    :ivar remarks: what is wrong with changes that somebody named: ``unknown-change``: there is none; ``other-change``: it covers nothing of what
        is staged.
    """

    added: tuple[str, ...] = ()
    unclear: tuple[Judged, ...] = ()
    remarks: tuple[Remark, ...] = ()


def reverted_by(message: str) -> tuple[str, ...]:
    """The commits that a message says are taken back, as git-revert(1) writes them; the first of them, where there are many."""
    return tuple(dict.fromkeys(_REVERTS.findall(message)))[:_MOST_REVERTS]


def prepare_message(desk: Desk, file: str, source: str, commit: str, choose: Choose) -> Prepared:
    """Add a trailer for each change that the staged edits are covered by and the message does not name yet.

    What nothing covers is not asked here: whoever went past the check goes past this too, and is seen on the server.

    :param source: where the message comes from, as git says it (githooks(5), prepare-commit-msg): ``message``, ``merge``, ``commit`` …
    :param commit: the commit that is amended or whose message is used again.
    """
    found = policy_of_staged(desk.repository)
    if found.policy is None:
        return Prepared()
    named = named_in(desk.repository.trailers(file, TRAILER))
    edits = staged = _covered(replace(desk, named=(*named, *desk.named)), found.policy, _edits(desk, source, commit))
    if named and source == "message":
        edits = _without_spoken_for(desk, found.policy, edits, named)
    wanted = to_name(edits, (*named, *desk.named))
    chosen: list[str] = []
    unclear = []
    for judged in wanted.unclear:
        meant = next((change for change in judged.changes if change in chosen), "") or choose(judged)
        if meant:
            chosen.append(meant)
        else:
            unclear.append(judged)
    added = tuple(change for change in dict.fromkeys((*wanted.changes, *chosen)) if change not in named)
    if added and not unclear:
        desk.repository.add_trailers(file, [(TRAILER, change) for change in added])
    remarks = _misnamed(desk, staged, [("LEDGER_CHANGE", desk.named), *([("the message", named)] if unclear else [])])
    return Prepared(() if unclear else added, tuple(unclear), remarks)


def _misnamed(desk: Desk, edits: Sequence[Judged], sayings: Sequence[tuple[str, Sequence[str]]]) -> tuple[Remark, ...]:
    """What is wrong with the changes that are named, by whom: what the message names is looked at again when it is written, what else is nowhere."""
    covering = {change for judged in edits for change in judged.changes}
    beside = [(who, change) for who, names in sayings for change in names if change not in covering]
    if not edits or not beside:
        return ()
    there = {change.id for change in _known(desk.open_ledger(), [change for _, change in beside])}
    return tuple(
        Remark("other-change", f"{who} names {change}, which does not cover what is staged")
        if change in there
        else Remark("unknown-change", f"{who} names {change}: there is no such change")
        for who, change in beside
    )


def check_message(desk: Desk, file: str) -> Verdict:
    """What the gate says of a message and the staged edits that it is for."""
    found = policy_of_staged(desk.repository)
    if found.policy is None:
        return Verdict(remarks=found.remarks)
    named = named_in(desk.repository.trailers(file, TRAILER))
    verdict = judged_staged(replace(desk, named=(*named, *desk.named)), found.policy, desk.repository.staged())
    verdict = replace(verdict, problems=(*verdict.problems, *_unsaid_revert(desk, verdict, file)))
    return with_trailers(verdict, found.policy, named, lambda: _known(desk.open_ledger(), named))


def _unsaid_revert(desk: Desk, verdict: Verdict, file: str) -> Iterator[Remark]:
    """A revert that its message does not tell is one to nobody afterwards: the range check would refuse the commit."""
    reverting = desk.repository.in_progress().reverting
    if not reverting:
        return
    from changelog_ledger.sources.git_trailers import message_in
    from changelog_ledger.workflows.merged_edits import takes_back

    told = reverted_by(message_in(file).decode("utf-8", "replace"))
    if any(judged.exempt == takes_back(reverting) for judged in verdict.edits) and not any(reverting.startswith(commit) for commit in told):
        yield Remark("unsaid-revert", f"the message does not say what is taken back; give it the line: This reverts commit {reverting}.")


def with_trailers(verdict: Verdict, policy: GatePolicy, named: Sequence[str], known: Callable[[], Iterable[Change]]) -> Verdict:
    """The verdict with what is wrong with the changes that the message names.

    :param known: the changes of these ids that the ledger knows.
    """
    problems = list(verdict.problems)
    if named:
        try:
            there = {change.id for change in known()}
        except (LedgerError, OSError) as error:
            if not is_away(error):
                raise
            there = set(named)  # whether an edit passes while the ledger is away, the policy has said already
        problems += [Remark("unknown-change", f"{TRAILER}: {identity}: there is no such change") for identity in named if identity not in there]
        for judged in verdict.edits:
            if judged.changes and not judged.exempt and not set(judged.changes) & set(named):
                text = f"{judged.edit.path} is covered by {', '.join(judged.changes)}, and the message names {', '.join(named)}"
                problems.append(Remark("other-change", text))
    elif policy.trailer is Trailer.REQUIRED and any(not judged.exempt for judged in verdict.edits):
        problems.append(Remark("no-trailer", f"the message names no change: add a line such as {TRAILER}: {_first(verdict) or 'CHG-…'}"))
    return replace(verdict, trailers=tuple(named), problems=tuple(problems))


def _first(verdict: Verdict) -> str:
    return next((judged.changes[0] for judged in verdict.edits if judged.changes), "")


def _edits(desk: Desk, source: str, commit: str) -> tuple[Edit, ...]:
    """What the commit will alter: of one that is amended also what it has altered already."""
    head = desk.repository.head()
    if source == "commit" and commit and head and desk.repository.resolved(commit) == head:
        parent = desk.repository.first_parent(head)
        return desk.repository.staged_against(parent) if parent else desk.repository.staged()
    return desk.repository.staged()


def _covered(desk: Desk, policy: GatePolicy, edits: Sequence[Edit]) -> tuple[Judged, ...]:
    try:
        return covered_now(desk, policy, edits)
    except (LedgerError, OSError) as error:
        if not is_away(error):
            raise
        return ()


def _without_spoken_for(desk: Desk, policy: GatePolicy, edits: Sequence[Judged], named: Sequence[str]) -> tuple[Judged, ...]:
    """The edits that no change speaks for which the message names: what a rebase picks was made under that one, though it is over now."""
    if not edits:
        return ()
    from changelog_ledger.workflows.judge_edits import speaks_for

    changes = tuple(_known(desk.open_ledger(), named))
    return tuple(judged for judged in edits if set(judged.changes) & set(named) or not speaks_for(desk.open_ledger(), policy, judged, changes))


def _known(workspace: Workspace, named: Sequence[str]) -> Iterable[Change]:
    return workspace.snapshot_books.changes_named(named)
