"""What a path is to become, and what may be shown of what it is now."""

from __future__ import annotations

from dataclasses import replace

from changelog_ledger.model.snapshot import FileEntry, FileType
from changelog_ledger.snapshots.restoring_owners import AS_IT_IS, TargetOwners
from changelog_ledger.sources.files import CapturedFile
from changelog_ledger.workflows.masking import masked_file, without_secret_attributes
from changelog_ledger.workflows.workspace import Workspace

_MODE = 0o600
_DIRECTORY_MODE = 0o700


def as_to_become(then: FileEntry, now: FileEntry | None, owners: TargetOwners) -> FileEntry:
    """The entry with what nobody saw then as it is now: an import and an adopted history know contents, and seldom more.

    What is not there now, or is something of another type, becomes a file of whoever restores it that nobody else may open: to guess a mode
    would open what may have been closed.
    """
    kept = now if now is not None and now.type is then.type else None
    user, group = owners.of(then)
    if user == AS_IT_IS:
        then = replace(then, uid=kept.uid if kept else AS_IT_IS, owner="")
    if group == AS_IT_IS:
        then = replace(then, gid=kept.gid if kept else AS_IT_IS, group="")
    if "attributes" in then.assumed:
        then = replace(then, attributes=kept.attributes if kept else ())
    if "mode" in then.assumed and then.type is not FileType.SYMLINK:
        closed = _DIRECTORY_MODE if then.type is FileType.DIRECTORY else _MODE
        then = replace(then, mode=kept.mode if kept else closed)
    return replace(then, assumed=()) if then.assumed else then


def shown_file(workspace: Workspace, captured: CapturedFile) -> tuple[FileEntry, bytes | None]:
    """Entry and content of what is there now, without secrets."""
    entry, text = captured.entry, captured.content
    if text is not None:
        entry, text = masked_file(workspace, entry, text)
    return without_secret_attributes(workspace, entry), text


def shown_entry(workspace: Workspace, captured: CapturedFile) -> FileEntry:
    """The entry alone, which takes no reading of the content: without its digest, from which a short secret could be guessed."""
    if captured.entry.type is FileType.SYMLINK:
        return shown_file(workspace, captured)[0]
    return without_secret_attributes(workspace, replace(captured.entry, sha256=""))
