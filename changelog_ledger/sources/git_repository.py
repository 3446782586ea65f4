"""Somebody's repository, read by the git command: what is staged, what commits altered, what a path holds. It is never written to.

For hooks, continuous integration and servers, on the way of every ``git commit``: the standard library only, and no process more than needed.
One ``git diff-index`` has what is staged; one ``git cat-file`` all objects; one ``git diff-tree`` the edits of however many commits.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from types import TracebackType

from changelog_ledger.errors import RepositoryError
from changelog_ledger.model.gate import Commit, Edit, Person, Side
from changelog_ledger.sources import git_edits, git_place
from changelog_ledger.sources.git_objects import Objects
from changelog_ledger.sources.git_process import Git, raw, text
from changelog_ledger.sources.git_progress import InProgress, in_progress

# git knows both without having them.
_EMPTY_TREE = {
    "sha1": "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    "sha256": "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
}


class GitRepository:
    """Reads one repository. Cheap to make: nothing is started until something is asked; what is read of the index is remembered.

    Every method raises :class:`RepositoryError` where git refuses: this is no repository, its owner is not trusted (``safe.directory``), objects are
    missing. Names of files are text; bytes that are no UTF-8 are surrogate escapes (PEP 383).
    """

    def __init__(self, git: Git) -> None:
        self._git = git
        self._objects = Objects(git)
        self._trees = git_edits.TreeEdits(git)

    @classmethod
    def open(cls, folder: str | None = None) -> GitRepository:
        """The repository that a folder lies in; None: where we are, or what a hook's environment says."""
        return cls(git_place.place(folder, os.environ))

    def __enter__(self) -> GitRepository:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End what was started."""
        self._objects.close()
        self._trees.close()

    # -- What is staged ------------------------------------------------------------------------------------------------------------------------

    def staged(self) -> tuple[Edit, ...]:
        """The index against HEAD; before the first commit everything is added.

        :raises RepositoryError: also if paths are unmerged, or the repository is bare.
        """
        return self._staged

    @cached_property
    def _staged(self) -> tuple[Edit, ...]:
        process = git_edits.staged(self._git, "HEAD")
        try:
            self._objects.start()  # at the same time
        except RepositoryError:
            process.close()
            raise
        try:
            found = git_edits.finish(process)
        except RepositoryError:
            if self.head():
                raise
            found = self.staged_against("")
        if found and all(edit.after is None for edit in found) and self.is_bare:
            raise RepositoryError("a bare repository has nothing staged", "run it in a work tree, or check commits: main..HEAD")
        return found

    @cached_property
    def _staged_sides(self) -> dict[str, Side | None]:
        old: dict[str, Side | None] = {edit.old_path: None for edit in self.staged() if edit.old_path}
        return old | {edit.path: edit.after for edit in self.staged()}

    def staged_against(self, commit: str) -> tuple[Edit, ...]:
        """The index against another commit: of an amended one its first parent, ``HEAD^``; empty for nothing, then everything is added."""
        return git_edits.finish(git_edits.staged(self._git, self._tree(commit)))

    # -- What is there -------------------------------------------------------------------------------------------------------------------------

    def head(self) -> str:
        """The id of the commit that HEAD comes to; empty before the first.

        :raises RepositoryError: also if HEAD names a commit that is missing.
        """
        found = self._objects.commit("HEAD")
        if not found and (named := text(self._git.run("rev-parse", "--quiet", "--verify", "HEAD", fine=(0, 1))).strip()):
            raise RepositoryError(f"HEAD is {named}, and the repository has no such commit", "run 'git fsck' to see what is missing")
        return found

    def side(self, revision: str, path: str) -> Side | None:
        """What is at a path from the root: of a commit, of ``HEAD``, or of the index (empty). None if nothing is, or a folder."""
        if revision:
            return self._objects.side(revision, path)
        staged = self._staged_sides
        return staged[path] if path in staged else self._objects.side("HEAD", path)

    def content(self, blob: str, limit: int) -> bytes | None:
        """The bytes of a blob as they were committed, unfiltered; None if they are more than ``limit``: then they are not read."""
        return self.contents([blob], limit)[blob]

    def contents(self, blobs: Iterable[str], limit: int) -> dict[str, bytes | None]:
        """The bytes of many blobs, each as :meth:`content` has it."""
        return self._objects.contents(blobs, limit)

    def in_progress(self) -> InProgress:
        """The merge, revert or cherry-pick that is being committed."""
        return in_progress(self._objects, lambda: self.git_directory, os.environ)

    # -- What was committed --------------------------------------------------------------------------------------------------------------------

    def commits(
        self, include: Sequence[str], exclude: Sequence[str] = (), *, not_in_references: bool = False, first_parents_only: bool = False
    ) -> Iterator[Commit]:
        """The commits that ``include`` reach and ``exclude`` do not, parents before children.

        :param not_in_references: leave out what any reference reaches already.
        :param first_parents_only: of a merge follow only the side that it was made on.
        :raises RepositoryError: at once, if one of them is no commit; later, if history is damaged.
        """
        from changelog_ledger.sources import git_commits

        ids = [self.resolved(revision) for revision in include], [self.resolved(revision) for revision in exclude]
        if not include:
            return iter(())
        return git_commits.walk(self._git, *ids, not_in_references=not_in_references, is_cut=self._is_cut, first_parents_only=first_parents_only)

    def commits_in(self, expression: str) -> Iterator[Commit]:
        """The commits that somebody names: ``main..HEAD``, ``HEAD~3..``, ``a...b``, ``HEAD ^main``, ``HEAD^!`` for one alone.

        :raises RepositoryError: at once, for what names no commit; nothing is taken for an option.
        """
        return self.commits(*self.ends_of(expression))

    def ends_of(self, expression: str) -> tuple[list[str], list[str]]:
        """The commits that a range begins from, and those that it leaves out with everything before them, as ids; of ``a...b`` the merge bases.

        :raises RepositoryError: for what names no commit.
        """
        from changelog_ledger.sources.git_ranges import resolve

        return resolve(self._git, self._objects, expression)

    def edits_of(self, commit: Commit) -> tuple[Edit, ...]:
        """What a commit altered against its first parent; a root adds everything.

        :raises RepositoryError: of a commit at the edge of a shallow clone: nobody knows.
        """
        if commit.is_shallow:
            raise RepositoryError(
                f"{commit.id[:12]} is where the shallow clone ends: what it altered is not known here",
                "'git fetch --unshallow', in CI a fetch depth of 0",
            )
        return self.edits_between(commit.parents[0] if commit.parents else "", commit.id)

    def edits_between(self, old: str, new: str) -> tuple[Edit, ...]:
        """What makes the commit ``new`` of the commit ``old``; empty stands for nothing."""
        return self._trees.between(self._tree(old), self._tree(new))

    def merge_base(self, one: str, other: str) -> str:
        """The best common ancestor of two commits, the first where there are several; empty if they have none."""
        from changelog_ledger.sources.git_ranges import merge_bases

        return next(iter(merge_bases(self._git, self.resolved(one), self.resolved(other))), "")

    def resolved(self, revision: str) -> str:
        """The id of the commit that a revision comes to (gitrevisions(7)).

        :raises RepositoryError: if it comes to none.
        """
        from changelog_ledger.sources.git_ranges import commit

        return commit(self._objects, revision)

    def peeled(self, object_id: str) -> str:
        """The commit that an annotated tag comes to, a commit itself; empty for what is none: a tree, a blob, a tag of these, an object not there."""
        return self._objects.commit(object_id)

    def first_parent(self, commit: str) -> str:
        """The id of a commit's first parent; of a root the id of the empty tree: :meth:`side` has nothing there, :meth:`staged_against` everything.

        :raises RepositoryError: also if a shallow clone lacks it.
        """
        from changelog_ledger.sources.git_ranges import parents_of

        parents = parents_of(self._objects, self.resolved(commit))
        return self.resolved(parents[0]) if parents else self._empty_tree

    # -- Messages ------------------------------------------------------------------------------------------------------------------------------

    def trailers_in(self, message: str) -> tuple[tuple[str, str], ...]:
        """The trailers of a message, as pairs of key and value. Those of a commit are in :attr:`Commit.trailers` already."""
        from changelog_ledger.sources import git_trailers

        return git_trailers.read(self._git_for_messages, raw(message))

    def trailers(self, file: str, key: str) -> tuple[str, ...]:
        """The values of a trailer in the file of a message that is being written (githooks(5), commit-msg)."""
        from changelog_ledger.sources import git_trailers

        return git_trailers.values(git_trailers.read(self._git_for_messages, git_trailers.message_in(file)), key)

    def add_trailers(self, file: str, trailers: Iterable[tuple[str, str]]) -> None:
        """Add trailers to the message in a file, behind those that it has and before the comments; none is added twice."""
        from changelog_ledger.sources import git_trailers

        git_trailers.put(file, git_trailers.add(self._git_for_messages, git_trailers.message_in(file), trailers))

    @cached_property
    def _git_for_messages(self) -> Git:
        from changelog_ledger.sources.git_trailers import git_for_messages

        return git_for_messages(os.environ, self.config("core.commentChar"))

    # -- Where it is ---------------------------------------------------------------------------------------------------------------------------

    @cached_property
    def _shape(self) -> git_place.Shape:
        return git_place.shape(self._git)

    @property
    def is_bare(self) -> bool:
        """Whether it has no work tree of its own."""
        return self._shape.is_bare

    @property
    def is_shallow(self) -> bool:
        """Whether its history is cut off somewhere (``git clone --depth``)."""
        return self._shape.is_shallow

    @property
    def git_directory(self) -> str:
        """Its ``.git``, absolute; of a linked worktree the worktree's own."""
        return self._shape.git_directory

    @property
    def common_directory(self) -> str:
        """What linked worktrees share, absolute: hooks lie there."""
        return self._shape.common_directory

    @cached_property
    def top_level(self) -> str | None:
        """The root of the work tree, absolute; None if it is bare."""
        return git_place.top_level(self._git)

    def config(self, name: str) -> str:
        """A value of the repository's and the person's settings (git-config(1)); empty if it is not set."""
        return text(self._git.setting(name).removesuffix(b"\0"))

    def branch(self) -> str:
        """The short name of the branch that HEAD is on; empty where it is on none."""
        return text(self._git.run("symbolic-ref", "--quiet", "--short", "HEAD", fine=(0, 1))).strip()

    def author(self) -> Person:
        """The author that git will write down for what is staged."""
        from changelog_ledger.sources.git_people import author

        return author(os.environ, self.config)

    def merged(self, ours: bytes, base: bytes, theirs: bytes) -> bytes | None:
        """What git makes of three contents by itself; None where they conflict."""
        from changelog_ledger.sources.git_merge import merged

        return merged(os.environ, ours, base, theirs)

    @property
    def _empty_tree(self) -> str:
        return _EMPTY_TREE[self._shape.object_format]

    def _tree(self, commit: str) -> str:
        if not commit:
            return self._empty_tree
        found = self._objects.info(f"{commit}^{{tree}}")
        if found is None:
            from changelog_ledger.sources.git_ranges import unknown

            raise unknown(commit)
        return found.id

    def _is_cut(self, commit: str) -> bool:
        from changelog_ledger.sources.git_ranges import parents_of

        return bool(parents_of(self._objects, commit))
