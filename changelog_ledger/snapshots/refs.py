"""Branches: reading them as the files they are, moving them by compare-and-swap."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from changelog_ledger.errors import BranchMoved, RepositoryError
from changelog_ledger.model.topology import checked_name
from changelog_ledger.snapshots.objects import checked_id
from changelog_ledger.snapshots.plumbing import Plumbing
from changelog_ledger.snapshots.writer import Incoming

HOSTS = "refs/heads/host/"
_NO_COMMIT = "0" * 40
_ID = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class BranchMove:
    """A host's branch from ``old`` (None: it did not exist) to ``new``."""

    host: str
    old: str | None
    new: str


def tip(repository: Path, host: str) -> str | None:
    """The commit of a host's branch, None if there is none.

    Read from the ref's file, else from ``packed-refs`` (gitrepository-layout(5)), without a process. A ref that is being packed is in the
    second before it leaves the first.

    :raises RepositoryError: if the file holds no commit id.
    """
    name = HOSTS + host
    try:
        text = (repository / name).read_text("ascii").strip()
    except FileNotFoundError:
        return _packed(repository, name)
    except (OSError, ValueError) as error:
        raise RepositoryError(f"the branch of {host} cannot be read: {error}", "run 'ledger repair'") from error
    if not _ID.fullmatch(text):
        raise RepositoryError(f"the branch of {host} holds no commit id", "run 'ledger repair'")
    return text


def tips(plumbing: Plumbing) -> Mapping[str, str]:
    """The commit of every host's branch, by host."""
    lines = plumbing.run("for-each-ref", "--format=%(objectname) %(refname)", HOSTS).decode().splitlines()
    return {name.removeprefix(HOSTS): commit for commit, name in (line.split(" ", 1) for line in lines)}


def advance(plumbing: Plumbing, repository: Path, moves: Sequence[BranchMove], incoming: Incoming | None) -> None:
    """Move branches and delete the scratch ref, all or nothing (``git update-ref --stdin``).

    :raises BranchMoved: if a branch is not at its ``old`` commit.
    :raises RepositoryError: if git fails otherwise.
    """
    lines = [f"update {HOSTS}{checked_name(move.host)} {checked_id(move.new)} {checked_id(move.old or _NO_COMMIT)}" for move in moves]
    if incoming:
        lines.append(f"delete {incoming.ref} {checked_id(incoming.commit)}")
    script = "\n".join(["start", *lines, "prepare", "commit", ""])
    try:
        plumbing.run("update-ref", "--stdin", stdin=script.encode())
    except RepositoryError as error:
        for move in moves:
            if tip(repository, move.host) != move.old:
                raise BranchMoved(f"another snapshot of {move.host} was recorded meanwhile", "run the command again") from error
        raise


def _packed(repository: Path, name: str) -> str | None:
    try:
        data = b"\n" + (repository / "packed-refs").read_bytes()
    except FileNotFoundError:
        return None
    end = data.find(b" " + name.encode() + b"\n")
    commit = data[max(end - 40, 0) : end].decode("ascii", "replace") if end >= 0 else None
    if commit is not None and not _ID.fullmatch(commit):
        raise RepositoryError("packed-refs is damaged", "run 'ledger repair'")
    return commit
