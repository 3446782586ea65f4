"""What differs besides the content: type, mode, owner, group."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from changelog_ledger.model.evidence import Delta, Op
from changelog_ledger.model.snapshot import FileEntry

_FIELDS: Mapping[str, Callable[[FileEntry], str | int]] = {
    "type": lambda entry: str(entry.type),
    "mode": lambda entry: f"{entry.mode:04o}",
    "owner": lambda entry: entry.owner,
    "uid": lambda entry: entry.uid,
    "group": lambda entry: entry.group,
    "gid": lambda entry: entry.gid,
}
"""What counts, as it is shown. Size and times follow from other things, or mean nothing."""


def metadata_deltas(path: str, before: FileEntry | None, after: FileEntry | None) -> tuple[Delta, ...]:
    """At most one delta, with only the fields that differ: ``mode 0644 → 0600, owner root → www-data``."""
    if before is None or after is None:
        return ()
    old = {name: read(before) for name, read in _FIELDS.items()}
    new = {name: read(after) for name, read in _FIELDS.items()}
    differing = [name for name in _FIELDS if old[name] != new[name]]
    if not differing:
        return ()
    note = ", ".join(f"{name} {old[name]} → {new[name]}" for name in differing)
    return (Delta(path, None, Op.METADATA, {name: old[name] for name in differing}, {name: new[name] for name in differing}, note=note),)
