"""Capture of local files: the bytes, owners and modes of what is watched, exactly as they are on the disk.

Two steps, so that unchanged files cost one ``lstat`` and nothing else::

    found = survey(["/etc"], ignore=["*.swp"])                 # sources.survey: which paths, with their stat signatures
    for file in read_changed(found, known_signatures):         # here: content of those whose signature is not the known one
        ...

The result is a stream: only one file's content is in memory at a time.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator, Mapping

from changelog_ledger.sources.owners import Owners
from changelog_ledger.sources.reading import CapturedFile, DirectoryReader, Limits, joined, parted
from changelog_ledger.sources.survey import Signature, Signatures, Survey, survey

__all__ = ["DEFAULT_SIZE_LIMIT", "HASH_LIMIT", "CapturedFile", "Signature", "Signatures", "Survey", "capture_one", "read_changed", "survey"]

DEFAULT_SIZE_LIMIT = 1024 * 1024
"""Bytes up to which a regular file's content is taken; above, its hash is."""

HASH_LIMIT = 64 * 1024 * 1024
"""Bytes up to which an oversized file is hashed; above (a sparse disk image, say), its size and modification time have to do."""


def read_changed(found: Survey, known: Signatures, *, size_limit: int = DEFAULT_SIZE_LIMIT, hash_limit: int = HASH_LIMIT) -> Iterator[CapturedFile]:
    """Every surveyed path whose signature is not the known one, in the order of the bytes of directory and name.

    A file that has vanished since the survey is left out. What cannot be read comes with its reason in ``entry.skipped`` and the system's
    words in ``entry.detail``; no error of a single file ends the stream.

    :param known: signatures of the last capture, without those too young to be trusted (the stat cache leaves them out when it is written).
    :param size_limit: bytes above which a regular file is hashed only.
    :param hash_limit: bytes above which it is not even hashed.
    """
    owners, limits = Owners(found.root), Limits(size_limit, hash_limit)
    nothing: Mapping[str, Signature] = {}
    for directory in sorted(_touched(found, known), key=os.fsencode):
        then = known.get(directory, nothing)
        now = found.directories.get(directory, nothing)
        names = sorted(_names(found, directory, now, then), key=os.fsencode)
        with DirectoryReader(found.root, directory, owners, limits) as reader:
            for name in names:
                captured = reader.capture(name, now.get(name), found.unreadable.get(joined(directory, name)))
                if captured is not None:
                    yield captured


def capture_one(path: str, *, root: str = "/", size_limit: int = DEFAULT_SIZE_LIMIT, hash_limit: int = HASH_LIMIT) -> CapturedFile | None:
    """One path as it is now, without a survey (for a restore's proof); None if it is not there."""
    directory, name = parted(path)
    base = os.path.realpath(root)
    with DirectoryReader(base, directory, Owners(base), Limits(size_limit, hash_limit)) as reader:
        try:
            return reader.capture(name, reader.status(name))
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            return reader.capture(name, None, error.strerror or str(error))


def _touched(found: Survey, known: Signatures) -> set[str]:
    changed = {directory for directory, names in found.directories.items() if names is not (then := known.get(directory)) and names != then}
    return changed | {posixpath.dirname(path) for path in found.unreadable}


def _names(found: Survey, directory: str, now: Mapping[str, Signature], then: Mapping[str, Signature]) -> set[str]:
    """The names in one directory that have to be looked at."""
    changed = {name for name, signature in now.items() if then.get(name) != signature}
    if not found.unreadable:
        return changed
    return changed | {posixpath.basename(path) for path in found.unreadable if posixpath.dirname(path) == directory}
