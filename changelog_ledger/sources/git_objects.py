"""Objects of a repository, all through one ``git cat-file --batch-command`` (git-cat-file(1), since git 2.36).

Sizes are asked before contents, so that nothing is read that is larger than somebody wants. Trees are walked here, name by name: what is asked of
git are ids and revisions, never the names of files, which may hold newlines.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from changelog_ledger.errors import RepositoryError
from changelog_ledger.model.gate import Side
from changelog_ledger.sources.git_process import Git, Process, raw, text

_TREE_LIMIT = 64 * 1024 * 1024
_TREES_KEPT = 256
# POSIX, <limits.h>: so many bytes go into an empty pipe at once; git has read all earlier ones before it answers, so nobody waits for each other.
_REQUESTS = 4096
_HEXADECIMAL = frozenset("0123456789abcdef")


@dataclass(frozen=True, slots=True)
class Info:
    """What an object is.

    :ivar kind: ``blob``, ``tree``, ``commit`` or ``tag``.
    :ivar size: bytes.
    """

    id: str
    kind: str
    size: int


class Objects:
    """Reads objects. Starts nothing until asked."""

    def __init__(self, git: Git) -> None:
        self._git = git
        self._process: Process | None = None
        self._trees: dict[str, dict[bytes, Side]] = {}

    def start(self) -> Process:
        """See that git runs; it gets ready while the caller does something else."""
        if self._process is None:
            self._process = self._git.start("cat-file", "--batch-command")
        return self._process

    def close(self) -> None:
        """End git."""
        if self._process is not None:
            self._process.close()
            self._process = None

    def info(self, revision: str) -> Info | None:
        """What a revision names; None if nothing."""
        return self.infos([revision])[0]

    def infos(self, revisions: Sequence[str]) -> list[Info | None]:
        """What each revision names."""
        return [_info(header) for header in self._ask("info", revisions)]

    def commit(self, revision: str) -> str:
        """The id of the commit that a revision comes to; empty if to none."""
        found = self.info(f"{revision}^{{commit}}")
        return found.id if found is not None and found.kind == "commit" else ""

    def contents(self, ids: Iterable[str], limit: int) -> dict[str, bytes | None]:
        """The bytes of blobs; None for those that are larger than ``limit`` bytes, which are not read.

        :raises RepositoryError: for an object that is missing, or no blob.
        """
        wanted = list(dict.fromkeys(ids))
        sizes = {blob: _size(blob, info) for blob, info in zip(wanted, self.infos(wanted), strict=True)}
        small = [blob for blob, size in sizes.items() if size <= limit]
        read = dict(zip(small, self._read(small), strict=True))
        return {blob: read.get(blob) for blob in wanted}

    def content(self, revision: str, limit: int) -> bytes:
        """The bytes of any object.

        :raises RepositoryError: if it is missing or larger than ``limit`` bytes.
        """
        found = self.info(revision)
        if found is None:
            raise _missing(revision)
        if found.size > limit:
            raise RepositoryError(f"the {found.kind} {found.id} has {found.size} bytes, more than the {limit} that are read")
        return next(self._read([found.id]))

    def side(self, revision: str, path: str) -> Side | None:
        """The file, symlink or submodule at a path of a commit; None if there is nothing, or a folder."""
        root = self.info(f"{revision}^{{tree}}")
        found = None if root is None else Side(0o040000, root.id)
        for name in raw(path).split(b"/"):
            if found is None or not _is_tree(found):
                return None
            found = self._tree(found.blob).get(name)
        return None if found is None or _is_tree(found) else found

    def _tree(self, tree: str) -> dict[bytes, Side]:
        known = self._trees.get(tree)
        if known is None:
            if len(self._trees) == _TREES_KEPT:
                self._trees.clear()
            known = self._trees[tree] = dict(_entries(self.content(tree, _TREE_LIMIT), len(tree) // 2))
        return known

    def _read(self, ids: Sequence[str]) -> Iterator[bytes]:
        for header in self._ask("contents", ids):
            found = _info(header)
            if found is None:
                raise _missing(text(header))
            yield self._exactly(found.size + 1)[:-1]

    def _ask(self, verb: str, names: Sequence[str]) -> Iterator[bytes]:
        process = self.start()
        for requests in _in_pieces([_request(verb, name) for name in names]):
            try:
                process.stdin.write(b"".join(requests))
                process.stdin.flush()
            except BrokenPipeError:
                raise self._failure() from None
            for _ in requests:
                yield self._line(process)

    def _line(self, process: Process) -> bytes:
        line = process.stdout.readline()
        if not line.endswith(b"\n"):
            raise self._failure()
        return line[:-1]

    def _exactly(self, size: int) -> bytes:
        found = self.start().stdout.read(size)
        if len(found) != size:
            raise self._failure()
        return found

    def _failure(self) -> RepositoryError:
        failure = self.start().failure()
        self.close()
        return failure


def is_id(text: str) -> bool:
    """Whether it is an object's full id: SHA-1 or SHA-256, in hex."""
    return len(text) in (40, 64) and _HEXADECIMAL.issuperset(text)


def _request(verb: str, name: str) -> bytes:
    if "\n" in name or "\0" in name or not name:
        raise RepositoryError(f"{name!r} names no object")
    request = raw(f"{verb} {name}\n")
    if len(request) > _REQUESTS:
        raise RepositoryError(f"{name[:40]}… names no object: it is too long")
    return request


def _in_pieces(requests: Sequence[bytes]) -> Iterator[list[bytes]]:
    piece: list[bytes] = []
    room = _REQUESTS
    for request in requests:
        if len(request) > room:
            yield piece
            piece, room = [], _REQUESTS
        piece.append(request)
        room -= len(request)
    if piece:
        yield piece


def _info(header: bytes) -> Info | None:
    parts = header.rsplit(b" ", 2)
    if len(parts) == 3 and parts[2].isdigit() and is_id(text(parts[0])):
        return Info(text(parts[0]), text(parts[1]), int(parts[2]))
    return None


def _size(blob: str, info: Info | None) -> int:
    if not is_id(blob) or info is None:
        raise _missing(blob)
    if info.kind != "blob":
        raise RepositoryError(f"{blob} is a {info.kind}, not the content of a file")
    return info.size


def _missing(name: str) -> RepositoryError:
    return RepositoryError(f"the repository has no object {name}", "run 'git fsck' to see what is missing; a partial clone may lack it (git fetch)")


def _entries(tree: bytes, digest: int) -> Iterator[tuple[bytes, Side]]:
    """The entries of a tree object: mode in octal, a space, the name, NUL, the id's bytes (Pro Git, 10.2, "Tree Objects")."""
    at = 0
    while at < len(tree):
        space, end = tree.find(b" ", at), tree.find(b"\0", at)
        if not at < space < end or end + 1 + digest > len(tree) or not tree[at:space].isdigit():
            raise RepositoryError("a tree of the repository is damaged", "run 'git fsck'")
        yield tree[space + 1 : end], Side(int(tree[at:space], 8), tree[end + 1 : end + 1 + digest].hex())
        at = end + 1 + digest


def _is_tree(side: Side) -> bool:
    return side.mode == 0o040000
