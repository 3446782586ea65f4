"""What many commits do not agree on, from their manifests: types, modes, owners and groups; and whose content is missing there, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from changelog_ledger.model.snapshot import Skipped
from changelog_ledger.snapshots.manifest import access_rows, name_in, skipped_in
from changelog_ledger.snapshots.objects import ObjectReader
from changelog_ledger.snapshots.paths import joined

_Rows = tuple[tuple[bytes, ...], ...]


class ManifestsDiffer(NamedTuple):
    """What manifests say that differ.

    ``access``: by path, what each commit says: ``file 0644 root:root``; None where it says nothing. Only what differs.
    ``unkept``: for each commit, why contents are missing, by path; a directory is named for all that lies below it.
    """

    access: Mapping[str, tuple[str | None, ...]]
    unkept: tuple[Mapping[str, Skipped], ...]


def differing_manifests(objects: ObjectReader, manifests: Mapping[str, Sequence[str | None]], commits: int) -> ManifestsDiffer:
    """What differs between the manifests of many commits.

    Manifests differ on every host, if only by the times in them; so they are read by the line, and only what differs then is looked at.

    :param manifests: by directory, the blob of its manifest in each commit; ``commits`` is how many there are.
    """
    wanted = list(dict.fromkeys(blob for blobs in manifests.values() for blob in blobs if blob))
    rows: dict[str | None, _Rows] = {None: ()}
    known: dict[_Rows, _Rows] = {}
    skipped: dict[str, dict[str, Skipped]] = {}
    for blob, found in zip(wanted, objects.many(wanted), strict=True):
        read = access_rows(found.data) if found else ()
        rows[blob] = known.setdefault(read, read)
        if found and (names := skipped_in(found.data)):
            skipped[blob] = names
    differing: dict[str, tuple[str | None, ...]] = {}
    for directory, blobs in manifests.items():
        sides = [rows[blob] for blob in blobs]
        if any(side is not sides[0] for side in sides):
            differing |= _in_directory(directory, sides)
    return ManifestsDiffer(differing, _unkept(manifests, skipped, commits))


def _unkept(
    manifests: Mapping[str, Sequence[str | None]], skipped: Mapping[str, Mapping[str, Skipped]], commits: int
) -> tuple[dict[str, Skipped], ...]:
    found: tuple[dict[str, Skipped], ...] = tuple({} for _ in range(commits))
    if skipped:
        for directory, blobs in manifests.items():
            for own, blob in zip(found, blobs, strict=True):
                own.update({joined(directory, name): why for name, why in skipped.get(blob or "", {}).items()})
    return found


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
