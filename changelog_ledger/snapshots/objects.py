"""Reading objects through one lasting ``git cat-file --batch``.

Only ids go to git. An expression such as ``COMMIT:PATH`` would be read by git's revision parser, and a file may be called ``x@{u}`` (which
ends the process) or ``x-g1a2b3c4`` (which names another object); so trees are walked here.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from changelog_ledger.errors import RepositoryError
from changelog_ledger.snapshots.plumbing import Plumbing, Process

_ID = re.compile(r"[0-9a-f]{40}")
_AT_ONCE = 500  # requests on their way: 500 * 48 bytes fit a pipe (64 KiB), so neither side can block the other
_MOST_TREES = 20_000
_TREE_MODE = "40000"
_TREE_ROW = b"40000"
_TREE_LINE = re.compile(rb"\d+ [^\0]+\0.{20}", re.DOTALL)
"""A line of a tree object (gitformat-pack(5)): each begins where the one before ends."""

_Row = tuple[bytes, bytes]
_Lines = frozenset[bytes]
_NO_LINES: _Lines = frozenset()


class StoredObject(NamedTuple):
    """An object of the repository."""

    id: str
    kind: str
    data: bytes


class TreeItem(NamedTuple):
    """A line of a tree: mode as git writes it (``100644``, ``40000``) and object id."""

    mode: str
    id: str


class Difference(NamedTuple):
    """A path whose mode or object differs between two trees, with the object's id on each side, None where there is none."""

    path: bytes
    before: str | None
    after: str | None


def checked_id(text: str) -> str:
    """``text`` if it is a full object id.

    :raises RepositoryError: otherwise.
    """
    if not _ID.fullmatch(text):
        raise RepositoryError(f"{text!r} is no commit id", "a commit id has 40 hexadecimal digits")
    return text


