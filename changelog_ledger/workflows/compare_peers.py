"""Failing hosts beside working ones: what sets the failing ones apart.

The data's way: a snapshot a host → the paths that not all of them agree on (trees by their ids) → versions without what is each host's own → each
parsed once → columns → candidates → what changed in the window → differences, likeliest first. No pair of hosts is compared.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from changelog_ledger.diff.placeless import list_keys, settings_of
from changelog_ledger.formats import parse
from changelog_ledger.investigation.noise import NoiseJudge, sifted
from changelog_ledger.investigation.own_identifiers import WHOLE_FILES, identifiers, sources_cover
from changelog_ledger.investigation.own_mask import OwnMask
from changelog_ledger.investigation.peer_changes import altered, is_about, since_when
from changelog_ledger.investigation.peer_columns import Column, Columns, Variant, columns_of
from changelog_ledger.investigation.peers import Candidate, candidates, difference, rank
from changelog_ledger.model import globs
from changelog_ledger.model.document import Document
from changelog_ledger.model.evidence import Delta, Op, RecordedDelta
from changelog_ledger.model.peers import PeerComparison, PeerDifference, PeerFold, Setting, SettingKind
from changelog_ledger.model.report import Basis, Window
from changelog_ledger.model.rules import FormatRule
from changelog_ledger.model.snapshot import Snapshot
from changelog_ledger.store.plain import plain_text
from changelog_ledger.store.queries import View
from changelog_ledger.workflows.compare_files import format_for
from changelog_ledger.workflows.failing_and_working import Sides
from changelog_ledger.workflows.noise import noise_judge
from changelog_ledger.workflows.workspace import Workspace

MOST_LISTED = 200
"""Differences that a report holds; the rest are counted."""

_DATED = 20
"""So many of the first differences are looked up in the history before the window."""

_DATED_HOSTS = 5
_EARLIER = 50
"""Deltas of a file that are looked through for the one that set a key."""

_MOST_ITEMS = 5_000
"""Items (lines) of a list beyond which it is one value."""


def compare_peers(
    workspace: Workspace,
    view: View,
    sides: Sides,
    window: Window,
    deltas: Sequence[RecordedDelta],
    habits: Mapping[tuple[str, str], int],
) -> PeerComparison:
    """What sets the failing hosts apart.

    :param deltas: those of the window on the hosts in scope, the failing ones among them, without noise.
    :param habits: how often a path of a host changed before the window.
    """
    judge = noise_judge(workspace)
    snapshots = (*sides.failing, *sides.working)
    failing, working = ([each.host for each in side] for side in (sides.failing, sides.working))
    fleet = _Fleet(workspace, view, snapshots)
    found = fleet.columns()
    likely, others = candidates((column for each in found.values() for column in each.columns), failing, working)
    telling, noise = _without_noise(likely, judge)
    theirs = _deltas_of(view, working, telling[:MOST_LISTED], window, judge)
    both = [delta for delta in deltas if delta.host in set(failing)] + list(theirs)
    changed = altered(telling, both, habits, working, known=window.since_basis is not Basis.FIRST_SNAPSHOT)
    judged = [(difference(each, seen, failing, working), each) for each, seen in zip(telling, changed, strict=True)]
    judged = sorted(judged, key=lambda pair: rank(pair[0]))[:MOST_LISTED]
    listed = [_with_evidence(each, candidate, both) for each, candidate in judged]
    latest = max(each.at for each in snapshots)
    dated = [_dated(view, each, judged[place][1], latest) for place, each in enumerate(listed[:_DATED])]
    return PeerComparison(
        tuple(failing), tuple(working), sides.basis, (*dated, *listed[_DATED:]), len(telling), others, _folded(found), noise, sides.left_out
    )


@dataclass(frozen=True)
class _Fleet:
    """The snapshots of many hosts."""

    workspace: Workspace
    view: View
    snapshots: Sequence[Snapshot]

    def columns(self) -> dict[str, Columns]:
        """What differs, by path."""
        repository, names = self.workspace.repository, [each.host for each in self.snapshots]
        split = repository.splitting([each.commit for each in self.snapshots])
        blobs = {path: sides for path, sides in split.contents.items() if not _is_own(path)}
        own = {path: sides for path, sides in split.contents.items() if _is_own(path)}
        wanted = {blob for sides in blobs.values() for blob in sides if blob}
        wanted |= {blob for path, sides in own.items() if sources_cover(path) for blob in sides if blob}
        texts = {blob: content.decode("utf-8", "surrogateescape") for blob, content in repository.read_blobs(sorted(wanted)).items()}
        masks = self._masks({path: sides for path, sides in split.contents.items() if sources_cover(path)}, texts)
        files = _Files(texts, masks, self.workspace.settings.format_rules)
        found = {path: files.columns(path, dict(zip(names, sides, strict=True))) for path, sides in sorted(blobs.items())}
        found |= {path: _own_file(path, dict(zip(names, sides, strict=True))) for path, sides in own.items()}
        for path, sides in split.access.items():
            found[path] = _with_access(found.get(path, Columns()), path, dict(zip(names, sides, strict=True)))
        return {plain_text(path): each for path, each in found.items()}

    def _masks(self, telling: Mapping[str, Sequence[str | None]], texts: Mapping[str, str]) -> dict[str, OwnMask]:
        known = {host.name: host for host in self.view.topology.hosts()}
        masks = {}
        for place, snapshot in enumerate(self.snapshots):
            host = snapshot.host
            said = {path: texts[blob] for path, sides in telling.items() if (blob := sides[place])}
            masks[host] = OwnMask(identifiers(host, known[host].attributes if host in known else {}, said))
        return masks


def _is_own(path: str) -> bool:
    return any(globs.matches(glob, path) for glob in WHOLE_FILES)


def _own_file(path: str, blobs: Mapping[str, str | None]) -> Columns:
    """A file of which every host has its own content: who has none is news, what is in it is not."""
    there = tuple(sorted(host for host, blob in blobs.items() if blob))
    lacking = tuple(sorted(host for host, blob in blobs.items() if not blob))
    kind = next(kind for glob, kind in WHOLE_FILES.items() if globs.matches(glob, path))
    columns = columns_of(plain_text(path), [Variant(there, ()), Variant(lacking, None)]).columns if lacking else ()
    return Columns(columns, {(kind,): 1} if len({blob for blob in blobs.values() if blob}) > 1 else {})


def _with_access(found: Columns, path: str, said: Mapping[str, str | None]) -> Columns:
    values = {host: words for host, words in said.items() if words}
    return replace(found, columns=(*found.columns, Column(plain_text(path), None, "metadata", values, {words: words for words in values.values()})))


@dataclass(frozen=True)
class _Files:
    """The contents of files, and what turns them into settings."""

    texts: Mapping[str, str]
    masks: Mapping[str, OwnMask]
    rules: Sequence[FormatRule]

    def columns(self, path: str, blobs: Mapping[str, str | None]) -> Columns:
        """The columns of one file."""
        groups, by_mask = self._versions(blobs)
        if len(groups) == 1 and all(blobs.values()):
            kinds = {kind for host, blob in blobs.items() if blob for kind in self.masks[host].masked(self.texts[blob])[1]}
            return Columns((), {tuple(sorted(kinds)): 1})
        as_format = format_for(path, self.rules)
        parsed = [_Parsed.of(path, self.texts[blob], as_format) for hosts in groups if (blob := blobs[hosts[0]])]
        lists = frozenset(key for each in parsed for key in each.lists)
        variants = [
            Variant(tuple(hosts), each.settings(lists), self.masks[hosts[0]].masked if by_mask else None)
            for hosts, each in zip(groups, parsed, strict=True)
        ]
        lacking = tuple(sorted(host for host, blob in blobs.items() if not blob))
        return columns_of(plain_text(path), [*variants, *([Variant(lacking, None)] if lacking else [])])

    def _versions(self, blobs: Mapping[str, str | None]) -> tuple[list[list[str]], bool]:
        """The hosts that have the file, by what it says; as it is, or without what is each one's own, whichever gives fewer versions.

        Where the texts are taken as they are, a host's own can be told from another's only if no two hosts share a text.
        """
        raw: dict[str, list[str]] = {}
        masked: dict[str, list[str]] = {}
        for host in sorted(host for host, blob in blobs.items() if blob):
            blob = blobs[host] or ""
            raw.setdefault(blob, []).append(host)
            masked.setdefault(self.masks[host].masked(self.texts[blob])[0], []).append(host)
        if len(masked) < len(raw):
            return list(masked.values()), True
        return list(raw.values()), all(len(hosts) == 1 for hosts in raw.values())


def _opaque(text: str) -> Setting:
    """What is compared as a whole: a binary, or a list too long to look at each line."""
    digest = hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
    return Setting("", SettingKind.VALUE, f"{len(text):,} bytes, sha256 {digest[:12]}")


def _as_one(setting: Setting) -> Setting:
    return replace(_opaque(json.dumps(setting.value)), key=setting.key, above=setting.above)


def _is_long(setting: Setting) -> bool:
    return setting.kind is SettingKind.LIST and len(setting.value) > _MOST_ITEMS


@dataclass(frozen=True)
class _Parsed:
    """A version of a file, parsed once."""

    document: Document | None
    first: tuple[Setting, ...]

    @classmethod
    def of(cls, path: str, text: str, as_format: str | None) -> _Parsed:
        document = parse(path, text.encode("utf-8", "surrogateescape"), as_format)
        first = settings_of(document) if document else (_opaque(text),)
        return cls(document, tuple(_as_one(each) if _is_long(each) else each for each in first))

    @property
    def lists(self) -> frozenset[str]:
        return list_keys(self.first)

    def settings(self, lists: frozenset[str]) -> tuple[Setting, ...]:
        if self.document and lists - self.lists:
            return settings_of(self.document, lists)
        return self.first


def _without_noise(found: Sequence[Candidate], judge: NoiseJudge) -> tuple[list[Candidate], tuple[PeerFold, ...]]:
    noise: Counter[tuple[str, str]] = Counter()
    telling = []
    for each in found:
        rule = judge.rule_of(_as_delta(each))
        noise[rule, each.column.path] += bool(rule)
        telling += [] if rule else [each]
    return telling, tuple(PeerFold((rule,), path, number) for (rule, path), number in sorted((+noise).items()))


def _as_delta(candidate: Candidate) -> Delta:
    """The difference as one between the usual value and the suspected one."""
    column = candidate.column
    if column.about in ("file", "metadata"):
        return Delta(column.path, None, Op.METADATA)
    usual = Counter(token for host, token in column.values.items() if host not in candidate.accused).most_common(1)[0][0]
    values = (column.shown[usual], column.shown[column.values[candidate.accused[0]]])
    return Delta(column.path, "line 1" if column.about == "list" else column.key, Op.CHANGED, *values)


def _deltas_of(view: View, working: Collection[str], found: Sequence[Candidate], window: Window, judge: NoiseJudge) -> tuple[RecordedDelta, ...]:
    paths = {each.column.path for each in found}
    return sifted(view.evidence.same_path(working, paths, window.since, window.until), judge)[0] if paths else ()


def _with_evidence(found: PeerDifference, candidate: Candidate, deltas: Iterable[RecordedDelta]) -> PeerDifference:
    accused = set(candidate.accused)
    return replace(found, evidence=tuple(each.id for each in deltas if each.host in accused and is_about(each.delta, candidate.column)))


def _dated(view: View, found: PeerDifference, candidate: Candidate, until: datetime) -> PeerDifference:
    """Since when: of the accused hosts the one that had it first."""
    hosts = candidate.accused[:_DATED_HOSTS]
    times = (since_when(candidate.column, view.evidence.deltas_of_file(host, candidate.column.path, until, _EARLIER)) for host in hosts)
    return replace(found, since=min(filter(None, times), default=None))


def _folded(found: Mapping[str, Columns]) -> tuple[PeerFold, ...]:
    return tuple(PeerFold(kinds, path, number) for path, each in sorted(found.items()) for kinds, number in sorted((each.own or {}).items()))
