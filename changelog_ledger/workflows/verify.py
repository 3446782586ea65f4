"""``verify``, ``rebuild`` and ``repair``: is the record complete and unaltered, and what to do if a process died."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from changelog_ledger.errors import HomeError, RepositoryError
from changelog_ledger.model.evidence import Delta
from changelog_ledger.model.snapshot import Snapshot
from changelog_ledger.store.queries import View
from changelog_ledger.store.store import Progress
from changelog_ledger.store.verification import Finding, broken_chains, wrong_projections
from changelog_ledger.workflows.take_snapshot import adopt_orphans, snapshot_deltas
from changelog_ledger.workflows.verify_contents import wrong_contents
from changelog_ledger.workflows.workspace import Workspace

__all__ = ["Finding", "Repair", "rebuild", "repair", "verify"]


@dataclass(frozen=True, slots=True)
class Repair:
    """What ``repair`` did: snapshots adopted, leftovers of killed processes removed."""

    adopted: tuple[Snapshot, ...]
    swept: int


def verify(workspace: Workspace, *, quick: bool = False, progress: Progress = lambda _done: None) -> tuple[Finding, ...]:
    """Walk every chain, look for every snapshot's commit, rebuild the projections elsewhere and compare, read the last snapshots whole.

    :param quick: leave the projections and the contents out.
    :returns: what does not fit; empty if all is well.
    """
    if broken := broken_chains(workspace.store, progress):
        return broken  # nothing else can be judged by facts that were altered
    try:
        with workspace.locks.repository_shared():  # gc takes nothing away meanwhile
            findings = _wrong_snapshots(workspace, progress, quick=quick)
    except RepositoryError as error:
        return (Finding("snapshot", f"the repository is damaged: {error.message}"),)
    return (*findings, *_missing_keys(workspace))


def _wrong_snapshots(workspace: Workspace, progress: Progress, *, quick: bool) -> tuple[Finding, ...]:
    findings = tuple(_wrong_repository(workspace))
    if quick or any(finding.is_tampering for finding in findings):
        return findings
    workspace.repository.check()
    return (*findings, *wrong_projections(workspace.store, _deltas_of(workspace), progress), *wrong_contents(workspace, progress))


def _missing_keys(workspace: Workspace) -> Iterator[Finding]:
    """Keys that are gone, damaged or readable for others: nothing was altered, but secrets can no longer be compared or opened."""
    said: set[str] = set()
    for key in ("fingerprint_key", "recipients", "identities"):
        try:
            getattr(workspace, key)
        except HomeError as error:
            if error.message not in said:
                yield Finding("key", error.message)
            said.add(error.message)


def rebuild(workspace: Workspace, progress: Progress = lambda _done: None) -> int:
    """Make every projection again from the facts and git. Returns the number of facts."""
    with workspace.locks.repository_shared():
        return workspace.store.rebuild(_deltas_of(workspace), progress)


def repair(workspace: Workspace) -> Repair:
    """Adopt commits without facts, remove what killed writers left behind. Nothing recorded is altered."""
    adopted: list[Snapshot] = []
    for host in workspace.repository.tips():
        with workspace.locks.host(host):
            adopted += adopt_orphans(workspace, host)
    with workspace.locks.collection(), workspace.locks.repository_alone():  # nobody writes now: whatever lies about belongs to the dead
        dead = workspace.repository.leftovers()
        workspace.repository.sweep(dead)
        workspace.repository.repacking().abandon()
    return Repair(tuple(adopted), len(dead))


def _deltas_of(workspace: Workspace) -> Callable[[str, str | None, str], Sequence[Delta]]:
    def deltas(_snapshot: str, previous: str | None, commit: str) -> Sequence[Delta]:
        return snapshot_deltas(workspace.repository, previous, commit, workspace.settings.format_rules)

    return lru_cache(maxsize=1)(deltas)


def _is_orphan(workspace: Workspace, host: str) -> bool:
    """Looked at again with the host's lock held: a snapshot that was being taken meanwhile is no orphan."""
    with workspace.locks.host(host), workspace.store.reading() as view:
        last = view.evidence.last_snapshot(host)
        return workspace.repository.tip(host) != (last.commit if last else None)


class RecordedCommits(NamedTuple):
    """The commits that snapshot facts name, by host, in order: of the snapshots that are to be there, and of those that have expired."""

    kept: Mapping[str, Sequence[str]]
    expired: Mapping[str, Sequence[str]]


def recorded_commits(view: View) -> RecordedCommits:
    """What the facts say, not the tables made from them."""
    expired = view.facts.expired()
    kept: dict[str, list[str]] = {}
    gone: dict[str, list[str]] = {}
    for fact in view.facts.of_kind("snapshot"):
        body = fact.data
        (gone if fact.id in expired else kept).setdefault(body["host"], []).append(body["commit"])
    return RecordedCommits(kept, gone)


def _wrong_repository(workspace: Workspace) -> Iterator[Finding]:
    """Snapshots whose commit is gone, commits without a fact. Asks the facts, which the chain has proved, not the tables made from them."""
    with workspace.store.reading() as view:
        recorded = recorded_commits(view).kept
    for host, commits in workspace.repository.missing(recorded).items():
        number = len(commits)
        text = f"{number} snapshot{'s' if number != 1 else ''} of {host} cannot be reached from its branch, the first commit is {commits[0][:12]}"
        yield Finding("snapshot", text)
    for host, tip in workspace.repository.tips().items():
        if tip not in recorded.get(host, ())[-1:] and _is_orphan(workspace, host):
            yield Finding("orphan", f"{host} has a commit without a fact ({tip[:12]}): a process died between the two; ledger repair adopts it")
