"""``ledger.bisections``: searches of a history that go on from one call to the next."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from changelog_ledger.workflows.workspace import Workspace

if TYPE_CHECKING:
    from changelog_ledger.model.bisection import Bisection


class Bisections:
    """The verbs of ``ledger bisect`` beside :meth:`Ledger.bisect`, which begins one. None of them needs a name where only one search is under way."""

    def __init__(self, workspace: Workspace) -> None:
        """Use ``Ledger.bisections``."""
        self._workspace = workspace

    def good(self, host: str = "", *, repo: str | Path = "") -> Bisection:
        """Say that the trouble does not show with the state that was to be looked at; what comes next.

        :raises NotFound: if no search is under way; :class:`Ambiguous` if there are several and none is named.
        :raises InvalidInput: if nothing was shown that could be meant: look first, with :meth:`Ledger.bisect`.
        :raises BisectionStopped: if an end is not what it should be: the search is forgotten.
        :raises Busy: if somebody else searches the same history.
        """
        return self._answered("good", host, repo)

    def bad(self, host: str = "", *, repo: str | Path = "") -> Bisection:
        """Say that the trouble shows with it; what comes next."""
        return self._answered("bad", host, repo)

    def skip(self, host: str = "", *, repo: str | Path = "") -> Bisection:
        """Say that nobody can tell of it; what comes next."""
        return self._answered("skip", host, repo)

    def status(self, host: str = "", *, repo: str | Path = "") -> Bisection:
        """Where the search stands, also while somebody is at it."""
        from changelog_ledger.workflows import bisect

        return bisect.status(self._workspace, host=host, repository=str(repo))

    def reset(self, host: str = "", *, repo: str | Path = "") -> None:
        """Forget the search, and remove what it has written."""
        from changelog_ledger.workflows import bisect

        bisect.reset(self._workspace, host=host, repository=str(repo))

    def _answered(self, verdict: str, host: str, repo: str | Path) -> Bisection:
        from changelog_ledger.model.bisection import Verdict
        from changelog_ledger.workflows import bisect

        return bisect.answer(self._workspace, Verdict(verdict), host=host, repository=str(repo))
