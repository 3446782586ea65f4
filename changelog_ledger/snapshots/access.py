"""Types, modes, owners and groups that many commits do not agree on, from their manifests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from changelog_ledger.snapshots.manifest import access_rows, name_in
from changelog_ledger.snapshots.objects import ObjectReader
from changelog_ledger.snapshots.paths import joined

_Rows = tuple[tuple[bytes, ...], ...]


def differing_access(objects: ObjectReader, manifests: Mapping[str, Sequence[str | None]]) -> dict[str, tuple[str | None, ...]]:
    """By path, what each commit says: ``file 0644 root:root``; None where it says nothing.

    Manifests differ on every host, if only by the times in them; so they are read by the line, and only what differs then is looked at.

    :param manifests: by directory, the blob of its manifest in each commit.
    """
    wanted = list(dict.fromkeys(blob for blobs in manifests.values() for blob in blobs if blob))
    rows: dict[str | None, _Rows] = {None: ()}
    known: dict[_Rows, _Rows] = {}
    for blob, found in zip(wanted, objects.many(wanted), strict=True):
        read = access_rows(found.data) if found else ()
        rows[blob] = known.setdefault(read, read)
    differing: dict[str, tuple[str | None, ...]] = {}
    for directory, blobs in manifests.items():
        sides = [rows[blob] for blob in blobs]
        if any(side is not sides[0] for side in sides):
            differing |= _in_directory(directory, sides)
    return differing


def _in_directory(directory: str, sides: Sequence[_Rows]) -> dict[str, tuple[str | None, ...]]:
    tables = {id(side): {row[0]: row for row in side} for side in sides}
    found = {}
    for name in sorted({name for table in tables.values() for name in table}):
        rows = {key: table.get(name) for key, table in tables.items()}
        if len({row for row in rows.values() if row}) > 1:
            words = {key: _words(row) if row else None for key, row in rows.items()}
            path = name_in(next(row for row in rows.values() if row))
            found[joined(directory, path)] = tuple(words[id(side)] for side in sides)
    return found


def _words(row: tuple[bytes, ...]) -> str:
    _, kind, mode, owner, group = (part.decode("ascii") for part in row)
    return f"{kind} {mode} {owner}:{group}"
