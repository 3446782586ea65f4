"""What a person types for commits (gitrevisions(7), "SPECIFYING RANGES") → ids. Nothing of it ever becomes an argument of git."""

from __future__ import annotations

from changelog_ledger.errors import RepositoryError
from changelog_ledger.sources.git_commits import parents_written
from changelog_ledger.sources.git_objects import Objects, is_id
from changelog_ledger.sources.git_process import Git, text

_COMMIT_LIMIT = 64 * 1024 * 1024


def resolve(git: Git, objects: Objects, expression: str) -> tuple[list[str], list[str]]:
    """The commits to begin from, and those to leave out with everything before them.

    Known are ``REV``, ``^REV``, ``REV^!``, ``A..B``, ``A...B``, several of them with spaces between; a side left out is HEAD.

    :raises RepositoryError: for what names no commit.
    """
    include: list[str] = []
    exclude: list[str] = []
    for part in expression.split():
        wanted, unwanted = _part(git, objects, part)
        include += wanted
        exclude += unwanted
    if not include:
        raise RepositoryError(f"{expression!r} names no commits", "name a range, for example main..HEAD")
    return include, exclude


def commit(objects: Objects, revision: str) -> str:
    """The id of the commit that a revision comes to.

    :raises RepositoryError: if there is none.
    """
    found = "" if revision.startswith("-") else objects.commit(revision)
    if not found:
        raise unknown(revision)
    return found


def parents_of(objects: Objects, identity: str) -> tuple[str, ...]:
    """The parents that a commit names, whether the repository has them or not."""
    return parents_written(objects.content(identity, _COMMIT_LIMIT))


def merge_bases(git: Git, one: str, other: str) -> list[str]:
    """The best common ancestors of two commits, by their ids; none where the histories are strangers."""
    return text(git.run("merge-base", "--all", one, other, fine=(0, 1))).split()


def unknown(revision: str) -> RepositoryError:
    """The repository has no such commit."""
    if is_id(revision) and not revision.strip("0"):
        return RepositoryError(
            f"{revision[:12]}… is no commit: git writes it where there was nothing before, as of a new branch",
            "name the branch that it is to go into, for example main..HEAD",
        )
    return RepositoryError(
        f"the repository has no commit {revision!r}",
        "see 'git log --all'; a shallow clone lacks history: 'git fetch --unshallow', in CI a fetch depth of 0",
    )


def _part(git: Git, objects: Objects, part: str) -> tuple[list[str], list[str]]:
    if "..." in part:
        one, other = _ends(objects, part, "...")
        return [one, other], merge_bases(git, one, other)
    if ".." in part:
        old, new = _ends(objects, part, "..")
        return [new], [old]
    if part.startswith("^"):
        return [], [commit(objects, part[1:])]
    if part.endswith("^!"):
        alone = commit(objects, part[:-2])
        return [alone], [parent for parent in parents_of(objects, alone) if objects.info(parent) is not None]
    return [commit(objects, part)], []


def _ends(objects: Objects, part: str, dots: str) -> tuple[str, str]:
    one, _, other = part.partition(dots)
    return commit(objects, one or "HEAD"), commit(objects, other or "HEAD")
