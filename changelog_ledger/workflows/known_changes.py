"""What the ledger knows about commits that are there already: the changes that may cover their edits, and what it has let in before."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from changelog_ledger.model.change import OPEN, Change
from changelog_ledger.model.gate import Commit, GatePolicy, Judged, Verdict
from changelog_ledger.model.topology import EVERYTHING, Target, TargetKind
from changelog_ledger.sources.git_repository import GitRepository
from changelog_ledger.store.queries import View
from changelog_ledger.store.reach import asked_of
from changelog_ledger.workflows.commit_times import moment
from changelog_ledger.workflows.expect_edits import expected_edits
from changelog_ledger.workflows.workspace import Workspace

_ROUND = timedelta(days=1)
"""So far around a commit's time changes, and what was let in, are looked for: its clock may be wrong, and a message takes its time."""


@dataclass(frozen=True)
class Known:
    """Of one commit.

    :ivar named: the changes that it names; ``others`` those around it, where it names none.
    """

    named: tuple[Change, ...] = ()
    others: tuple[Change, ...] = ()
    runs_on: dict[Target, frozenset[str]] = field(default_factory=dict)

    @property
    def candidates(self) -> tuple[Change, ...]:
        """The changes that may cover its edits: where it says which, these alone."""
        return self.named or self.others


def known_of(workspace: Workspace, verdicts: Sequence[Verdict]) -> list[Known]:
    """What is known of each of these commits, by one look at the ledger."""
    hosts = {target.name for verdict in verdicts for target in _targets(verdict) if target.kind is TargetKind.HOST}
    with workspace.store.reading() as view:
        named = {change.id: change for change in view.changes_named({name for verdict in verdicts for name in verdict.trailers})}
        look = _Look(view, view.runs_on(sorted(hosts)), view.open_changes([str(status) for status in OPEN], ()))
        return [_known(look, verdict, tuple(named[name] for name in verdict.trailers if name in named)) for verdict in verdicts]


@dataclass(frozen=True)
class _Look:
    """The ledger, and what is the same for all commits."""

    view: View
    runs_on: dict[Target, frozenset[str]]
    under_way: tuple[Change, ...]


def _known(look: _Look, verdict: Verdict, named: tuple[Change, ...]) -> Known:
    edits = [judged for judged in verdict.edits if not judged.exempt]
    others = _around(look, edits, verdict.committed_at) if edits and not named and verdict.committed_at is not None else ()
    return Known(named, others, look.runs_on)


def _around(look: _Look, edits: Sequence[Judged], at: datetime) -> tuple[Change, ...]:
    """The changes around a moment that may cover edits; any at all where one is nobody's in particular."""
    places = [place for judged in edits for place in judged.places]
    if not all(place.targets for place in places):
        then = look.view.changes.listed(open_only=False, on=None, since=at - _ROUND, limit=None)
    else:
        targets = {target for place in places for target in place.targets}
        services = {service: hosts for service, hosts in look.runs_on.items() if any(Target.host(host) in targets for host in hosts)}
        then = look.view.changes.touching(asked_of(sorted(targets), services), at - _ROUND, at + _ROUND)
    return tuple({change.id: change for change in (*look.under_way, *then)}.values())


def let_in(
    repository: GitRepository, workspace: Workspace, policy: GatePolicy, commit: Commit, edits: Sequence[Judged]
) -> tuple[tuple[str, ...], ...]:
    """For each edit the changes under which exactly this was let in before the commit was made, where that was.

    Bytes that are no others than before prove nothing: it is the mode that was altered. Nor does what was let in long ago: whoever puts it back makes
    an edit of today.
    """
    targets = {target for judged in edits for place in judged.places for target in place.targets or (EVERYTHING,)}
    since, until = moment(commit.authored_at) - _ROUND, moment(max(commit.authored_at, commit.committed_at)) + _ROUND
    with workspace.store.reading() as view:
        said = view.gate.expected_on(sorted(targets), since, until)
    known = {(entry.target, entry.path, entry.digest, entry.change) for entry in said}
    changes = dict.fromkeys(entry.change for entry in said)
    return tuple(_proven(repository, workspace, policy, judged, changes, known) for judged in edits)


def _proven(
    repository: GitRepository,
    workspace: Workspace,
    policy: GatePolicy,
    judged: Judged,
    changes: Iterable[str],
    known: Collection[tuple[Target, str, str, str]],
) -> tuple[str, ...]:
    before, after = judged.edit.before, judged.edit.after
    if before and after and before.blob == after.blob and not judged.edit.old_path:
        return ()
    wanted = list(expected_edits(repository, workspace, policy, judged, ""))
    return tuple(change for change in changes if wanted and all((each.target, each.path, each.digest, change) in known for each in wanted))


def _targets(verdict: Verdict) -> set[Target]:
    return {target for judged in verdict.edits if not judged.exempt for place in judged.places for target in place.targets}
