"""The history of a branch as its first parents tell it (git-rev-list(1), ``--first-parent``): each merge is one step, whatever it brought."""

from __future__ import annotations

from collections.abc import Iterator

from changelog_ledger.errors import RepositoryError
from changelog_ledger.model.gate import Commit
from changelog_ledger.sources.git_repository import GitRepository


class Branch:
    """One branch of a repository."""

    def __init__(self, repository: GitRepository, name: str, tip: str) -> None:
        """Use :meth:`named`."""
        self._repository = repository
        self.name = name
        self.tip = tip

    @classmethod
    def named(cls, repository: GitRepository, name: str = "") -> Branch:
        """A branch by its name, also one that only a remote has, or any revision; the branch of HEAD where none is named.

        :raises RepositoryError: if there is no such branch, or no commit at all.
        """
        if not name:
            tip = repository.head()
            if not tip:
                raise RepositoryError("the repository has no commit yet", "commit something, or name a branch with --branch NAME")
            return cls(repository, repository.branch(), tip)
        for revision in (f"refs/heads/{name}", f"refs/remotes/origin/{name}", name):
            try:
                return cls(repository, name, repository.resolved(revision))
            except RepositoryError:
                continue
        raise RepositoryError(f"there is no branch {name!r}", "git branch --all lists them")

    def commits(self) -> Iterator[Commit]:
        """Its commits, the oldest first."""
        return self._repository.commits([self.tip], first_parents_only=True)

    def brought_by(self, merge: Commit) -> Iterator[Commit]:
        """The commits that a merge brought into the branch, without itself."""
        found = self._repository.commits([merge.id], [merge.parents[0]])
        return (commit for commit in found if commit.id != merge.id)
