"""Where each host stands when a history is adopted: what of it is recorded already, and what its last snapshot holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from changelog_ledger.errors import OutOfOrder
from changelog_ledger.model.snapshot import Snapshot
from changelog_ledger.snapshots.committed import CommittedManifest
from changelog_ledger.workflows.take_snapshot import adopt_orphans
from changelog_ledger.workflows.workspace import Workspace

_ADOPTED = "adopted"


@dataclass
class Branch:
    """A host's branch while it grows.

    :ivar begun_at: the commit that it stood at, None for a host without snapshots.
    :ivar manifest: what its last commit holds.
    :ivar last: its last snapshot.
    :ivar start: the place in the history of the first commit that is not recorded yet.
    :ivar refusal: why nothing can be added to it; empty if it can.
    :ivar recovered: how many snapshots were recorded that an earlier run had left in git.
    """

    host: str
    begun_at: str | None
    manifest: CommittedManifest
    last: Snapshot | None
    start: int
    refusal: str = ""
    recovered: int = 0

    @property
    def new_tip(self) -> str | None:
        """The commit to move to, None where nothing was added."""
        return self.manifest.commit if self.manifest.commit != self.begun_at else None

    def check(self) -> None:
        """:raises OutOfOrder: if nothing can be added."""
        if self.refusal:
            raise OutOfOrder(self.refusal, f"adopt it under another name, for example --host {self.host}-history")


def key_of(commit: str, host: str) -> str:
    """What the snapshot of a foreign commit is known by."""
    return f"{_ADOPTED}:{commit}:{host}"


def branch_of(workspace: Workspace, host: str, places: Mapping[str, int]) -> Branch:
    """Where ``host`` stands. What an earlier run left in git without a fact is recorded first.

    :param places: where each commit stands in the history.
    """
    with workspace.locks.host(host):
        recovered = len(adopt_orphans(workspace, host))
    with workspace.store.reading() as view:
        last = view.evidence.last_snapshot(host)
    manifest = workspace.repository.manifest_of(last.commit if last else None)
    if last is None:
        return Branch(host, None, manifest, None, 0)
    note = manifest.note()
    newest = note.key.removeprefix(f"{_ADOPTED}:").removesuffix(f":{host}") if note is not None and note.id == last.id else ""
    if newest in places:
        return Branch(host, last.commit, manifest, last, places[newest] + 1, recovered=recovered)
    start = _after_newest(workspace, host, places)
    refusal = f"{host} has snapshots that " + ("were taken since this history was adopted" if start else "do not come from this history")
    return Branch(host, last.commit, manifest, last, start, f"{refusal}; nothing can come before them", recovered)


def _after_newest(workspace: Workspace, host: str, places: Mapping[str, int]) -> int:
    keys = {f"snapshot:{key_of(commit, host)}": place for commit, place in places.items()}
    with workspace.store.reading() as view:
        return max((keys[key] + 1 for key in view.facts.known_keys(list(keys))), default=0)
