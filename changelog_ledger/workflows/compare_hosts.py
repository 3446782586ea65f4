"""``compare``: what differs between the configuration of two hosts, without what is each one's own.

The data's way: two snapshots → the trees that differ (equal ones are passed over by their ids) → deltas → noise → what is to be expected.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from changelog_ledger.diff import TreeChange, differences, tree_changes
from changelog_ledger.diff.keys import key_text
from changelog_ledger.errors import InvalidInput, NotFound
from changelog_ledger.investigation import net_evidence
from changelog_ledger.investigation.folding import Folding
from changelog_ledger.investigation.noise import NoiseJudge
from changelog_ledger.investigation.own_identifiers import Identifier, identifiers, sources_cover
from changelog_ledger.model import globs
from changelog_ledger.model.comparison import Comparison, Folded
from changelog_ledger.model.document import FileVersion
from changelog_ledger.model.evidence import Delta, Evidence, Op, RecordedDelta
from changelog_ledger.model.identifiers import evidence_id
from changelog_ledger.model.report import Suppressed
from changelog_ledger.model.rules import FormatRule
from changelog_ledger.model.snapshot import Snapshot
from changelog_ledger.model.topology import Host, Target
from changelog_ledger.snapshots.repository import SnapshotRepository
from changelog_ledger.workflows.compare_files import deltas_between, format_for, version
from changelog_ledger.workflows.noise import noise_judge
from changelog_ledger.workflows.read_snapshots import as_stored, snapshot_at, stored_path
from changelog_ledger.workflows.topology import known_host
from changelog_ledger.workflows.workspace import Workspace


def compare_hosts(
    workspace: Workspace,
    left: str,
    right: str,
    *,
    at: tuple[datetime | None, datetime | None] = (None, None),
    path: str | None = None,
    raw: bool = False,
    noise: bool = False,
) -> Comparison:
    """What differs between two hosts.

    :param at: as they were then, the left one and the right one; None for the last snapshot.
    :param path: only paths that match this glob.
    :param raw: what is each host's own as well (names, addresses, host keys …), instead of counting it.
    :param noise: noise as well, each piece with the rule that says so.
    :raises NotFound: if there is no such host, or it had no snapshot then; if neither has a file that ``path`` covers.
    :raises InvalidInput: if both are the same host.
    """
    if left == right:
        raise InvalidInput(f"{left} is one host, and it takes two", f"for one host at two times: ledger diff {left} FROM TO")
    judge = noise_judge(workspace)
    with workspace.store.reading() as view:
        hosts = (known_host(view, left), known_host(view, right))
        sides = (snapshot_at(view, left, at[0]), snapshot_at(view, right, at[1]))
    repository = workspace.repository
    rules = workspace.settings.format_rules
    between = (as_stored(delta) for delta in deltas_between(repository, sides[0].commit, sides[1].commit, rules))
    found = [delta for delta in between if path is None or globs.matches(path, delta.path)]
    if path is not None and not found:
        _refuse_what_nobody_has(repository, sides, path)
    telling = [delta for delta in found if noise or not judge.rule_of(delta)]
    shown, folded = telling, Counter[tuple[tuple[str, ...], str]]()
    if telling and not raw:
        folding = Folding(*(_own(repository, host, side) for host, side in zip(hosts, sides, strict=True)))
        shown, folded = _unfolded(telling, folding, _Files(repository, sides, rules))
    pieces = tuple(replace(_piece(delta, number, sides), noise=judge.rule_of(delta)) for number, delta in enumerate(shown))
    counted = tuple(Folded(kinds, path, number) for (kinds, path), number in sorted(folded.items()))
    return Comparison(*sides, pieces, counted, () if noise else _noise(found, judge, sides[1]))


def _refuse_what_nobody_has(repository: SnapshotRepository, sides: tuple[Snapshot, Snapshot], path: str) -> None:
    """A typing error must not read as "no difference"."""
    if not any(globs.matches(path, name) for side in sides for name in repository.files(side.commit)):
        left, right = (side.host for side in sides)
        raise NotFound(f"neither {left} nor {right} has a file that {path} covers", f"to see what is there: ledger cat {left} /etc/")


def _own(repository: SnapshotRepository, host: Host, snapshot: Snapshot) -> tuple[Identifier, ...]:
    """What is the host's own, from the files of its snapshot."""
    blobs = {path: blob for path, blob in repository.files(snapshot.commit).items() if sources_cover(path)}
    contents = repository.read_blobs(blobs.values())
    texts = {path: contents[blob].decode("utf-8", "replace") for path, blob in blobs.items()}
    return identifiers(host.name, host.attributes, texts)


