"""What passed the gate while its ledger was away, remembered until it is back.

It is an observation for each target. If only the database is away, it waits in the home's spool; where there is no home (a laptop), in the
repository's git directory, made as a spool is, from where the next check that finds its ledger takes it back.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from changelog_ledger.errors import HomeError

if TYPE_CHECKING:
    from changelog_ledger.model.fact import Fact
    from changelog_ledger.model.gate import Edit, Grant, Judged, Person
    from changelog_ledger.model.topology import Target
    from changelog_ledger.store.spool import Place, Spool
    from changelog_ledger.workflows.workspace import Workspace

OWN_FOLDER = "changelog-ledger"
"""What is ours in a repository's git directory."""

UNCHECKED = "commit-unchecked"
"""What the observation is called."""

_MOST_PATHS = 200
_LONGEST_ACTOR = 500


@dataclass(frozen=True, slots=True)
class Absence:
    """A repository whose ledger does not answer, and who is asking.

    :ivar common: the common git directory of the repository (``git rev-parse --git-common-dir``).
    :ivar workspace: the home whose database is away; None if it is the home that is missing.
    :ivar author: who commits; None if nobody can tell.
    :ivar base: the commit that the edits are made on; empty if there is none.
    :ivar reason: why it could not wait; empty if nobody said so.
    """

    common: Path
    workspace: Workspace | None
    actor: str
    now: Callable[[], datetime]
    author: Person | None = None
    base: str = ""
    reason: str = ""


def remember(absence: Absence, passing: Sequence[Judged], grants: Sequence[Grant]) -> None:
    """Write down which edits pass unchecked, or by which grant. The same edits on the same commit are one observation a day, however often asked.

    :raises HomeError: if that cannot be written anywhere.
    """
    if not passing:
        return
    try:
        spool = _made_waiting_room(absence.common) if absence.workspace is None else absence.workspace.spool
        known = {waiting.fact.key for waiting in spool.waiting()}
        facts = [fact for fact in _observations(absence, passing, grants) if fact.key not in known]
        if facts:
            spool.add([_masked(fact, absence.workspace) for fact in facts] if absence.workspace else facts)
    except (HomeError, OSError) as error:
        words = error.message if isinstance(error, HomeError) else f"{error.filename}: {error.strerror}"
        hint = "make room for it, or bring the ledger back: nothing passes the gate unseen"
        raise HomeError(f"the ledger is away, and what would pass unchecked cannot be remembered: {words}", hint) from error


def take_back(common: Path, workspace: Workspace) -> int:
    """Record what waits in a repository's git directory: it goes to the home's spool, and from there into the database, each fact once.

    A look into one folder where nothing waits. Whatever cannot be done now is said, and loses nothing.

    :param common: the common git directory of the repository.
    :returns: how many facts were taken.
    """
    if not _anything_waits(common):
        return 0
    room = _waiting_room(common)
    paths = room.paths()
    if not paths:
        workspace.warn(
            f"what waits in {_waiting_folder(common)} is not read: the folder, or a file in it, is somebody else's, or others may write to it"
        )
    taken = sum(_taken(room, path, workspace) for path in paths)
    if taken:
        from changelog_ledger.workflows.spool import merge_first

        merge_first(workspace)
    return taken


# ---- the observations


def _observations(absence: Absence, passing: Sequence[Judged], grants: Sequence[Grant]) -> list[Fact]:
    from changelog_ledger.model.topology import EVERYTHING

    by_change = {grant.change: grant for grant in reversed(grants)}
    groups: dict[tuple[Target, Grant | None], list[Edit]] = {}
    for judged in passing:
        grant = by_change.get(judged.changes[0]) if judged.changes else None
        for target in dict.fromkeys(target for place in judged.places for target in place.targets or (EVERYTHING,)):
            groups.setdefault((target, grant), []).append(judged.edit)
    return [_observation(absence, target, grant, edits) for (target, grant), edits in groups.items()]


