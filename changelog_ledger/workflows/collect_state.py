"""The machine's state as files of a snapshot: ``@state/NAME`` for what the watch list names.

It is the state of the machine that this runs on: of an image, or of another host, it would say nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING

from changelog_ledger.errors import SnapshotError
from changelog_ledger.model.snapshot import FileEntry, FileType, Skipped
from changelog_ledger.model.state import STATE_MODE, Availability, Collector, SnapshotExplanation, is_state, state_path, without_state
from changelog_ledger.snapshots.committed import CommittedManifest
from changelog_ledger.sources.files import CapturedFile
from changelog_ledger.workflows.masking import is_original
from changelog_ledger.workflows.workspace import Workspace

if TYPE_CHECKING:
    from changelog_ledger.sources.state.collecting import Collected


def state_entry(path: str, content: bytes) -> FileEntry:
    """The line of the manifest: nobody's but root's, for reading only, and of no time."""
    return FileEntry(path, FileType.FILE, STATE_MODE, 0, 0, "root", "root", size=len(content), sha256=sha256(content).hexdigest())


def is_own_machine(workspace: Workspace, host: str, root: str) -> bool:
    """Whether what runs here is what a snapshot is of."""
    return host == workspace.settings.host and os.path.realpath(root) == "/"


def collected_state(workspace: Workspace, watch: Sequence[str]) -> tuple[Collected, ...]:
    """What the collectors that are watched find.

    :param watch: of a watch list, the entries that are no files.
    :raises InvalidInput: if one of them names no collector.
    """
    if not watch:
        return ()
    from changelog_ledger.sources.state.collecting import collected  # here: a snapshot of files alone loads no collector
    from changelog_ledger.sources.state.registry import chosen

    return collected(chosen(watch, workspace.settings.ignore))


def state_files(workspace: Workspace, state: Iterable[Collected], previous: CommittedManifest, *, again: bool = True) -> Iterator[CapturedFile]:
    """What was collected as files; what could not be collected now, and could be before, is unread and keeps its last content.

    :param again: also what is as the previous commit has it: the rules of redaction may have changed since.
    """
    for each in state:
        path = state_path(each.source.name)
        before = previous.entry(path)
        if each.text is not None and not again and before is not None and not before.skipped and is_original(workspace, before, each.text):
            continue
        if each.text is not None:
            yield CapturedFile(state_entry(path, each.text), each.text)
        elif each.availability is Availability.FAILED or before is not None:
            yield CapturedFile(FileEntry(path, FileType.FILE, STATE_MODE, 0, 0, "root", "root", skipped=Skipped.UNREADABLE, detail=each.why))


def refuse_elsewhere(paths: Sequence[str], host: str) -> None:
    """Of another host, or of an image, no state can be asked for.

    :raises SnapshotError: if it is.
    """
    if asked := [path for path in paths if is_state(path)]:
        raise SnapshotError(
            f"{asked[0]} is the state of the machine that this runs on, and this is a snapshot of {host} or of an image",
            "leave out --root, and take it on the host itself",
        )


def explain_snapshot(workspace: Workspace, paths: Sequence[str] = ()) -> SnapshotExplanation:
    """What a snapshot of this machine would look at. Every collector is tried; nothing is recorded.

    :param paths: as for a snapshot: these only; the home's watch list if empty.
    :raises InvalidInput: if one of them names no collector.
    """
    from changelog_ledger.sources.state.collecting import collected
    from changelog_ledger.sources.state.registry import SOURCES, chosen

    settings = workspace.settings
    watch = tuple(paths) or settings.watch
    watched = {source.name for source in chosen([path for path in watch if is_state(path)], settings.ignore)}
    collectors = tuple(
        Collector(
            each.source.name,
            each.source.holds,
            each.source.needs,
            each.source.name in watched,
            each.availability,
            each.why,
            each.seconds,
            len(each.text or b""),
        )
        for each in collected(SOURCES)
    )
    return SnapshotExplanation(settings.host, without_state(watch), settings.ignore, collectors)
