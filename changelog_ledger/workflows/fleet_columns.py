"""The snapshots of many hosts as columns: what differs among them, file by file, each version read once.

What a snapshot did not keep (too large, unreadable, changing while it was read) is not known: such a host has no say about the file.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from changelog_ledger.diff.placeless import list_keys, settings_of
from changelog_ledger.formats import parse
from changelog_ledger.investigation.own_identifiers import WHOLE_FILES, identifiers, sources_cover
from changelog_ledger.investigation.own_mask import OwnMask
from changelog_ledger.investigation.own_twice import another_hosts, without_stolen
from changelog_ledger.investigation.peer_columns import Column, Columns, Variant, columns_of
from changelog_ledger.model import globs
from changelog_ledger.model.document import Document
from changelog_ledger.model.peers import PeerFold, Setting, SettingKind
from changelog_ledger.model.rules import FormatRule
from changelog_ledger.model.snapshot import Skipped, Snapshot
from changelog_ledger.snapshots.paths import is_within_one_of
from changelog_ledger.store.plain import plain_text
from changelog_ledger.store.queries import View
from changelog_ledger.workflows.compare_files import format_for
from changelog_ledger.workflows.workspace import Workspace

MOST_ITEMS = 5_000
"""Items (lines) of a list beyond which it is one value."""

_MANY_OF_FEW = 2
"""A list of all hosts that nearly all of them share is another version to each of them, and there is nothing to be gained by that."""

LONG = f"a list of over {MOST_ITEMS:,} items"
"""Why a list is compared as a whole."""


class FleetColumns(NamedTuple):
    """What differs, by path; and what could not be compared to the full: ``count`` is the number of hosts that have no say about the file."""

    columns: Mapping[str, Columns]
    limits: tuple[PeerFold, ...]


@dataclass(frozen=True)
class Fleet:
    """The snapshots of many hosts; ``working`` names those that work."""

    workspace: Workspace
    view: View
    snapshots: Sequence[Snapshot]
    working: frozenset[str]

    def columns(self) -> FleetColumns:
        """What differs, and what is not known."""
        repository, names = self.workspace.repository, [each.host for each in self.snapshots]
        split = repository.splitting([each.commit for each in self.snapshots])
        blobs = {path: sides for path, sides in split.contents.items() if not _is_own(path)}
        own = {path: sides for path, sides in split.contents.items() if _is_own(path)}
        wanted = {blob for sides in blobs.values() for blob in sides if blob}
        wanted |= {blob for path, sides in own.items() if sources_cover(path) for blob in sides if blob}
        texts = {blob: content.decode("utf-8", "surrogateescape") for blob, content in repository.read_blobs(sorted(wanted)).items()}
        masks = self._masks({path: sides for path, sides in split.contents.items() if sources_cover(path)}, texts)
        files = _Files(texts, masks, self.workspace.settings.format_rules, self.working)
        known = {path: _known(path, names, sides, split.unkept) for path, sides in split.contents.items()}
        read = {path: files.columns(path, known[path]) for path in sorted(blobs)}
        found = {path: columns for path, (columns, _) in read.items()}
        found |= {path: _own_file(path, known[path], self.working) for path in own}
        for path, sides in split.access.items():
            found[path] = _with_access(found.get(path, Columns()), path, dict(zip(names, sides, strict=True)))
        limits = (*_not_kept(split.unkept), *(fold for _, folds in read.values() for fold in folds))
        return FleetColumns({plain_text(path): each for path, each in found.items()}, limits)

    def _masks(self, telling: Mapping[str, Sequence[str | None]], texts: Mapping[str, str]) -> dict[str, OwnMask]:
        known = {host.name: host for host in self.view.topology.hosts()}
        own = {}
        for place, snapshot in enumerate(self.snapshots):
            host = snapshot.host
            said = {path: texts[blob] for path, sides in telling.items() if (blob := sides[place])}
            own[host] = identifiers(host, known[host].attributes if host in known else {}, said)
        return {host: OwnMask(each) for host, each in without_stolen(own, self.working).items()}


def _known(path: str, names: Sequence[str], sides: Sequence[str | None], unkept: Sequence[Mapping[str, Skipped]]) -> dict[str, str | None]:
    """The blob by host, None where there is no such file; without the hosts whose snapshot does not tell."""
    told = zip(names, sides, unkept, strict=True)
    return {host: blob for host, blob, missing in told if blob or not (missing and is_within_one_of(path, missing))}


def _not_kept(unkept: Sequence[Mapping[str, Skipped]]) -> Iterator[PeerFold]:
    """Contents that are missing, special files apart: they have none."""
    counted = Counter((path, why.value) for missing in unkept for path, why in missing.items() if why is not Skipped.SPECIAL)
    yield from (PeerFold((why,), plain_text(path), number) for (path, why), number in sorted(counted.items()))


def _is_own(path: str) -> bool:
    return any(globs.matches(glob, path) for glob in WHOLE_FILES)


def _own_file(path: str, blobs: Mapping[str, str | None], working: Collection[str]) -> Columns:
    """A file of which every host has its own content: who has none is news, and who has another's; what is in it is not."""
    there = tuple(sorted(host for host, blob in blobs.items() if blob))
    lacking = tuple(sorted(host for host, blob in blobs.items() if not blob))
    kind = next(kind for glob, kind in WHOLE_FILES.items() if globs.matches(glob, path))
    columns = columns_of(plain_text(path), [Variant(there, ()), Variant(lacking, None)]).columns if lacking else ()
    twice = another_hosts(plain_text(path), kind, {host: blob for host, blob in blobs.items() if blob}, working)
    own: dict[tuple[str, ...], int] = {(kind,): 1} if not twice and len({blob for blob in blobs.values() if blob}) > 1 else {}
    return Columns((*columns, *([twice] if twice else [])), own, frozenset({None}))