def _observation(absence: Absence, target: Target, grant: Grant | None, edits: Sequence[Edit]) -> Fact:
    """Its id and key follow from what it says and the day, so that whatever says it once more says nothing new."""
    import hashlib

    from changelog_ledger.model.fact import Fact, canonical
    from changelog_ledger.model.identifiers import ulid
    from changelog_ledger.model.times import utc
    from changelog_ledger.store.plain import plain_text

    now = utc(absence.now())
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    said = {"on": str(target), "base": absence.base, "grant": grant.id if grant else "", "edits": [_traits(edit) for edit in edits]}
    said |= {"reason": absence.reason} if absence.reason else {}
    digest = hashlib.sha256(canonical(said | {"day": midnight.isoformat()})).digest()
    paths = [plain_text(path) for edit in edits for path in edit.paths]
    data = {"paths": paths[:_MOST_PATHS], "number": len(paths), "repository": _name(absence.common), "base": absence.base}
    data |= {"author": plain_text(str(absence.author))} if absence.author else {}
    data |= {"reason": plain_text(absence.reason)} if absence.reason else {}
    data |= {"grant": grant.id, "change": grant.change} if grant else {}
    body = {"what": UNCHECKED, "on": str(target), "summary": _summary(paths, grant, absence.reason), "data": data}
    actor = plain_text(absence.actor)[:_LONGEST_ACTOR]
    return Fact(ulid(midnight, digest), "observation", f"observation:{UNCHECKED}-{digest[:16].hex()}", now, now, actor, canonical(body))


def _traits(edit: Edit) -> list[str]:
    sides = [f"{side.mode:o} {side.blob}" if side else "" for side in (edit.before, edit.after)]
    return [*edit.paths, *sides]


def _summary(paths: Sequence[str], grant: Grant | None, reason: str) -> str:
    more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
    how = f"under {grant.id} ({grant.change})" if grant else "unchecked"
    why = f": {reason}" if reason else ""
    return " ".join(f"{paths[0]}{more}: let in {how} while the ledger was away{why}".split())  # one line, whatever a file is called


def _name(common: Path) -> str:
    """What people call a repository: the folder of its work tree, or of itself where it is bare."""
    from changelog_ledger.store.plain import plain_text

    return plain_text(common.parent.name if common.name == ".git" else common.name)


def _masked(fact: Fact, workspace: Workspace) -> Fact:
    from changelog_ledger.model.fact import canonical
    from changelog_ledger.workflows.free_text import masked_body

    return replace(fact, body=canonical(masked_body(fact.data, workspace.masked_text)))


# ---- where they wait


def _waiting_folder(common: Path) -> Path:
    return common / OWN_FOLDER / "waiting"


def _anything_waits(common: Path) -> bool:
    """Nothing is imported for this: it is asked at every commit."""
    try:
        with os.scandir(_waiting_folder(common)) as found:
            return any(entry.name.endswith(".jsonl") for entry in found)
    except OSError:
        return False


def _waiting_room(common: Path) -> Spool:
    from changelog_ledger.store.spool import Spool

    return Spool((_place(common),))


def _made_waiting_room(common: Path) -> Spool:
    (common / OWN_FOLDER).mkdir(mode=0o700, exist_ok=True)
    return _waiting_room(common)


def _place(common: Path) -> Place:
    from changelog_ledger.store.spool import Place

    return Place(_waiting_folder(common), frozenset({os.geteuid()}), within=common / OWN_FOLDER)


def _taken(room: Spool, path: Path, workspace: Workspace) -> int:
    """Hand over one file: first written there, then removed here; if we are killed in between, the second copy says nothing new."""
    try:
        with room.held(path) as file:
            if file is None:  # somebody else is at it
                return 0
            ours = [waiting.fact for waiting in file.waiting if _is_ours(waiting.fact)]
            if ours:
                workspace.spool.add([_masked(fact, workspace) for fact in ours])
            kept = [waiting for waiting in file.waiting if not _is_ours(waiting.fact)]
            aside = room.settle(file, kept)
    except (HomeError, OSError) as error:
        words = error.message if isinstance(error, HomeError) else error.strerror or error
        workspace.warn(f"{path} cannot be taken back ({words}); it stays as it is")
        return 0
    if kept or file.unread:
        workspace.warn(f"{len(kept) + len(file.unread)} of the lines in {path} are nothing that the gate wrote; they stay there")
    if aside:
        workspace.warn(f"half a line was put aside into {aside}: its writer was killed while it wrote")
    return len(ours)


def _is_ours(fact: Fact) -> bool:
    return fact.kind == "observation" and fact.data.get("what") == UNCHECKED
