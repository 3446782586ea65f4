"""``key``: whom originals are sealed for, a new key, a copy of the keys for a safe place."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from changelog_ledger.errors import HomeError, InvalidInput
from changelog_ledger.model.keys import KeyOverview
from changelog_ledger.model.times import format_instant
from changelog_ledger.snapshots.private_files import create_private, read_private, write_private
from changelog_ledger.snapshots.sealing import new_identity, recipient_of
from changelog_ledger.workflows.grants import shown_grant_key
from changelog_ledger.workflows.keyed_digest import keyed_digest
from changelog_ledger.workflows.workspace import KEY_FOLDER, SEALING_KEY, Workspace

_FINGERPRINT_DIGITS = 12


def show_keys(workspace: Workspace) -> KeyOverview:
    """The keys, as far as they may be shown.

    :raises HomeError: if a key is missing, damaged or readable for others.
    """
    own = tuple(map(recipient_of, workspace.own_identities))
    present, older = (own[0], own[1:]) if own and workspace.settings.own_key else ("", own)
    digest = keyed_digest(workspace, b"which key")[:_FINGERPRINT_DIGITS]
    return KeyOverview(workspace.recipients, present, older, digest, shown_grant_key(workspace))


def rotate_key(workspace: Workspace) -> KeyOverview:
    """Give the home a new key. The earlier ones stay, for they open what was sealed for them; the next snapshot seals every original anew.

    :raises HomeError: if the home has no key of its own, or the file cannot be written.
    """
    if not workspace.settings.own_key:
        raise HomeError("this home has no key of its own: originals are sealed for others", "change sealing.recipients in ledger.toml instead")
    with workspace.locks.keys():
        before = read_private(_identity_file(workspace))
        write_private(_identity_file(workspace), _stanza(workspace, new_identity()).encode("ascii") + before)
    return show_keys(replace(workspace))  # a copy, which has read nothing yet


def export_keys(workspace: Workspace) -> str:
    """The home's identities as an age identity file (age-keygen(1)): with it alone, ``age`` opens every sealed original.

    :raises HomeError: if the home has no key of its own.
    """
    if not workspace.own_identities:
        raise HomeError("this home holds no key that opens anything", "whoever has the identities of sealing.recipients can open originals")
    lines = [f"# keys of the ledger at {workspace.home}", "# ledger: LEDGER_IDENTITY=THIS-FILE ledger cat --reveal HOST PATH"]
    lines += ["# without it: git --git-dir=snapshots.git cat-file blob refs/heads/host/HOST:.ledger/sealed/PATH | age --decrypt -i THIS-FILE"]
    for identity in workspace.own_identities:
        lines += [f"# public key: {recipient_of(identity)}", identity]
    return "\n".join(lines) + "\n"


def export_keys_to(workspace: Workspace, file: Path) -> None:
    """Write :func:`export_keys` to a new file that only its owner may read.

    :raises InvalidInput: if there is something at ``file`` already, or it cannot be written.
    """
    text = export_keys(workspace)
    try:
        create_private(file, text.encode("ascii", "backslashreplace"))
    except FileExistsError as error:
        raise InvalidInput(f"{file} is there already", "name a new file") from error
    except OSError as error:
        raise InvalidInput(f"cannot write {file}: {error.strerror}", "name a new file in a folder that is there and that you may write to") from error


def _identity_file(workspace: Workspace) -> Path:
    return workspace.home / KEY_FOLDER / SEALING_KEY


def _stanza(workspace: Workspace, identity: str) -> str:
    return f"# created: {format_instant(workspace.now())}\n# public key: {recipient_of(identity)}\n{identity}\n"
