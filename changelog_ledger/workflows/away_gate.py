"""The gate while its ledger is away: edits pass by a grant or a lenient policy, or not at all. What passes is remembered first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from changelog_ledger.errors import HomeError, LedgerError, RepositoryError
from changelog_ledger.gate.coverage import Circumstances
from changelog_ledger.gate.exemptions import names_of
from changelog_ledger.model.change import Change, Remark
from changelog_ledger.model.gate import Away, GatePolicy, Grant, Judged, Person, Verdict
from changelog_ledger.workflows.away import away_words
from changelog_ledger.workflows.judge_edits import covered, policy_paths, without_meaningless
from changelog_ledger.workflows.read_grants import grants_folder, read_grants
from changelog_ledger.workflows.unchecked_edits import Absence, remember
from changelog_ledger.workflows.workspace import Workspace

if TYPE_CHECKING:
    from changelog_ledger.workflows.check_edits import Desk

_UNASKED = "not checked: the ledger is away"
_WAYS = 'if it cannot wait: LEDGER_EMERGENCY=\'why\' git commit …; for the next time: when_away = "grant" (and: ledger hook grant CHG-…) or "warn"'


@dataclass(frozen=True, slots=True)
class AwayOutcome:
    """What the gate says of edits while its ledger is away.

    :ivar edits: one that passes by a grant has the change's id in ``changes``, one that passes unchecked says so in ``exempt``; others are refused.
    :ivar remarks: ``away``: that it is, and what that means; ``grant``: why a file among the grants does not count.
    """

    edits: tuple[Judged, ...]
    remarks: tuple[Remark, ...] = ()


def while_away(desk: Desk, policy: GatePolicy, verdict: Verdict, error: BaseException) -> Verdict:
    """The verdict on what is staged, though the ledger does not answer; edits of comments or form alone need nobody's answer.

    :param verdict: with the edits that pass whatever the ledger says marked so.
    :raises LedgerError: as :func:`when_away`.
    """
    from changelog_ledger.workflows.describe_edits import described

    workspace = _home(desk)
    edits = without_meaningless(policy, verdict.edits, lambda judged: described(desk.repository, workspace, judged))
    author = verdict.author or _author(desk)
    people = names_of(policy, author, desk.actor) if author else frozenset()
    within = Circumstances(policy, (desk.now(),), people=people)

    def judged_by(changes: Sequence[Change]) -> tuple[Judged, ...]:
        return tuple(each if each.passes else covered(each, policy_paths(policy, each.edit), changes, within) for each in edits)

    absence = Absence(Path(desk.repository.common_directory), workspace, desk.actor, desk.now, author, desk.repository.head(), desk.emergency)
    if desk.emergency:
        return _in_emergency(error, within, replace(verdict, edits=edits), absence)
    outcome = when_away(error, policy, edits, judged_by, absence)
    return replace(verdict, edits=outcome.edits, remarks=(*verdict.remarks, *outcome.remarks))


def _in_emergency(error: BaseException, within: Circumstances, verdict: Verdict, absence: Absence) -> Verdict:
    """What cannot wait passes with its reason, whatever the policy says of a ledger that is away; it is written down first."""
    if verdict.passes:
        return verdict
    if absence.workspace is not None:
        from changelog_ledger.workflows.emergency import spool_emergency

        spooled = spool_emergency(absence.workspace, within, verdict, absence.reason)
        remark = Remark("away", f"the ledger does not answer ({away_words(error)}); the emergency change waits in the spool")
        return replace(spooled, remarks=(*verdict.remarks, remark))
    remember(absence, verdict.refused, ())
    remark = Remark("away", f"the ledger does not answer ({away_words(error)}); what passes is recorded, with the reason, once it does")
    edits = tuple(judged if judged.passes else replace(judged, exempt=f"an emergency: {absence.reason}", misses=()) for judged in verdict.edits)
    return replace(verdict, edits=edits, remarks=(*verdict.remarks, remark))


def when_away(
    error: BaseException,
    policy: GatePolicy,
    edits: Sequence[Judged],
    judged_by: Callable[[Sequence[Change]], Sequence[Judged]],
    absence: Absence,
) -> AwayOutcome:
    """What becomes of edits of configuration that nobody can be asked about now. What passes is remembered before it does.

    :param error: what the ledger said (:func:`~changelog_ledger.workflows.away.is_away` holds for it).
    :param edits: those that are exempt pass as ever.
    :param judged_by: judges the same edits, in their order, by these changes alone.
    :raises LedgerError: what the ledger said, and what can be done about it, if the policy is closed.
    :raises HomeError: if what would pass cannot be remembered.
    """
    if all(judged.passes for judged in edits):
        return AwayOutcome(tuple(edits))
    if policy.when_away is Away.CLOSED:
        raise _closed(error) from error
    now = absence.now()
    grants, reasons = read_grants(grants_folder(absence.common), policy.grant_keys, now)
    granted = judged_by([_under_way(grant, now) for grant in grants])
    outcome = tuple(before if before.passes else _decided(after, policy) for before, after in zip(edits, granted, strict=True))
    passing = [after for before, after in zip(edits, outcome, strict=True) if after.passes and not before.passes]
    remember(absence, passing, grants)
    return AwayOutcome(outcome, (_remark(error, outcome, passing), *reasons))


def _under_way(grant: Grant, now: datetime) -> Change:
    """A grant that counts now was issued before now, though this machine's clock may be a little behind."""
    change = grant.as_change()
    return replace(change, started_at=min(grant.issued_at, now))


def _decided(judged: Judged, policy: GatePolicy) -> Judged:
    if judged.passes:
        return judged
    if policy.when_away is Away.WARN:
        return replace(judged, exempt=_UNASKED, misses=())
    return replace(judged, misses=tuple(replace(miss, commands=()) for miss in judged.misses))  # no command helps while nobody answers


def _closed(error: BaseException) -> LedgerError:
    message = f"the gate cannot ask its ledger: {away_words(error)}"
    hint = error.hint if isinstance(error, LedgerError) else ""
    ways = "; ".join(filter(None, [hint, _WAYS]))
    return type(error)(message, ways) if isinstance(error, LedgerError) else HomeError(message, ways)


def _remark(error: BaseException, outcome: Sequence[Judged], passing: Sequence[Judged]) -> Remark:
    granted = sum(1 for judged in passing if judged.changes)
    refused = sum(1 for judged in outcome if not judged.passes)
    counts = ((granted, "by grant"), (len(passing) - granted, "unchecked"), (refused, "refused: no grant covers them"))
    found = ", ".join(f"{number} {words}" for number, words in counts if number)
    return Remark("away", f"the ledger does not answer ({away_words(error)}); edits: {found}")


def _home(desk: Desk) -> Workspace | None:
    """The home, if it is there and only its database is away."""
    try:
        return desk.open_ledger()
    except (LedgerError, OSError):
        return None


def _author(desk: Desk) -> Person | None:
    try:
        return desk.author()
    except RepositoryError:  # git knows no name: whoever commits has to say one anyway
        return None
