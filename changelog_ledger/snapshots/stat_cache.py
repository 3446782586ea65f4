"""The stat cache of a host: which files need not be read again.

It is a cache. One that is missing, damaged, of another commit than the branch's tip or for other settings is worth nothing and is simply
not used: then every file is read, which is slower and gives the same snapshot.

The file: a line of JSON, then names and 64-bit numbers, so that twenty thousand entries load in a few milliseconds.
"""

from __future__ import annotations

import json
import os
import zlib
from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path

from changelog_ledger.snapshots.paths import split
from changelog_ledger.snapshots.private_files import write_private

Signature = tuple[int, int, int, int, int, int, int]
Signatures = Mapping[str, Mapping[str, Signature]]

UNTRUSTED: Signature = (-1, -1, -1, -1, -1, -1, -1)
"""What no file has: it was there, and has to be looked at again."""

_NUMBERS_EACH = 7
_NUMBER = "q"  # signed, 64 bits
_FORMAT = 2
_SECOND = 1_000_000_000
_TICK = 20_000_000  # ns; a file's time is that of the kernel's last tick, at most 10 ms ago (CONFIG_HZ=100)
_COARSE_TICK = 2 * _SECOND  # for file systems that keep whole seconds, or two as FAT does
_LARGEST = 2**63


@dataclass(frozen=True, slots=True)
class StatCache:
    """Signatures that belong to a commit.

    :ivar commit: the commit whose manifest says what the files with these signatures hold.
    :ivar key: what else must be the same: the caller's digest of watch list, ignore list, size limit, redaction rules …
    :ivar signatures: by host directory and name.
    """

    commit: str
    key: str
    signatures: Signatures = field(default_factory=dict)


def load(path: Path, *, commit: str | None, key: str) -> StatCache:
    """The cache at ``path``, empty if there is none that fits ``commit`` and ``key``."""
    nothing = StatCache(commit or "", key)
    try:
        header_line, _, body = path.read_bytes().partition(b"\n")
        header = json.loads(header_line)
        if (header["format"], header["commit"], header["key"]) != (_FORMAT, commit, key) or header["crc32"] != zlib.crc32(body):
            return nothing
        return StatCache(header["commit"], key, _unpacked(body, header["directories"], header["names"], header["text"]))
    except FileNotFoundError:
        return nothing
    except (OSError, ValueError, KeyError, TypeError):  # damaged: a cache is only a cache
        return nothing


def save(path: Path, cache: StatCache) -> None:
    """Replace the cache at ``path``; temporary file and rename, 0600. Not synced: after a power cut the checksum tells.

    :raises OSError: if it cannot be written. The snapshot is safe by then; the caller may warn.
    """
    directories = list(cache.signatures)
    names = list(chain.from_iterable(cache.signatures.values()))
    text = os.fsencode("\0".join([*directories, *names]))
    counts = array(_NUMBER, map(len, cache.signatures.values()))
    rows = chain.from_iterable(found.values() for found in cache.signatures.values())
    numbers = array(_NUMBER, list(chain.from_iterable(rows)))
    body = b"".join([text, counts.tobytes(), numbers.tobytes()])
    header = {"format": _FORMAT, "commit": cache.commit, "key": cache.key, "directories": len(directories), "names": len(names)}
    header |= {"text": len(text), "crc32": zlib.crc32(body)}
    write_private(path, json.dumps(header).encode() + b"\n" + body, durable=False)


def remembered(
    found: Signatures,
    known: Signatures,
    captured: Iterable[tuple[str, Signature | None]],
    *,
    unknown: Iterable[str] = (),
    as_of_ns: int,
    partly: bool = False,
) -> Signatures:
    """The signatures to keep after a capture; ``known`` itself where nothing differs.

    What may change without its signature changing gets :data:`UNTRUSTED`: files modified at, or too shortly before, the moment the survey began
    (they are *racy*, as in git's index, gitformat-index(5)), and files that could not be read. They are remembered all the same: were they
    left out, nobody would see that one of them has gone.

    :param found: signatures of the survey.
    :param captured: path and signature of every captured file, None where it must be looked at again.
    :param unknown: paths that could not be listed.
    :param partly: only some of the watched paths were surveyed; what is known of the others stays.
    :param as_of_ns: when the survey began, nanoseconds since the epoch, by the clock that stamps the files.
    """
    after = dict(captured)
    touched = {split(path)[0] for path in after}
    kept: dict[str, Mapping[str, Signature]] = {}
    for directory, names in found.items():
        then = known.get(directory)
        if directory not in touched and (then is names or then == names):
            kept[directory] = names
        else:
            kept[directory] = dict(_trusted(directory, names, then or {}, after, as_of_ns))
    for path in unknown:  # so that the next snapshot looks at these places even if they are gone by then
        kept.setdefault(path, {})
        kept.setdefault(split(path)[0], {})
    if partly:
        kept = {directory: {**known.get(directory, {}), **kept.get(directory, {})} for directory in {**known, **kept}}
    return known if kept == known else kept


def _trusted(
    directory: str, names: Mapping[str, Signature], then: Mapping[str, Signature], after: Mapping[str, Signature | None], as_of_ns: int
) -> Iterator[tuple[str, Signature]]:
    ahead = "" if directory == "/" else directory
    for name, seen in names.items():
        path = f"{ahead}/{name}"
        signature = after[path] if path in after else (seen if then.get(name) == seen else None)
        yield name, signature if signature is not None and not _is_racy(signature, as_of_ns) else UNTRUSTED


def _is_racy(signature: Signature, as_of_ns: int) -> bool:
    latest = max(signature[0], signature[1])
    tick = _TICK if signature[1] % _SECOND else _COARSE_TICK
    return latest >= as_of_ns - tick or max(signature) >= _LARGEST or min(signature) < -_LARGEST


def _unpacked(body: bytes, directories: int, names: int, text_length: int) -> Signatures:
    words = os.fsdecode(body[:text_length]).split("\0") if text_length else []
    numbers = array(_NUMBER)
    numbers.frombytes(body[text_length:])
    if len(numbers) != directories + _NUMBERS_EACH * names or len(words) != directories + names:
        raise ValueError("lengths do not fit")
    values = islice(numbers.tolist(), directories, None)
    rows = zip(words[directories:], zip(*[values] * _NUMBERS_EACH, strict=True), strict=True)
    return {directory: dict(islice(rows, count)) for directory, count in zip(words, numbers[:directories], strict=False)}
