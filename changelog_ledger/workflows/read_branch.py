"""A branch of a repository → its deliveries: the commits by first parents that touch configuration, and whose files they touch.

A merge is one delivery: what is deployed from a branch is its state after a merge, and no commit between was ever alone on it. What those commits say
of tickets and changes counts for the merge.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from changelog_ledger.errors import InvalidTarget, RepositoryError, SettingsError
from changelog_ledger.gate.places import place_of
from changelog_ledger.model import globs
from changelog_ledger.model.gate import Commit, GatePolicy, Place
from changelog_ledger.model.ingestion import Gap
from changelog_ledger.model.topology import EVERYTHING, Target
from changelog_ledger.observations.deliveries.infrastructure import hosts_in, is_infrastructure
from changelog_ledger.sources.git_history import Branch
from changelog_ledger.sources.git_repository import GitRepository
from changelog_ledger.workflows.commit_times import moment
from changelog_ledger.workflows.gate_policy import policy_at
from changelog_ledger.workflows.record_seen import Progress
from changelog_ledger.workflows.workspace import Workspace

_MOST_BROUGHT = 200
"""Of so many commits that a merge brought the messages are read."""


@dataclass(frozen=True, slots=True)
class Which:
    """Which commits somebody wants, and how.

    :ivar on: what they are about; None: as the policy, ``hosts/NAME`` and the ledger say.
    :ivar paths: globs of the files that count, instead of the policy's and the usual ones.
    """

    branch: str = ""
    on: Target | None = None
    since: datetime | None = None
    paths: tuple[str, ...] = ()


@dataclass(frozen=True)
class Delivery:
    """A commit of the branch that touches what counts.

    :ivar places: whose each file is, by path: the targets that the ledger knows.
    :ivar named: the changes that it, or what it brought, names and the ledger has.
    """

    commit: Commit
    brought: tuple[Commit, ...]
    branch: str
    places: Mapping[str, Place]

    @property
    def at(self) -> datetime:
        """When it was committed, as it claims: the committer's date, for it is made anew when a commit is rebased or picked."""
        return moment(self.commit.committed_at)

    @property
    def messages(self) -> tuple[Commit, ...]:
        """The commits whose messages speak of it."""
        return (self.commit, *self.brought)

    def by_target(self) -> dict[Target, list[str]]:
        """The files of each target, ``all`` where a file is nobody's in particular."""
        found: dict[Target, list[str]] = {}
        for path, place in self.places.items():
            for target in place.targets or (EVERYTHING,):
                found.setdefault(target, []).append(path)
        return dict(sorted(found.items()))


@dataclass
class BranchReader:
    """Reads the deliveries of one branch; what cannot be read is in ``gaps``."""

    workspace: Workspace
    repository: GitRepository
    branch: Branch
    policy: GatePolicy | None
    which: Which
    progress: Progress
    gaps: list[Gap] = field(default_factory=list)
    _known: dict[str, frozenset[Target]] = field(default_factory=dict)

    def deliveries(self) -> Iterator[Delivery]:
        """Oldest first."""
        try:
            for commit in self.branch.commits():
                self.progress(1)
                if self.which.since is None or moment(commit.committed_at) >= self.which.since:
                    yield from self._delivery(commit)
        except RepositoryError as error:
            self.gaps.append(Gap("git", f"{error.message}; what was read until there is recorded"))

    def _delivery(self, commit: Commit) -> Iterator[Delivery]:
        try:
            edits = self.repository.edits_of(commit)
        except RepositoryError as error:
            if not commit.is_shallow:
                raise
            self.gaps.append(Gap(f"commit {commit.id[:12]}", error.message))
            return
        places = {path: place for edit in edits for path in edit.paths if (place := self._place(path)) is not None}
        if places:
            yield Delivery(commit, self._brought(commit), self.branch.name, places)

    def _brought(self, commit: Commit) -> tuple[Commit, ...]:
        if len(commit.parents) < 2:
            return ()
        return tuple(islice(self.branch.brought_by(commit), _MOST_BROUGHT))

    def _place(self, path: str) -> Place | None:
        """Whose file it is; None if it does not count."""
        placed = place_of(self.policy, path) if self.policy is not None else None
        if self.which.paths:
            if not any(globs.matches(glob, path) for glob in self.which.paths):
                return None
        elif placed is None if self.policy is not None else not is_infrastructure(path):
            return None
        targets = (self.which.on,) if self.which.on else self._among_known((*(placed.targets if placed else ()), *_hosts(path)))
        return Place(targets, placed.inner if placed else path, placed.host_path if placed else "")

    def _among_known(self, targets: Sequence[Target]) -> tuple[Target, ...]:
        asked = " ".join(map(str, targets))
        if asked not in self._known:
            with self.workspace.store.reading() as view:
                self._known[asked] = view.topology.known_among(targets) if targets else frozenset()
        return tuple(dict.fromkeys(target for target in targets if target in self._known[asked]))


def policy_of(repository: GitRepository, branch: Branch) -> tuple[GatePolicy | None, list[Gap]]:
    """The gate's policy as the branch has it now: what is configuration is asked of all its history. One that cannot be read is told."""
    try:
        return policy_at(repository, branch.tip), []
    except SettingsError as error:
        return None, [Gap("the gate's policy", f"{error.message}; files are chosen by their usual names")]


def _hosts(path: str) -> Iterator[Target]:
    for name in hosts_in(path):
        try:
            yield Target.host(name)
        except InvalidTarget:
            continue