class ObjectReader:
    """Objects by id. Starts git at the first question and keeps it until :meth:`close`; for one thread."""

    def __init__(self, plumbing: Plumbing) -> None:
        self._plumbing = plumbing
        self._process: Process | None = None
        self._trees: dict[str, dict[bytes, TreeItem]] = {}

    def close(self) -> None:
        """End the git process, if there is one."""
        if self._process is not None:
            process, self._process = self._process, None
            process.finish()

    def warm_up(self) -> None:
        """Start git now, so that it is ready (3 ms) by the time of the first question."""
        self._running()

    def get(self, object_id: str) -> StoredObject | None:
        """An object, or None if the repository does not have it.

        :raises RepositoryError: if git fails, for example on a damaged object.
        """
        return next(self.many((object_id,)))

    def many(self, object_ids: Sequence[str]) -> Iterator[StoredObject | None]:
        """Objects in the order of ``object_ids``, None for those that are not there."""
        for object_id in object_ids:
            checked_id(object_id)
        return self._ask(object_ids)

    def tree_of(self, commit: str) -> str:
        """The id of a commit's tree.

        :raises RepositoryError: if there is no such commit.
        """
        found = self.get(commit)
        if found is None or found.kind != "commit":
            raise RepositoryError(f"the repository has no commit {commit}", "run 'ledger verify'; a backup may have it")
        return found.data[5:45].decode()  # "tree <id>\n" is always the first line

    def tree(self, tree_id: str) -> dict[bytes, TreeItem]:
        """The lines of a tree by name."""
        known = self._trees.get(tree_id)
        if known is None:
            found = self.get(tree_id)
            if found is None or found.kind != "tree":
                raise RepositoryError(f"the repository has no tree {tree_id}", "run 'ledger verify'; a backup may have it")
            if len(self._trees) > _MOST_TREES:
                self._trees.clear()
            known = self._trees[tree_id] = _parsed_tree(found.data)
        return known

    def find(self, commit: str, path: bytes) -> TreeItem | None:
        """What lies at a tree path of a commit, or None."""
        item = TreeItem(_TREE_MODE, self.tree_of(commit))
        for component in path.split(b"/"):
            if item.mode != _TREE_MODE:
                return None
            below = self.tree(item.id).get(component)
            if below is None:
                return None
            item = below
        return item

    def walk(self, tree_id: str, prefix: bytes = b"") -> Iterator[tuple[bytes, TreeItem]]:
        """Every path below a tree that is no tree itself, with ``prefix`` in front, in git's order."""
        for name, item in self.tree(tree_id).items():
            path = prefix + b"/" + name if prefix else name
            if item.mode == _TREE_MODE:
                yield from self.walk(item.id, path)
            else:
                yield path, item

    def differing(self, before: str | None, after: str | None) -> list[Difference]:
        """What differs between two trees, files only, in the order of their paths: ``git diff-tree -r`` without its process.

        Level by level, so that all trees of a level are one question.

        :param before: a tree's id, None for nothing at all; ``after`` likewise.
        """
        found: list[Difference] = []
        level = [Difference(b"", before, after)]
        while level:
            self._fetch_trees(tree for _, *sides in level for tree in sides if tree)
            below: list[Difference] = []
            for path, old_tree, new_tree in level:
                old, new = (self.tree(tree) if tree else {} for tree in (old_tree, new_tree))
                for name in old.keys() | new.keys():
                    one, other = old.get(name), new.get(name)
                    if one != other:
                        found.append(Difference(path + name, _file(one), _file(other)))
                        below.append(Difference(path + name + b"/", _tree(one), _tree(other)))
            level = [folder for folder in below if folder.before or folder.after]
        return sorted((entry for entry in found if entry.before or entry.after), key=lambda entry: entry.path)

    def splitting(self, trees: Sequence[str]) -> dict[bytes, tuple[str | None, ...]]:
        """What is not the same in all of many trees, files only: by path the object's id in each tree, None where there is none.

        Level by level as :meth:`differing`, and each distinct tree once: what five hundred hosts have in common is not walked through.
        """
        found: dict[bytes, tuple[str | None, ...]] = {}
        level: dict[bytes, tuple[str | None, ...]] = {b"": tuple(trees)} if len(set(trees)) > 1 else {}
        while level:
            trees_here = self._lines_of({tree for sides in level.values() for tree in sides if tree})
            below: dict[bytes, tuple[str | None, ...]] = {}
            for path, sides in level.items():
                for name, rows in _split_names([trees_here.get(tree or "", _NO_LINES) for tree in sides]):
                    files = tuple(row[1].hex() if row and row[0] != _TREE_ROW else None for row in rows)
                    folders = tuple(row[1].hex() if row and row[0] == _TREE_ROW else None for row in rows)
                    found |= {path + name: files} if len(set(files)) > 1 else {}
                    below |= {path + name + b"/": folders} if len(set(folders)) > 1 else {}
            level = below
        return found

    def _lines_of(self, trees: Collection[str]) -> dict[str, _Lines]:
        """The lines of many trees as they are stored: nothing is made of one before it is known to differ.

        :raises RepositoryError: if one is missing.
        """
        found = {}
        for tree, stored in zip(trees, self.many(list(trees)), strict=True):
            if stored is None or stored.kind != "tree":
                raise RepositoryError(f"the repository has no tree {tree}", "run 'ledger verify'; a backup may have it")
            found[tree] = frozenset(_TREE_LINE.findall(stored.data))
        return found

    def _fetch_trees(self, tree_ids: Iterable[str]) -> None:
        """Have trees at hand, all by one question. One that is missing is noticed where it is used."""
        wanted = [tree for tree in dict.fromkeys(tree_ids) if tree not in self._trees]
        if len(self._trees) + len(wanted) > _MOST_TREES:
            self._trees.clear()
        for tree, found in zip(wanted, self.many(wanted), strict=True):
            if found is not None and found.kind == "tree":
                self._trees[tree] = _parsed_tree(found.data)

    def _ask(self, object_ids: Sequence[str]) -> Iterator[StoredObject | None]:
        waiting = iter(object_ids)
        while batch := list(islice(waiting, _AT_ONCE)):
            process = self._running()
            try:
                process.stdin.write("".join(f"{object_id}\n" for object_id in batch).encode())
                process.stdin.flush()
                answers = [self._answer(process) for _ in batch]
            except BrokenPipeError as error:
                self._process = None
                raise process.failure() from error
            except BaseException:  # Ctrl-C in the middle: what is left in the pipe would be taken for the next answer
                self._process = None
                process.kill()
                raise
            yield from answers

    def _answer(self, process: Process) -> StoredObject | None:
        header = process.stdout.readline().split()
        if len(header) == 2 and header[1] == b"missing":
            return None
        data = process.stdout.read(int(header[2]) + 1) if len(header) == 3 else b""
        if len(header) != 3 or len(data) != int(header[2]) + 1:
            self._process = None
            raise process.failure()
        return StoredObject(header[0].decode(), header[1].decode(), data[:-1])

    def _running(self) -> Process:
        if self._process is None:
            self._process = self._plumbing.start("cat-file", "--batch")
        return self._process


def _split_names(trees: Sequence[_Lines]) -> Iterator[tuple[bytes, list[_Row | None]]]:
    """The names that are not the same in all of the trees, with the mode and the id that each has there."""
    distinct = {id(lines): lines for lines in trees}
    common = frozenset.intersection(*distinct.values())
    tables = {key: _table(lines - common) for key, lines in distinct.items()}
    for name in sorted({name for table in tables.values() for name in table}):
        yield name, [tables[id(lines)].get(name) for lines in trees]


def _table(lines: Iterable[bytes]) -> dict[bytes, _Row]:
    """The lines of a tree by name."""
    table = {}
    for line in lines:
        mode, _, name = line[:-21].partition(b" ")  # a NUL and twenty bytes of id end it
        table[name] = (mode, line[-20:])
    return table


def _file(item: TreeItem | None) -> str | None:
    return item.id if item and item.mode != _TREE_MODE else None


def _tree(item: TreeItem | None) -> str | None:
    return item.id if item and item.mode == _TREE_MODE else None


def _parsed_tree(data: bytes) -> dict[bytes, TreeItem]:
    """A tree object: ``MODE SP NAME NUL`` and 20 bytes of id, over and over (gitformat-pack(5))."""
    items: dict[bytes, TreeItem] = {}
    position = 0
    while position < len(data):
        space = data.index(b" ", position)
        end = data.index(b"\0", space)
        items[data[space + 1 : end]] = TreeItem(data[position:space].decode(), data[end + 1 : end + 21].hex())
        position = end + 21
    return items
