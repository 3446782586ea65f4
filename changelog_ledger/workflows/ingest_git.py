"""``ingest git``: commits that touch configuration or infrastructure code become observations, or changes.

The data's way: a branch → its deliveries → an observation for each target → what a change covers is explained by it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from changelog_ledger.gate.coverage import Circumstances, covering
from changelog_ledger.gate.trailers import named_in
from changelog_ledger.model import globs
from changelog_ledger.model.gate import Commit, GatePolicy, Place
from changelog_ledger.model.identifiers import evidence_id
from changelog_ledger.model.ingestion import Gap, Ingested, Seen
from changelog_ledger.model.times import format_instant
from changelog_ledger.model.topology import EVERYTHING, Target, TargetKind
from changelog_ledger.observations.deliveries.commits import summary_of, tickets_of, told_trailers
from changelog_ledger.observations.deliveries.untrusted import MOST_LISTED, data_of, one_line
from changelog_ledger.sources.git_history import Branch
from changelog_ledger.sources.git_repository import GitRepository
from changelog_ledger.workflows.commit_times import moment
from changelog_ledger.workflows.free_text import masked_body
from changelog_ledger.workflows.mark_health import CLOCK_TOLERANCE
from changelog_ledger.workflows.read_branch import BranchReader, Delivery, Which, policy_of
from changelog_ledger.workflows.record_lines import Recording
from changelog_ledger.workflows.record_seen import Progress, record_seen
from changelog_ledger.workflows.topology import resolve_target
from changelog_ledger.workflows.workspace import Workspace

WHAT = "commit"
_MOST_FILES = 20


def wanted_commits(
    workspace: Workspace, on: str | Target | None = None, *, branch: str = "", since: datetime | None = None, paths: Sequence[str] = ()
) -> Which:
    """Which commits somebody wants, with the target that they typed.

    :raises NotFound: if there is no such target.
    """
    if on is None:
        return Which(branch, None, since, tuple(paths))
    with workspace.store.reading() as view:
        return Which(branch, resolve_target(view, on), since, tuple(paths))


def ingest_git(
    workspace: Workspace,
    folder: str,
    which: Which,
    *,
    as_changes: bool = False,
    dry_run: bool = False,
    progress: Progress = lambda _done: None,
) -> Ingested:
    """Record the commits of a branch that touch configuration or infrastructure code.

    :param folder: of the repository, or within it.
    :param as_changes: each as a change that succeeded, for those whose repository is where changes are decided; else as observations.
    :param dry_run: read every commit, record nothing.
    :raises RepositoryError: if there is no repository, no such branch, or no commit.
    """
    with GitRepository.open(folder) as repository:
        branch = Branch.named(repository, which.branch)
        policy, gaps = policy_of(repository, branch)
        reader = BranchReader(workspace, repository, branch, policy, which, progress, gaps)
        record = _as_changes if as_changes else _as_observations
        return record(workspace, reader, dry_run=dry_run)


# ---- observations


def _as_observations(workspace: Workspace, reader: BranchReader, *, dry_run: bool) -> Ingested:
    explained: dict[str, str] = {}

    def seen() -> Iterator[Seen]:
        for delivery in reader.deliveries():
            explaining = _Explaining(workspace, reader.policy or GatePolicy(), delivery)
            for target, paths in delivery.by_target().items():
                each = _seen(workspace, delivery, target, paths, explaining.named)
                if change := explaining.change_for(target, paths):
                    explained[each.ref] = change
                yield each

    result = record_seen(workspace, workspace.settings.host, seen(), gaps=reader.gaps, dry_run=dry_run)
    if not dry_run:
        _explain(workspace, explained)
    return result


def _seen(workspace: Workspace, delivery: Delivery, target: Target, paths: Sequence[str], named: Sequence[str]) -> Seen:
    commit = delivery.commit
    data = data_of(
        commit=commit.id,
        author=str(commit.author),
        committer=str(commit.committer),
        branch=delivery.branch,
        files=list(paths[:_MOST_FILES]),
        files_total=len(paths),
        paths=[path for name in paths[:_MOST_FILES] if (path := delivery.places[name].host_path)],
        trailers=told_trailers(delivery.messages),
        tickets=_tickets(delivery),
        change=named[0] if named else "",
        changes=list(named[1:]),
        brought=[each.id for each in delivery.brought[:_MOST_FILES]],
        brought_total=len(delivery.brought),
    )
    shown = masked_body({"summary": summary_of(commit, paths), "data": data}, workspace.masked_text)
    author = one_line(commit.author.name)[:200]
    return Seen(
        _ref(commit, target), WHAT, delivery.at, shown["summary"], target, actor=author, data=shown["data"], source=f"commit {commit.id[:12]}"
    )


def _ref(commit: Commit, target: Target) -> str:
    return f"git:{commit.id}:{target}"


def _tickets(delivery: Delivery) -> list[str]:
    return list(dict.fromkeys(ticket for commit in delivery.messages for ticket in tickets_of(commit)))[:_MOST_FILES]


class _Explaining:
    """Which change explains a delivery: one that its messages name, and that would have let it through the gate when it was committed.

    Anybody can write a trailer; so the change has to be about the target and the files, and under way at that time.
    """

    def __init__(self, workspace: Workspace, policy: GatePolicy, delivery: Delivery) -> None:
        """Ask the ledger for the changes that a delivery names."""
        self._delivery = delivery
        names = named_in(value for commit in delivery.messages for value in commit.trailers)
        with workspace.store.reading() as view:
            self._changes = view.changes_named(set(names)) if names else ()
            hosts = sorted(target.name for target in delivery.by_target() if target.kind is TargetKind.HOST) if self._changes else []
            runs_on = view.runs_on(hosts) if hosts else {}
        times = tuple(dict.fromkeys(moment(seconds) for commit in delivery.messages for seconds in (commit.committed_at, commit.authored_at)))
        self._within = Circumstances(policy, times, runs_on)
        self.named = tuple(name for name in names if name in {change.id for change in self._changes})

    def change_for(self, target: Target, paths: Iterable[str]) -> str:
        """The change that covers all files of a target; empty if none does."""
        if not self._changes:
            return ""
        places = {path: self._placed(path, target) for path in paths}
        covers, _ = covering(self._changes, places, self._within)
        return covers[0] if covers else ""

    def _placed(self, path: str, target: Target) -> Place:
        place = self._delivery.places[path]
        return Place(() if target is EVERYTHING else (target,), place.inner, place.host_path)


def _explain(workspace: Workspace, explained: Mapping[str, str]) -> None:
    """Attribute observations to changes, each once. What was not recorded (dated in the future) is not explained either."""
    if not explained:
        return
    keys = [f"observation:{ref}" for ref in explained]
    with workspace.store.reading() as view:
        there = view.facts.known_keys(keys)
    facts = [
        workspace.fact("explanation", {"evidence": [evidence_id("observation", f"observation:{ref}")], "change": change}, ref=ref)
        for ref, change in explained.items()
        if f"observation:{ref}" in there
    ]
    workspace.store.append(facts)


# ---- changes


def _as_changes(workspace: Workspace, reader: BranchReader, *, dry_run: bool) -> Ingested:
    latest = workspace.now() + CLOCK_TOLERANCE
    recording = Recording(workspace, f"branch {reader.branch.name or reader.branch.tip[:12]}", dry_run=dry_run, gaps=reader.gaps)
    lines = []
    for delivery in reader.deliveries():
        if delivery.at > latest:
            reader.gaps.append(Gap(f"commit {delivery.commit.id[:12]}", "dated in the future, not recorded"))
        else:
            lines.append(_change_line(delivery))
    recording.add(lines)
    return recording.answer()


def _change_line(delivery: Delivery) -> dict[str, Any]:
    """A change that was made when it was committed. Its globs are the files, wherever they end up on a host: ``nginx/nginx.conf``."""
    commit, at = delivery.commit, format_instant(delivery.at)
    files = list(delivery.places)
    return {
        "kind": "change",
        "ref": f"git:{commit.id}",
        "title": one_line(commit.subject) or f"commit {commit.id[:12]}",
        "on": [str(target) for target in delivery.by_target()],
        "paths": [globs.literal(delivery.places[path].host_path or path) for path in map(one_line, files[:MOST_LISTED]) if path in delivery.places],
        "category": [WHAT],
        "status": "succeeded",
        "outcome": "succeeded",
        "recorded_at": at,
        "started_at": at,
        "finished_at": at,
        "actor": one_line(commit.author.name)[:200],
        "ticket": ", ".join(_tickets(delivery)[:5]),
        "description": one_line(f"commit {commit.id} on {delivery.branch or 'no branch'}: {', '.join(files[:_MOST_FILES])}"),
    }