def _with_access(found: Columns, path: str, said: Mapping[str, str | None]) -> Columns:
    values = {host: words for host, words in said.items() if words}
    return replace(found, columns=(*found.columns, Column(plain_text(path), None, "metadata", values, {words: words for words in values.values()})))


@dataclass(frozen=True)
class _Files:
    """The contents of files, and what turns them into settings."""

    texts: Mapping[str, str]
    masks: Mapping[str, OwnMask]
    rules: Sequence[FormatRule]
    working: frozenset[str]

    def columns(self, path: str, blobs: Mapping[str, str | None]) -> tuple[Columns, tuple[PeerFold, ...]]:
        """The columns of one file, and what of it is compared as a whole."""
        if len(set(blobs.values())) == 1:
            return Columns(), ()
        groups, by_mask = self._versions(blobs)
        if len(groups) == 1 and all(blobs.values()):
            kinds = {kind for host, blob in blobs.items() if blob for kind in self.masks[host].masked(self.texts[blob])[1]}
            return Columns((), {tuple(sorted(kinds)): 1}, frozenset({None})), ()
        as_format = format_for(path, self.rules)
        read = {blob: _Parsed.of(path, self.texts[blob], as_format) for hosts in groups if (blob := blobs[hosts[0]])}
        parsed = [read[blob] for hosts in groups if (blob := blobs[hosts[0]])]
        lists, long = (frozenset(key for each in parsed for key in keys(each)) for keys in (_lists_of, _long_of))
        variants = [
            Variant(tuple(hosts), each.settings(lists, long), self.masks[hosts[0]].masked if by_mask else None, len({blobs[host] for host in hosts}))
            for hosts, each in zip(groups, parsed, strict=True)
        ]
        lacking = tuple(sorted(host for host, blob in blobs.items() if not blob))
        columns = columns_of(plain_text(path), [*variants, *([Variant(lacking, None)] if lacking else [])], self.working)
        return columns, (PeerFold((LONG,), plain_text(path), 0),) if long else ()

    def _versions(self, blobs: Mapping[str, str | None]) -> tuple[list[list[str]], bool]:
        """The hosts that have the file, by what it says; as it is, or without what is each one's own, whichever gives fewer versions.

        Hosts that share a text are told apart by what of it is their own, where that does not make many versions of few; and whether they are.
        """
        raw: dict[str, list[str]] = {}
        masked: dict[str, list[str]] = {}
        both: dict[tuple[str, str], list[str]] = {}
        for host in sorted(host for host, blob in blobs.items() if blob):
            blob = blobs[host] or ""
            left = self.masks[host].masked(self.texts[blob])[0]
            raw.setdefault(blob, []).append(host)
            masked.setdefault(left, []).append(host)
            both.setdefault((blob, left), []).append(host)
        if len(masked) < len(raw):
            return list(masked.values()), True
        return (list(both.values()), True) if len(both) <= _MANY_OF_FEW * len(raw) else (list(raw.values()), False)


def _opaque(text: str) -> Setting:
    """What is compared as a whole: a binary, or a list too long to look at each line."""
    content = text.encode("utf-8", "surrogateescape")
    digest = hashlib.sha256(content).hexdigest()
    return Setting("", SettingKind.VALUE, f"{len(content):,} bytes, sha256 {digest[:12]}")


def _as_one(setting: Setting) -> Setting:
    digest = hashlib.sha256(json.dumps(setting.value).encode()).hexdigest()
    return Setting(setting.key, SettingKind.VALUE, f"{len(setting.value):,} items, sha256 {digest[:12]}", setting.above)


def _is_long(setting: Setting) -> bool:
    return setting.kind is SettingKind.LIST and len(setting.value) > MOST_ITEMS


@dataclass(frozen=True)
class _Parsed:
    """A version of a file, parsed once."""

    document: Document | None
    first: tuple[Setting, ...]

    @classmethod
    def of(cls, path: str, text: str, as_format: str | None) -> _Parsed:
        document = parse(path, text.encode("utf-8", "surrogateescape"), as_format)
        return cls(document, settings_of(document) if document else (_opaque(text),))

    def settings(self, lists: frozenset[str], long: frozenset[str]) -> tuple[Setting, ...]:
        """Where any version has a list, or one that is too long to look into, at a key, this one has too."""
        found = settings_of(self.document, lists) if self.document and lists - _lists_of(self) else self.first
        return tuple(_as_one(each) if each.kind is SettingKind.LIST and each.key in long else each for each in found) if long else found


def _lists_of(version: _Parsed) -> frozenset[str]:
    return list_keys(version.first)


def _long_of(version: _Parsed) -> frozenset[str]:
    return frozenset(each.key for each in version.first if _is_long(each))
