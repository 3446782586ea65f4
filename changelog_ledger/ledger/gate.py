"""``Gate``: the verbs of ``ledger hook`` on one repository. The ledger behind it may be away; most commits do not need it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from changelog_ledger.sources.git_repository import GitRepository
from changelog_ledger.workflows.surroundings import actor_of, logged_warning, system_clock

if TYPE_CHECKING:
    from changelog_ledger.ledger.arguments import Duration
    from changelog_ledger.model.gate import IssuedGrant, Judged, Verdict
    from changelog_ledger.model.hooks import Installed
    from changelog_ledger.workflows.check_edits import Desk
    from changelog_ledger.workflows.check_message import Prepared
    from changelog_ledger.workflows.workspace import Workspace


PATIENCE = 5.0
"""Seconds that a commit waits for somebody else's lock on the ledger: the person sits before it."""


def _nobody(_judged: Judged) -> str:
    return ""


@dataclass(frozen=True)
class Gate:
    """Judges edits of configuration in a git repository.

    >>> with Gate.open("/srv/configuration") as gate:                   # doctest: +SKIP
    ...     for judged in gate.check().refused:
    ...         print(judged.edit.path, judged.misses)
    """

    folder: str | None
    repository: GitRepository
    home: str | None = None
    actor: str = ""
    clock: Callable[[], datetime] = system_clock
    entropy: Callable[[int], bytes] = os.urandom
    warn: Callable[[str], None] = logged_warning

    @classmethod
    def open(
        cls,
        repository: str | Path | None = None,
        *,
        home: str | Path | None = None,
        actor: str | None = None,
        clock: Callable[[], datetime] = system_clock,
        entropy: Callable[[int], bytes] = os.urandom,
        warn: Callable[[str], None] = logged_warning,
    ) -> Self:
        """The gate of a repository. Neither it nor the ledger is looked at before something is asked.

        :param repository: a folder of it; where we are if None, or what a git hook's environment says.
        :param home: the ledger's, as :meth:`Ledger.open` finds it.
        """
        folder = None if repository is None else str(repository)
        return cls(folder, GitRepository.open(folder), str(home) if home else None, actor or actor_of(os.environ), clock, entropy, warn)

    def close(self) -> None:
        """End what was started."""
        self.repository.close()
        if "workspace" in self.__dict__:
            self.workspace.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    @cached_property
    def workspace(self) -> Workspace:
        """The ledger's home, opened when it is first needed.

        :raises HomeError: if there is none.
        :raises SettingsError: if it is among the files of the repository, and not named.
        """
        from changelog_ledger.workflows.find_home import working_folder
        from changelog_ledger.workflows.gate_home import home_for
        from changelog_ledger.workflows.workspace import open_workspace

        place = home_for(self.repository, self.home, os.environ, working_folder())
        opened = open_workspace(place, actor=self.actor, now=self.clock, entropy=self.entropy, warn=self.warn)
        return opened.with_patience(PATIENCE)

    def check(self, *, emergency: str = "", change: str = "") -> Verdict:
        """What the gate says of what is staged.

        What changes cover is recorded as expected: the snapshot that finds it is attributed to them.

        :param emergency: why it cannot wait: an emergency change is opened for what would be refused.
        :param change: which of several changes is meant.
        :raises RepositoryError: if there is no repository, or git refuses.
        :raises InvalidInput: if the emergency gives no reason.
        :raises SettingsError: if the repository's policy cannot be used.
        :raises HomeError: (or :class:`Busy`) if the ledger is away and the policy is closed.
        """
        from changelog_ledger.workflows.check_edits import check_staged

        return check_staged(self._desk(emergency=emergency, change=change))

    def prepare_message(
        self, file: str | Path, source: str = "", commit: str = "", *, change: str = "", choose: Callable[[Judged], str] = _nobody
    ) -> Prepared:
        """Add to a commit message the trailer ``Ledger-Change`` of each change that covers what is staged.

        :param source: and ``commit``: as githooks(5) gives them to prepare-commit-msg.
        :param choose: answers which of the changes that cover an edit is meant.
        :raises RepositoryError: if there is no repository, or git refuses.
        :raises SettingsError: if the repository's policy cannot be used.
        """
        from changelog_ledger.workflows.check_message import prepare_message

        return prepare_message(self._desk(change=change), str(file), source, commit, choose)

    def check_message(self, file: str | Path, *, emergency: str = "", change: str = "") -> Verdict:
        """What the gate says of a commit message, and of what is staged under it.

        :raises LedgerError: as :meth:`check`.
        """
        from changelog_ledger.workflows.check_message import check_message

        return check_message(self._desk(emergency=emergency, change=change), str(file))

    def check_range(self, expression: str) -> tuple[Verdict, ...]:
        """What the gate says of each commit of a range, the oldest first. What nothing covers is recorded.

        :param expression: ``main..HEAD`` or a commit, as git-rev-list(1) reads it.
        :raises RepositoryError: if there is no repository, or it names no commits.
        :raises SettingsError: if the policy of a commit cannot be used.
        :raises HomeError: (or :class:`Busy`) if the ledger is away: nothing passes here unchecked.
        """
        from changelog_ledger.workflows.check_range import check_range

        return check_range(self._desk(), expression)

    def receive(self, lines: Iterable[bytes]) -> tuple[Verdict, ...]:
        """What the gate says of each commit of a push, the oldest first.

        :param lines: as githooks(5) gives them to pre-receive.
        :raises RepositoryError: if there is no repository.
        :raises InvalidInput: for a line that is none of these.
        :raises SettingsError: if the policy of a commit cannot be used.
        :raises HomeError: (or :class:`Busy`) if the ledger is away: nothing passes here unchecked.
        """
        from changelog_ledger.workflows.check_range import check_push

        _ = self.repository.git_directory  # a push of nothing asks nothing else of it
        return check_push(self._desk(), lines)

    def grant(self, change: str, *, length: Duration = "24h", to: str | Path | None = None) -> IssuedGrant:
        """Grant the edits that a change covers for the time when the ledger is away, at most 30 days. A note on the change says so.

        :param to: a new file to carry to where there is no ledger, or ``-``: only the answer has it; the repository's git directory if None.
        :raises NotFound: if there is no such change.
        :raises TransitionRefused: if it is over, or could not start when the grant begins to hold.
        :raises InvalidTime: if the length will not do, or the planned window lies outside.
        :raises InvalidInput: if the file is there already, or cannot be written.
        :raises RepositoryError: if it is to go into a repository, and there is none.
        """
        from changelog_ledger.ledger.arguments import length_of
        from changelog_ledger.workflows import grants

        span = length_of(length)
        if to is not None:
            return grants.grant_to(self.workspace, change, span, None if str(to) == "-" else Path(to))
        from changelog_ledger.workflows.gate_policy import policy_of_staged

        policy, common = policy_of_staged(self.repository).policy, Path(self.repository.common_directory)
        return grants.grant_in(self.workspace, change, span, common, policy)

    def install(self, stages: Sequence[str] = ()) -> Installed:
        """Put the gate into the repository. Hooks that are there are kept and run first; twice is as once.

        The hooks ask the home that this gate was opened with; else ``$LEDGER_HOME`` if it is set now; else they look for it as every command does.

        :param stages: git's names: ``pre-commit``, ``pre-merge-commit``, ``prepare-commit-msg``, ``commit-msg``, ``pre-receive``; none for what fits:
            the first four, in a bare repository the last.
        :raises InvalidInput: for an unknown stage, or where the hooks folder is not the repository's own (``core.hooksPath``): the hint has the lines
            to add by hand.
        :raises RepositoryError: if there is no repository.
        """
        from changelog_ledger.workflows.find_home import find_home
        from changelog_ledger.workflows.install_hooks import install_hooks

        named = self.home or os.environ.get("LEDGER_HOME")
        home = find_home(named, {}, None) if named else None
        return install_hooks(Path(self.folder or os.curdir), stages, home=home, python=sys.executable or "")

    def uninstall(self, *, force: bool = False) -> Installed:
        """Take the gate out of the repository; the hooks from before it are back as they were.

        :param force: remove the gate's scripts though somebody has edited them.
        :raises InvalidInput: if somebody has.
        :raises RepositoryError: if there is no repository.
        """
        from changelog_ledger.workflows.install_hooks import uninstall_hooks

        return uninstall_hooks(Path(self.folder or os.curdir), force=force)

    def _asked_ledger(self) -> Workspace:
        """The home for a check: what passed here while it was away is recorded first."""
        from changelog_ledger.workflows.unchecked_edits import take_back

        take_back(Path(self.repository.common_directory), self.workspace)
        return self.workspace

    def _desk(self, *, emergency: str = "", change: str = "") -> Desk:
        from changelog_ledger.gate.trailers import named_in
        from changelog_ledger.workflows.check_edits import Desk
        from changelog_ledger.workflows.emergency_reason import checked_reason

        return Desk(
            self.repository, self._asked_ledger, self.clock, self.actor, self.repository.author, named_in([change]), checked_reason(emergency)
        )


def variables(environment: Mapping[str, str]) -> dict[str, str]:
    """What the environment of a commit says to :meth:`Gate.check`: ``$LEDGER_EMERGENCY`` and ``$LEDGER_CHANGE``."""
    return {"emergency": environment.get("LEDGER_EMERGENCY", ""), "change": environment.get("LEDGER_CHANGE", "")}
