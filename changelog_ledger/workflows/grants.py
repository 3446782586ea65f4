"""Grants, issued for a change while the ledger answers. They are read by :mod:`~changelog_ledger.workflows.read_grants`."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from changelog_ledger.errors import HomeError, InvalidInput, InvalidTime, TransitionRefused
from changelog_ledger.model.change import Status
from changelog_ledger.workflows.read_grants import SUFFIX, grants_folder
from changelog_ledger.workflows.unchecked_edits import OWN_FOLDER

if TYPE_CHECKING:
    from changelog_ledger.model.change import Change
    from changelog_ledger.model.gate import GatePolicy, Grant, IssuedGrant
    from changelog_ledger.model.topology import Target
    from changelog_ledger.workflows.workspace import Workspace

GRANT_KEY = "grant.key"
_KEY_BYTES = 32


def grant_in(workspace: Workspace, change: str, length: timedelta, common: Path, policy: GatePolicy | None) -> IssuedGrant:
    """Issue a grant into a repository.

    :param common: its common git directory; ``policy`` what it says of its gate.
    :raises LedgerError: as :func:`issue_grant` and :func:`keep_grant`.
    """
    return keep_grant(_with_lacks(issue_grant(workspace, change, length), policy), common)


def grant_to(workspace: Workspace, change: str, length: timedelta, file: Path | None) -> IssuedGrant:
    """Issue a grant to a new file, or (None) into the answer alone.

    :raises LedgerError: as :func:`issue_grant` and :func:`carry_grant`.
    """
    if file is not None and os.path.lexists(file):  # before anything is recorded
        raise _taken(file)
    issued = _with_lacks(issue_grant(workspace, change, length), None)
    return issued if file is None else carry_grant(issued, file)


def issue_grant(workspace: Workspace, change: str, length: timedelta) -> IssuedGrant:
    """Grant the edits of a change for a time; a note on the change says so. Nothing is written to any repository yet.

    A change that has not started has to be one that could start when the grant begins to hold, by the lifecycle and the rules of the home; its grant
    holds within its planned window only.

    :param length: for how long, at most 30 days.
    :raises NotFound: if there is no such change.
    :raises TransitionRefused: if it is over, or could not start (:class:`PolicyRefused`, if it is the rules that say so).
    :raises InvalidTime: if the time is too short or too long, or its planned window lies outside.
    :raises HomeError: if the home's key is damaged, or others may read it.
    """
    from changelog_ledger.gate.grants import LARGEST, grant_text, payload_of, public_key, signed
    from changelog_ledger.model.gate import IssuedGrant
    from changelog_ledger.workflows.record_change import find_change, note_change

    grant = _drafted(workspace, find_change(workspace, change), _checked_length(length))
    key = _grant_key(workspace)
    text = grant_text(signed(payload_of(grant), key))
    if len(text.encode()) > LARGEST:
        raise InvalidInput(f"{grant.change} has too many globs or targets for a grant", f"a grant has {LARGEST // 1024} KiB at most: name fewer")
    from changelog_ledger.model.times import shown_instant

    since = f" from {shown_instant(grant.not_before)}" if grant.not_before > grant.issued_at else ""
    note_change(workspace, grant.change, f"grant {grant.id} for offline work{since} until {shown_instant(grant.expires_at)}")
    return IssuedGrant(grant, text, public_key(key))


def keep_grant(issued: IssuedGrant, common: Path) -> IssuedGrant:
    """Write a grant into a repository's git directory, where the gate finds it.

    :param common: the common git directory.
    :raises InvalidInput: if it cannot be written there.
    """
    from changelog_ledger.snapshots.private_files import write_private

    file = grants_folder(common) / f"{issued.grant.id}{SUFFIX}"
    try:
        (common / OWN_FOLDER).mkdir(mode=0o700, exist_ok=True)
        write_private(file, issued.text.encode())
    except OSError as error:
        raise InvalidInput(f"cannot write {file}: {error.strerror}", "write it to a file of your own: --to FILE") from error
    return replace(issued, file=str(file))


def carry_grant(issued: IssuedGrant, file: Path) -> IssuedGrant:
    """Write a grant to a new file, to be carried to where there is no ledger.

    :raises InvalidInput: if there is something at ``file`` already, or it cannot be written.
    """
    from changelog_ledger.snapshots.private_files import create_private

    try:
        create_private(file, issued.text.encode())
    except FileExistsError as error:
        raise _taken(file) from error
    except OSError as error:
        raise InvalidInput(f"cannot write {file}: {error.strerror}", "name a new file in a folder that is there and that you may write to") from error
    return replace(issued, file=str(file))


def shown_grant_key(workspace: Workspace) -> str:
    """The public key that the grants of this home are signed with; empty if it has issued none."""
    if not _key_file(workspace).exists():
        return ""
    from changelog_ledger.gate.grants import public_key

    return public_key(_read_key(_key_file(workspace)))


def _taken(file: Path) -> InvalidInput:
    return InvalidInput(f"{file} is there already", "name a new file")


def _with_lacks(issued: IssuedGrant, policy: GatePolicy | None) -> IssuedGrant:
    """With the lines that the policy still needs; the keys that it lists stay in its line."""
    from changelog_ledger.model.gate import Away

    known = policy.grant_keys if policy else ()
    keys = ", ".join(f'"{key}"' for key in (*known, issued.key))
    lines = [] if policy and policy.when_away is not Away.CLOSED else [f'when_away = "{Away.GRANT}"']
    lines += [] if issued.key in known else [f"grant_keys = [{keys}]"]
    return replace(issued, lacks=tuple(lines))


def _drafted(workspace: Workspace, change: Change, length: timedelta) -> Grant:
    from changelog_ledger.model.gate import Grant
    from changelog_ledger.model.identifiers import short_id

    now = workspace.now()
    if not change.is_open:
        raise TransitionRefused(
            f"{change.id} is {change.status}: it covers no edit any more, so there is nothing to grant", 'plan another one: ledger change plan "…"'
        )
    begins, ends = _period(change, now, now + length)
    if change.status is not Status.STARTED:
        from changelog_ledger.workflows.record_change import moved_change

        moved_change(workspace, change, "start", begins)
    targets = _with_hosts(workspace, change.on)
    return Grant(short_id("GRT", workspace.entropy(8)), change.id, change.title, targets, change.paths, change.actor, now, begins, ends)


def _period(change: Change, now: datetime, ends: datetime) -> tuple[datetime, datetime]:
    """From when until when the grant holds: a change that is under way for as long as was asked, another one within its planned window only."""
    if change.status is Status.STARTED:
        return now, ends
    start = f"or start it: ledger change start {change.id}"
    begins = max(now, change.planned_start or now)
    if begins >= ends:
        raise InvalidTime(f"the planned window of {change.id} does not open before the grant would be over", f"ask for longer (--for), {start}")
    if change.planned_end is not None and change.planned_end <= now:
        raise InvalidTime(f"the planned window of {change.id} is over", f"plan it anew, {start}")
    return begins, min(ends, change.planned_end or ends)


def _with_hosts(workspace: Workspace, on: tuple[Target, ...]) -> tuple[Target, ...]:
    """The targets, and the hosts that the services among them run on: nobody can be asked for these later."""
    from changelog_ledger.model.topology import Target, TargetKind

    services = [target.name for target in on if target.kind is TargetKind.SERVICE]
    if not services:
        return on
    with workspace.store.reading() as view:
        hosts = {name for names in view.topology.hosts_of(services).values() for name in names}
    return tuple(dict.fromkeys((*on, *(Target.host(name) for name in sorted(hosts)))))


def _checked_length(length: timedelta) -> timedelta:
    from changelog_ledger.gate.grants import LONGEST

    if not timedelta(0) < length <= LONGEST:
        raise InvalidTime(f"a grant holds for {LONGEST.days} days at most, and for longer than nothing", "write it as 8h, 24h or 3d: --for 24h")
    return length


# ---- the home's key


def _key_file(workspace: Workspace) -> Path:
    from changelog_ledger.workflows.workspace import KEY_FOLDER

    return workspace.home / KEY_FOLDER / GRANT_KEY


def _grant_key(workspace: Workspace) -> bytes:
    """The home's private key; made when it is first needed."""
    from changelog_ledger.snapshots.private_files import write_private

    file = _key_file(workspace)
    if not os.path.lexists(file):
        with workspace.locks.keys():
            if not os.path.lexists(file):
                write_private(file, f"{workspace.entropy(_KEY_BYTES).hex()}\n".encode())  # in one step: others may be reading already
    return _read_key(file)


def _read_key(file: Path) -> bytes:
    from changelog_ledger.snapshots.private_files import read_private

    hint = f"restore it from your backup of the home, or remove it: the next grant makes a new key, which policies then have to list ({file})"
    try:
        key = bytes.fromhex(read_private(file).decode("ascii"))
    except ValueError as error:
        raise HomeError(f"{file} holds no key", hint) from error
    if len(key) != _KEY_BYTES:
        raise HomeError(f"{file} holds no key", hint)
    return key
