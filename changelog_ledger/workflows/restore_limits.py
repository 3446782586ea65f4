"""What a restore leaves alone, and why: what cannot be restored, what may not be, and what no snapshot could give back."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, replace
from functools import cached_property

from changelog_ledger.errors import LedgerError
from changelog_ledger.model.restore import Unrestored
from changelog_ledger.model.snapshot import FileEntry, FileType, Skipped
from changelog_ledger.snapshots.paths import is_within
from changelog_ledger.sources.files import CapturedFile
from changelog_ledger.workflows.masking import without_secret_attributes
from changelog_ledger.workflows.restore_equality import Originals
from changelog_ledger.workflows.restore_wanted import Wanted
from changelog_ledger.workflows.workspace import Workspace

_SET_ID = stat.S_ISUID | stat.S_ISGID
_CAPABILITY = "security.capability"
_NOT_MADE = (FileType.SOCKET, FileType.CHARACTER_DEVICE, FileType.BLOCK_DEVICE, FileType.UNKNOWN)


@dataclass(frozen=True)
class Limits:
    """The limits of one restore."""

    workspace: Workspace
    wanted: Wanted
    originals: Originals

    @cached_property
    def _home(self) -> str:
        return os.path.realpath(self.workspace.home)

    def is_home(self, path: str) -> bool:
        """Whether the ledger's own home lies there: to bring back an old database would undo the record of it."""
        return is_within(self.wanted.root.rstrip("/") + path, self._home)

    def why_not(self, then: FileEntry, captured: CapturedFile | None) -> Unrestored | None:
        """Why an entry cannot be restored whatever is there, or cannot be compared."""
        if self.is_home(then.path):
            return Unrestored(then.path, "it is the ledger's own home", "a backup of the home brings it back")
        if then.is_unread:
            return Unrestored(then.path, f"it could not be read when the snapshot was taken: {then.detail}", "choose an earlier snapshot")
        now = captured.entry if captured else None
        if now is not None and now.is_unread:
            return Unrestored(then.path, f"it cannot be read now: {now.detail}", "run it as root")
        if then.skipped is Skipped.OVERSIZED and not (then.sha256 and now and now.sha256 == then.sha256):
            return Unrestored(then.path, f"the snapshot does not hold its content: {then.detail}", "raise snapshot.size_limit for the next time")
        if then.type in _NOT_MADE and (now is None or now.type is not then.type):
            return Unrestored(then.path, f"a {then.type} cannot be made from a snapshot", "whoever uses it makes it")
        return None

    def why_not_replaced(self, target: FileEntry, captured: CapturedFile) -> Unrestored | None:
        """Why what is there must not be overwritten: no snapshot could give it back; or there is nothing to put in its place."""
        if words := self.unkeepable(captured.entry):
            return Unrestored(target.path, f"no snapshot can keep what is there now: {words}", "move it away, and restore again")
        return self.why_no_content(target)

    def why_no_content(self, entry: FileEntry) -> Unrestored | None:
        """Tried, not assumed: a sealed original needs a key that opens it."""
        if not entry.redacted:
            return None
        try:
            self.originals.content(entry)
        except LedgerError as error:
            return Unrestored(entry.path, error.message, error.hint)
        return None

    def permitted(self, then: FileEntry) -> tuple[FileEntry, Unrestored | None]:
        """The entry without setuid, setgid and capabilities, where nobody said that they may be restored; what is to be said of that."""
        if self.wanted.privileged or then.type is not FileType.FILE:
            return then, None
        capable = any(name == _CAPABILITY for name, _ in then.attributes)
        if not then.mode & _SET_ID and not capable:
            return then, None
        attributes = tuple(pair for pair in then.attributes if pair[0] != _CAPABILITY)
        mode = then.mode & ~_SET_ID
        said = f"mode {mode:04o} instead of {then.mode:04o}" if mode != then.mode else "without its file capabilities"
        why = Unrestored(then.path, f"it gets no privileges: {said}", "if it is to have them, repeat it with --privileged")
        return replace(then, mode=mode, attributes=attributes), why

    def unkeepable_attributes(self, now: FileEntry) -> str:
        """Why a snapshot of now would not hold its extended attributes, or empty."""
        kept = now if self.wanted.is_copy else without_secret_attributes(self.workspace, now)
        return "" if kept.attributes == now.attributes else "there is a secret in its extended attributes"

    def unkeepable(self, now: FileEntry) -> str:
        """Why a snapshot of now would not hold it, or empty; of a copy none is taken."""
        if self.wanted.is_copy:
            return ""
        if now.type in _NOT_MADE:
            return f"it is a {now.type}"
        return now.detail if now.skipped in (Skipped.OVERSIZED, Skipped.UNREADABLE, Skipped.CHANGING) else ""
