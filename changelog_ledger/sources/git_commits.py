"""Commits: ``git rev-list`` with a format (git-rev-list(1), "PRETTY FORMATS") → :class:`Commit`.

Names and addresses are as the commit has them: a ``.mailmap`` lies in the repository, and anybody may write into it who he would rather be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from changelog_ledger.model.gate import TRAILER, Commit, Person
from changelog_ledger.sources.git_process import Git, Process, text

_FIELDS = ("%H", "%P", "%an", "%ae", "%at", "%cn", "%ce", "%ct", "%B", f"%(trailers:key={TRAILER},valueonly=true,unfold=true)")
_FORMAT = "--format=tformat:" + "".join(f"{field}%x00" for field in _FIELDS)
_PIECE = 65536


def walk(
    git: Git,
    include: Sequence[str],
    exclude: Sequence[str],
    *,
    not_in_references: bool,
    is_cut: Callable[[str], bool],
    first_parents_only: bool = False,
) -> Iterator[Commit]:
    """The commits that ``include`` reach and ``exclude`` do not, parents before children.

    :param include: ids of commits, as are those of ``exclude``.
    :param not_in_references: leave out what any reference reaches already: to a server's hook, what a push brings.
    :param first_parents_only: of a merge only the side that it was made on is followed.
    :param is_cut: whether a commit that seems to have no parents has some: a shallow clone lacks them.
    """
    known = ("--not", "--all") if not_in_references else ()
    parents = ("--first-parent",) if first_parents_only else ()
    process = git.start("rev-list", *parents, "--topo-order", "--reverse", "--no-commit-header", "--encoding=UTF-8", _FORMAT, "--stdin", *known)
    try:
        revisions = "".join([*(f"{commit}\n" for commit in include), *(f"^{commit}\n" for commit in exclude)])
        for fields in _records(process, revisions.encode("ascii")):
            yield _commit(fields, is_cut)
    finally:
        process.close()


def parents_written(commit: bytes) -> tuple[str, ...]:
    """The parents that a commit object names, also where a shallow clone does not have them."""
    headers = commit.partition(b"\n\n")[0].split(b"\n")
    return tuple(text(line[7:]) for line in headers if line.startswith(b"parent "))


def _records(process: Process, revisions: bytes) -> Iterator[list[str]]:
    try:
        process.stdin.write(revisions)
        process.stdin.close()  # git reads all of it before it says anything
    except BrokenPipeError:
        raise process.failure() from None
    fields: list[str] = []
    for field in _fields(process):
        fields.append(text(field))
        if len(fields) == len(_FIELDS):
            yield fields
            fields = []
    if process.status != 0:
        raise process.failure()


def _fields(process: Process) -> Iterator[bytes]:
    rest = b""
    while piece := process.stdout.read(_PIECE):
        *whole, rest = (rest + piece).split(b"\0")
        yield from whole


def _commit(fields: list[str], is_cut: Callable[[str], bool]) -> Commit:
    identity, parents, author, address, authored_at, committer, committers, committed_at, message, trailers = fields
    identity = identity.lstrip("\n")  # each record ends with a newline
    return Commit(
        id=identity,
        parents=tuple(parents.split()),
        author=Person(author, address),
        committer=Person(committer, committers),
        authored_at=_seconds(authored_at),
        committed_at=_seconds(committed_at),
        message=message,
        is_shallow=not parents and is_cut(identity),
        trailers=tuple(trailers.rstrip("\n").split("\n")) if trailers.strip("\n") else (),
    )


def _seconds(written: str) -> int:
    return int(written) if written.lstrip("-").isdecimal() else 0
