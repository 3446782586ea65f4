"""What differs besides the content: type, mode, owner, group, extended attributes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from changelog_ledger.diff.attributes import shown_attributes
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

_OF_OWNER = ("owner", "uid", "group", "gid")


def metadata_deltas(path: str, before: FileEntry | None, after: FileEntry | None) -> tuple[Delta, ...]:
    """At most one delta, with only the fields that differ: ``mode 0644 → 0600, owner root → www-data``.

    What is only assumed on either side (an import, an adopted history) is not compared.
    """
    if before is None or after is None:
        return ()
    assumed = {*before.assumed, *after.assumed}
    old, new = _metadata(before, assumed), _metadata(after, assumed)
    differing = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    if not differing:
        return ()
    note = ", ".join(f"{name} {old.get(name, 'none')} → {new.get(name, 'none')}" for name in differing)
    was, became = ({name: side[name] for name in differing if name in side} for side in (old, new))
    return (Delta(path, None, Op.METADATA, was, became, note=note),)


def _metadata(entry: FileEntry, assumed: Collection[str]) -> dict[str, str | int]:
    """Without what nobody saw, on this side or the other: that says nothing about a change."""
    fields = {name: read(entry) for name, read in _FIELDS.items() if ("owner" if name in _OF_OWNER else name) not in assumed}
    return fields if "attributes" in assumed else {**fields, **shown_attributes(entry)}
