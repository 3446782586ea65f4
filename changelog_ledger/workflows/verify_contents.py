"""Whether what is stored can be restored: the last snapshot of every host is read whole and compared with its manifest.

A backup that was never read is a hope. So every content is hashed, and every sealed original is opened where a key for it is at hand.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from hashlib import sha256
from itertools import islice

from changelog_ledger.errors import HomeError, SnapshotError
from changelog_ledger.model.snapshot import FileEntry, FileType, Snapshot
from changelog_ledger.snapshots.sealing import unseal
from changelog_ledger.store.store import Progress
from changelog_ledger.store.verification import Finding
from changelog_ledger.workflows.masking import is_original
from changelog_ledger.workflows.workspace import Workspace

_AT_ONCE = 200
_Stored = tuple[FileEntry, str]


def wrong_contents(workspace: Workspace, progress: Progress) -> Iterator[Finding]:
    """What of each host's last snapshot could not be restored as it was."""
    proven: set[tuple[str, str]] = set()
    for snapshot in _last_snapshots(workspace):
        entries = workspace.repository.manifest(snapshot.commit).entries
        files = workspace.repository.files(snapshot.commit)
        whole = [(entry, files[path]) for path, entry in entries.items() if path in files and not entry.skipped and not entry.redacted]
        for path, entry in entries.items():
            if _has_content(entry) and path not in files:
                yield _finding(snapshot, path, "has no content, though its manifest says that it has")
        yield from _differing(workspace, snapshot, [pair for pair in whole if (pair[1], _promise(pair[0])) not in proven], progress)
        proven |= {(blob, _promise(entry)) for entry, blob in whole}
        yield from _unopened(workspace, snapshot, [entry for entry in entries.values() if entry.redacted and not entry.skipped], progress)


def _last_snapshots(workspace: Workspace) -> tuple[Snapshot, ...]:
    with workspace.store.reading() as view:
        return tuple(view.evidence.last_snapshots([host.name for host in view.topology.hosts()], workspace.now()).values())


def _has_content(entry: FileEntry) -> bool:
    return entry.type in (FileType.FILE, FileType.SYMLINK) and entry.skipped is None


def _promise(entry: FileEntry) -> str:
    """What the manifest says of the content: a digest, or a link's text."""
    return entry.link_to if entry.type is FileType.SYMLINK else entry.sha256


def _differing(workspace: Workspace, snapshot: Snapshot, stored: list[_Stored], progress: Progress) -> Iterator[Finding]:
    waiting = iter(stored)
    while batch := list(islice(waiting, _AT_ONCE)):
        contents = workspace.repository.read_blobs(blob for _, blob in batch)
        progress(len(batch))
        for entry, blob in batch:
            found = os.fsdecode(contents[blob]) if entry.type is FileType.SYMLINK else sha256(contents[blob]).hexdigest()
            if found != _promise(entry):
                yield _finding(snapshot, entry.path, "is not stored as its manifest says")


def _unopened(workspace: Workspace, snapshot: Snapshot, redacted: list[FileEntry], progress: Progress) -> Iterator[Finding]:
    try:
        identities = workspace.identities if workspace.fingerprint_key else ()
    except HomeError:  # nothing can be opened or compared; which key is missing is a finding of its own
        return
    for entry in redacted:
        progress(1)
        sealed = workspace.repository.sealed(snapshot.commit, entry.path)
        if sealed is None:
            yield _finding(snapshot, entry.path, "has secrets and no sealed original")
        elif identities:
            yield from _wrong_original(workspace, snapshot, entry, sealed)


def _wrong_original(workspace: Workspace, snapshot: Snapshot, entry: FileEntry, sealed: bytes) -> Iterator[Finding]:
    try:
        original = unseal(sealed, workspace.identities)
    except SnapshotError:
        if workspace.settings.own_key:
            text = f"the sealed original of {entry.path} of {snapshot.host} opens with no key that is here"
            yield Finding("key", text)
        return  # sealed for others: whoever holds their key can tell
    if not is_original(workspace, entry, original):
        yield _finding(snapshot, entry.path, "has a sealed original that is not the file its manifest names")


def _finding(snapshot: Snapshot, path: str, what: str) -> Finding:
    return Finding("content", f"{path} of {snapshot.host} {what} (snapshot {snapshot.id})")
