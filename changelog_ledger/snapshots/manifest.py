"""One directory's part of the manifest as JSON lines, and back.

A line holds one entry: what is at its default is left out, names sort by their bytes, undecodable bytes are ``\\udcXX`` escapes. The same
entries always give the same bytes, so that git sees a difference only where there is one, and one edit rewrites one small file.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from typing import Any

from changelog_ledger.errors import RepositoryError
from changelog_ledger.model.snapshot import FileEntry, FileType, Skipped
from changelog_ledger.snapshots.paths import joined

_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=True, check_circular=False).encode
_OPTIONAL = ("size", "sha256", "fingerprint", "mtime_ns", "link_to", "redacted", "detail", "sealed_for")


def encoded(entries: Mapping[str, FileEntry]) -> bytes:
    """The file for one directory.

    :param entries: its entries by name.
    """
    return "".join(_line(name, entries[name]) for name in sorted(entries, key=os.fsencode)).encode("ascii")


def decoded(directory: str, data: bytes) -> dict[str, FileEntry]:
    """The inverse of :func:`encoded`.

    :raises RepositoryError: if ``data`` is no manifest.
    """
    try:
        rows = json.loads(b"[" + b",".join(data.splitlines()) + b"]")
        return {row["name"]: _entry(joined(directory, row["name"]), row) for row in rows}
    except (ValueError, KeyError, TypeError) as error:
        raise RepositoryError(f"the manifest of {directory!r} cannot be read: {error}", "run 'ledger verify' to see what else is damaged") from error


_ACCESS = re.compile(
    rb'^\{"name":"((?:[^"\\]|\\.)*)","type":"([a-z-]+)","mode":"(\d+)",'
    rb'"uid":(-?\d+),"gid":(-?\d+),"owner":"([^"]*)","group":"([^"]*)"(.*)$',
    re.MULTILINE,
)
_ASSUMED = b'"assumed":'
_UNKNOWN = FileType.UNKNOWN.value.encode()
_SKIPPED = b'"skipped":'
"""As no name and no detail holds it: a quote in them is escaped."""


def access_rows(data: bytes) -> tuple[tuple[bytes, ...], ...]:
    """Name, type, mode, owner and group of the entries of one directory, as written: a quick look at many manifests, most of which say the same.

    Users and groups go by their names, for their numbers may differ from host to host; those without a name by their numbers.

    What an import or an adopted history could not know (:attr:`FileEntry.assumed`) is left out, and what could not even be looked at.
    """
    return tuple(
        (name, kind, mode, owner or user, group or number)
        for name, kind, mode, user, number, owner, group, rest in _ACCESS.findall(data)
        if _ASSUMED not in rest and kind != _UNKNOWN
    )


def skipped_in(data: bytes) -> dict[str, Skipped]:
    """Why contents are missing, by the name of the entry, in one directory: a quick look, for most directories have none such."""
    if _SKIPPED not in data:
        return {}
    rows = (json.loads(line) for line in data.splitlines() if _SKIPPED in line)
    return {row["name"]: Skipped(row["skipped"]) for row in rows}


def name_in(row: tuple[bytes, ...]) -> str:
    """The name of an entry in :func:`access_rows`."""
    return str(json.loads(b'"' + row[0] + b'"'))


def _line(name: str, entry: FileEntry) -> str:
    row: dict[str, Any] = {"name": name, "type": entry.type.value, "mode": f"{entry.mode:04o}", "uid": entry.uid, "gid": entry.gid}
    row["owner"], row["group"] = entry.owner, entry.group
    for field in _OPTIONAL:
        value = getattr(entry, field)
        if value:
            row[field] = value
    if entry.skipped:
        row["skipped"] = entry.skipped.value
    if entry.assumed:
        row["assumed"] = list(entry.assumed)
    if entry.attributes:
        row["attributes"] = dict(entry.attributes)
    return _encode(row) + "\n"


def _entry(path: str, row: Mapping[str, Any]) -> FileEntry:
    get = row.get
    skipped = get("skipped")
    return FileEntry(
        path,
        FileType(row["type"]),
        int(row["mode"], 8),
        row["uid"],
        row["gid"],
        row["owner"],
        row["group"],
        get("size", 0),
        get("sha256", ""),
        get("fingerprint", ""),
        get("mtime_ns", 0),
        get("link_to", ""),
        get("redacted", 0),
        Skipped(skipped) if skipped else None,
        get("detail", ""),
        get("sealed_for", ""),
        tuple(get("attributes", {}).items()),
        tuple(get("assumed", ())),
    )
