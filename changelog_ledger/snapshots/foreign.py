"""Somebody else's git repository, read and nothing more.

git is run as ``rev-parse``, ``symbolic-ref`` and ``for-each-ref`` with fixed arguments, and as ``cat-file`` that is asked for ids. None of
these runs a hook, a filter or a program that the repository's configuration names, and nothing is fetched (see
:mod:`~changelog_ledger.snapshots.plumbing`). So it does not matter whose the repository is: git's own check of the owner
(``safe.directory``) protects those who walk into a repository unawares, and whoever names one here has chosen it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from changelog_ledger.errors import InvalidInput, NotFound, RepositoryError
from changelog_ledger.snapshots.foreign_objects import LINK, REGULAR, SUBMODULE, TREE, ForeignCommit, Item, is_component, parsed_commit, parsed_tree
from changelog_ledger.snapshots.foreign_place import git_directory
from changelog_ledger.snapshots.objects import ObjectReader, checked_id
from changelog_ledger.snapshots.plumbing import Plumbing, Process

HEADS = "refs/heads/"
MOST_PATHS = 2_000_000
"""Paths of one commit that may differ from the one before: trees can be nested so that a few kilobytes hold billions of paths."""

_KNOWN = (TREE, REGULAR, LINK, SUBMODULE)
_DEEPEST = 200
_AT_ONCE = 500  # requests on their way; 41 bytes each, so that neither side of the pipe can block the other
_IN_MEMORY = 16 * 1024 * 1024
_CHUNK = 1024 * 1024
_COMPLETE = "complete it there first (git fetch --unshallow, git fetch --refetch), or see what git fsck says"


class ChangedItem(NamedTuple):
    """A path that differs between two trees; ``item`` is None where it is gone."""

    path: bytes
    item: Item | None


@dataclass(frozen=True, slots=True)
class History:
    """The first parents of a commit, oldest first.

    :ivar is_cut: whether a shallow clone begins in the middle: what came before is not there.
    """

    commits: tuple[ForeignCommit, ...]
    is_cut: bool


class ForeignRepository:
    """Open by :meth:`open`; a context manager that ends the git processes. For one thread.

    :ivar refused: paths that no file can have (``..``, empty names) or that are nothing that git knows: they were left out.
    """

    def __init__(self, place: Path, git_directory: Path, work_tree: Path | None) -> None:
        """Use :meth:`open`, which looks first."""
        self.place = place
        self.work_tree = work_tree
        self.refused: dict[bytes, None] = {}
        self._directory = git_directory
        self._plumbing = Plumbing(str(git_directory))
        self._objects = ObjectReader(self._plumbing)
        self._sizes: Process | None = None

    @classmethod
    def open(cls, place: Path) -> Self:
        """The repository at ``place``: a work tree with ``.git`` (a folder, or a file as submodules have it) or a bare repository.

        :raises InvalidInput: if there is none, or it cannot be read, or its objects have SHA-256 names.
        """
        found = git_directory(place.absolute())
        repository = cls(place, found, place.absolute() if found != place.absolute() else None)
        try:
            names = repository._plumbing.run("rev-parse", "--show-object-format").decode().strip()
        except RepositoryError as error:
            raise InvalidInput(
                f"{place} is no repository that git can read: {error.message}", "name a work tree with .git, or a bare repository"
            ) from error
        if names != "sha1":
            raise InvalidInput(f"{place} names its objects by {names}", "only repositories with SHA-1 names can be adopted")
        return repository

    def close(self) -> None:
        """End the git processes."""
        self._objects.close()
        if self._sizes is not None:
            process, self._sizes = self._sizes, None
            process.finish()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is None:
            self.close()
        elif self._sizes is not None:
            self._sizes.kill()

    # ---- history

    def tip(self, branch: str = "") -> str:
        """The last commit of a branch, of the one that is checked out (or a detached ``HEAD``) if none is named.

        :raises NotFound: if there is no such branch, or no commit yet.
        """
        with self._naming():
            rows = self._plumbing.run("for-each-ref", "--format=%(objectname) %(refname)", HEADS).decode("utf-8", "surrogateescape").splitlines()
        branches = {name.removeprefix(HEADS): commit for commit, name in (row.split(" ", 1) for row in rows)}
        known = f"its branches: {', '.join(sorted(branches)[:10])}" if branches else "it has no branch with a commit; make one first"
        if branch:
            if branch not in branches:
                raise NotFound(f"{self.place} has no branch {branch}", known)
            return branches[branch]
        try:
            return checked_id(self._plumbing.run("rev-parse", "--verify", "--quiet", "HEAD^{commit}").decode().strip())
        except RepositoryError as error:
            raise NotFound(
                f"{self.place} has no commit that is checked out", f"name a branch with --branch; {known}" if branches else known
            ) from error

    def history(self, tip: str) -> History:
        """The commits from ``tip`` back along the first parents.

        :raises RepositoryError: if one is missing though the repository is not shallow, or is damaged.
        """
        cut = self._shallow()
        commits: list[ForeignCommit] = []
        wanted: str | None = tip
        while wanted is not None:
            commits.append(self._commit(wanted))
            wanted = None if wanted in cut else commits[-1].parent
        return History(tuple(reversed(commits)), commits[-1].id in cut)

    def _shallow(self) -> frozenset[str]:
        """Commits whose parents were not fetched (gitrepository-layout(5))."""
        with self._naming():
            name = self._plumbing.run("rev-parse", "--git-path", "shallow").decode("utf-8", "surrogateescape").rstrip("\n")
        try:
            return frozenset((self._directory / name).read_text("ascii", "replace").split())
        except FileNotFoundError:
            return frozenset()

    def _commit(self, identity: str) -> ForeignCommit:
        with self._naming():
            try:
                return parsed_commit(identity, self._object(identity, "commit"))
            except ValueError as error:
                raise RepositoryError(str(error), _COMPLETE) from error

    # ---- trees

    def changed(self, before: str | None, after: str) -> Iterator[ChangedItem]:
        """The files, links and submodules that differ between two trees (None: nothing at all); what is gone before what came.

        :raises RepositoryError: if a tree is missing or damaged, nested too deeply, or if there are too many.
        """
        gone: list[ChangedItem] = []
        came: list[ChangedItem] = []
        waiting: list[tuple[bytes, str | None, str | None, int]] = [(b"", before, after, 0)]
        while waiting:
            prefix, old_tree, new_tree, depth = waiting.pop()
            old, new = (self._tree(tree) if tree else {} for tree in (old_tree, new_tree))
            for name in old.keys() | new.keys():
                one, other, path = old.get(name), new.get(name), prefix + name
                if one == other:
                    continue
                if not is_component(name) or (other is not None and other.type not in _KNOWN):
                    self.refused[path] = None
                    continue
                if _is_file(other):
                    came.append(ChangedItem(path, other))
                elif _is_file(one):
                    gone.append(ChangedItem(path, None))
                below = _tree_id(one), _tree_id(other)
                if any(below):
                    waiting.append((path + b"/", *below, depth + 1))
            if depth > _DEEPEST or len(gone) + len(came) > MOST_PATHS:
                raise RepositoryError(f"{self.place}: a tree is nested too deeply or holds too many paths", "this is no configuration's history")
        yield from gone
        yield from came

    def find(self, tree: str, path: bytes) -> Item | None:
        """What lies at a path of a tree, or None."""
        item = Item(TREE, tree)
        for component in path.split(b"/"):
            if item.type != TREE:
                return None
            below = self._tree(item.id).get(component)
            if below is None:
                return None
            item = below
        return item

    def _tree(self, identity: str) -> Mapping[bytes, Item]:
        with self._naming():
            try:
                return parsed_tree(self._object(identity, "tree"))
            except ValueError as error:
                raise RepositoryError(f"the tree {identity} is damaged: {error}", _COMPLETE) from error

    # ---- contents

    def sizes(self, blobs: Sequence[str]) -> Mapping[str, int]:
        """Bytes of each blob.

        :raises RepositoryError: if one is missing.
        """
        wanted = iter(dict.fromkeys(blobs))
        sizes: dict[str, int] = {}
        while batch := list(islice(wanted, _AT_ONCE)):
            sizes |= self._asked(batch)
        return sizes

    def read(self, sizes: Mapping[str, int]) -> Iterator[tuple[str, bytes]]:
        """Blobs with their content, a few megabytes in memory at a time.

        :param sizes: of the blobs that are wanted, as :meth:`sizes` gives them.
        """
        group: list[str] = []
        weight = 0
        for blob, size in sizes.items():
            if group and weight + size > _IN_MEMORY:
                yield from self._contents(group)
                group, weight = [], 0
            group.append(blob)
            weight += size
        yield from self._contents(group)

    def digest(self, blob: str, size: int) -> str:
        """SHA-256 of a blob that is too large for the memory, hex."""
        process = self._plumbing.start("cat-file", "--batch")
        process.stdin.write(f"{checked_id(blob)}\n".encode())
        process.stdin.flush()
        digest, left = hashlib.sha256(), size
        process.stdout.readline()
        while left and (chunk := process.stdout.read(min(_CHUNK, left))):
            digest.update(chunk)
            left -= len(chunk)
        if left:
            raise process.failure()
        process.finish()
        return digest.hexdigest()

    def _contents(self, blobs: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        with self._naming():
            for blob, found in zip(blobs, self._objects.many(blobs), strict=True):
                if found is None:
                    raise RepositoryError(f"it lacks the blob {blob}", _COMPLETE)
                yield blob, found.data

    def _object(self, identity: str, kind: str) -> bytes:
        found = self._objects.get(identity)
        if found is None or found.kind != kind:
            raise RepositoryError(f"it lacks the {kind} {identity}", _COMPLETE)
        return found.data

    def _asked(self, blobs: Sequence[str]) -> Iterator[tuple[str, int]]:
        """``ID blob SIZE`` a line, as ``cat-file --batch-check`` answers."""
        with self._naming():
            if self._sizes is None:
                self._sizes = self._plumbing.start("cat-file", "--batch-check")
            process = self._sizes
            try:
                process.stdin.write("".join(f"{checked_id(blob)}\n" for blob in blobs).encode())
                process.stdin.flush()
            except BrokenPipeError as error:
                raise process.failure() from error
            for blob in blobs:
                words = process.stdout.readline().split()
                if not words:
                    raise process.failure()
                if words[1:2] != [b"blob"]:
                    raise RepositoryError(f"it lacks the blob {blob}", _COMPLETE)
                yield blob, int(words[2])

    @contextmanager
    def _naming(self) -> Iterator[None]:
        """Errors say which repository they speak of, for it is not the home's."""
        try:
            yield
        except RepositoryError as error:
            raise RepositoryError(f"{self.place}: {error.message}", _COMPLETE) from error


def _is_file(item: Item | None) -> bool:
    return item is not None and item.type in (REGULAR, LINK, SUBMODULE)


def _tree_id(item: Item | None) -> str | None:
    return item.id if item is not None and item.type == TREE else None