def _unfolded(deltas: Sequence[Delta], folding: Folding, files: _Files) -> tuple[list[Delta], Counter[tuple[tuple[str, ...], str]]]:
    """The differences to be shown, and how many of the others there are, by what they are about and their file."""
    folded: Counter[tuple[tuple[str, ...], str]] = Counter()
    twins = {position: twin for twin in folding.twins(deltas) for position in (twin.left, twin.right)}
    shown: list[Delta] = []
    for position, delta in enumerate(deltas):
        twin = twins.get(position)
        if twin:
            folded[twin.kinds, delta.path] += 1
            if twin.equal or position == twin.left:
                continue
        within = files.within(deltas[twin.left], delta) if twin else [delta]
        for each in within:
            kinds = folding.kinds_of(each)
            folded[kinds, each.path] += bool(kinds)
            shown += [] if kinds else [each]
    return shown, +folded


@dataclass(frozen=True)
class _Files:
    """The files of both snapshots."""

    repository: SnapshotRepository
    sides: tuple[Snapshot, Snapshot]
    rules: Sequence[FormatRule]

    def within(self, left: Delta, right: Delta) -> list[Delta]:
        """What differs within one thing that each host calls by its own name: a file, or a block of one."""
        files = [self._file(side, delta.path) for side, delta in zip(self.sides, (left, right), strict=True)]
        if left.key is None or right.key is None:
            return [replace(as_stored(delta), note=_also(delta.note, f"{left.path} there")) for delta in differences(right.path, *files)]
        document = files[1].document if files[1] else None
        style = document.key_style if document else "path"
        return [_below(right, change, style) for change in tree_changes(left.before, right.after)]

    def _file(self, side: Snapshot, path: str) -> FileVersion | None:
        manifest = self.repository.manifest_of(side.commit)
        name = stored_path(manifest, path)
        blob = self.repository.files(side.commit, name).get(name)
        content = self.repository.read_blobs([blob])[blob] if blob else None
        return version(name, content, manifest.entry(name), format_for(name, self.rules))


def _also(note: str, more: str) -> str:
    return "; ".join(filter(None, (note, more)))


def _below(block: Delta, change: TreeChange, style: str) -> Delta:
    """A change within a block as a difference of the file."""
    key = key_text(("x", *change.path), (None, *change.names), style) or "x"
    return Delta(block.path, f"{block.key}{key[1:]}", change.op, change.before, change.after, block.line)


def _piece(delta: Delta, number: int, sides: tuple[Snapshot, Snapshot]) -> Evidence:
    """A difference in the shape of evidence, on the host whose line it names."""
    left, right = sides
    host = left.host if delta.op is Op.REMOVED else right.host
    identity = evidence_id("compare", left.id, right.id, delta.path, delta.key or "", str(number))
    begin, end = sorted((left.at, right.at))
    (piece,) = net_evidence([RecordedDelta(identity, host, right.id, begin, end, replace(delta, mtime=None))])
    return replace(piece.evidence, target=Target.host(host), because=f"{left.host} and {right.host} are compared, not two times")


def _noise(deltas: Sequence[Delta], judge: NoiseJudge, right: Snapshot) -> tuple[Suppressed, ...]:
    counted = Counter((delta.path, rule) for delta in deltas if (rule := judge.rule_of(delta)))
    return tuple(Suppressed(rule, right.host, path, number, right.at) for (path, rule), number in sorted(counted.items()))
