"""``snapshots``, ``cat`` and ``diff``: what a host's configuration was at a time, and between two."""

from __future__ import annotations

import hmac
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from changelog_ledger.diff import differences, unified_diff
from changelog_ledger.errors import InvalidInput, NotFound
from changelog_ledger.investigation import attribute, net_evidence
from changelog_ledger.investigation.noise import sifted
from changelog_ledger.model import globs
from changelog_ledger.model.evidence import Confidence, Delta, Evidence, RecordedDelta
from changelog_ledger.model.identifiers import evidence_id
from changelog_ledger.model.report import Sifted, Suppressed
from changelog_ledger.model.snapshot import Snapshot
from changelog_ledger.model.state import is_state
from changelog_ledger.model.times import EARLIEST, format_instant, shown_instant
from changelog_ledger.model.topology import Target
from changelog_ledger.redaction import redact
from changelog_ledger.snapshots.committed import CommittedManifest
from changelog_ledger.snapshots.sealing import unseal
from changelog_ledger.store.plain import plain_text
from changelog_ledger.store.queries import View
from changelog_ledger.workflows.compare_files import deltas_between, version
from changelog_ledger.workflows.keyed_digest import SHOWN_DIGITS
from changelog_ledger.workflows.noise import noise_judge
from changelog_ledger.workflows.secret_rules import BUILT_IN
from changelog_ledger.workflows.topology import acting_on, known_host, scope_of
from changelog_ledger.workflows.what_changed import changes_touching, runs_on
from changelog_ledger.workflows.workspace import Workspace

_SURENESS = (Confidence.NONE, Confidence.TIME, Confidence.SCOPE, Confidence.EXPLICIT)


def list_snapshots(workspace: Workspace, host: str) -> tuple[Snapshot, ...]:
    """The host's snapshots, oldest first.

    :raises NotFound: if there is no such host.
    """
    with workspace.store.reading() as view:
        known_host(view, host)
        return view.evidence.snapshots(host)


def snapshot_at(view: View, host: str, at: datetime | None) -> Snapshot:
    """The newest snapshot that is not after ``at``; the newest of all if None.

    :raises NotFound: if the host had none by then.
    """
    known_host(view, host)
    found = view.evidence.last_snapshot(host, at)
    if found is None:
        first = view.evidence.first_snapshot(host)
        if first is None:
            raise NotFound(f"{host} has no snapshots", f"take one with: ledger snapshot {host}")
        when = shown_instant(at or first.at)
        exactly = f"is of {format_instant(first.at)}: give that time, or its id {first.id}"  # cut to the second it would lie before the snapshot
        if view.evidence.expired_between([host], EARLIEST, at or first.at):
            raise NotFound(f"the snapshots of {host} up to {when} have expired", f"the oldest that is kept {exactly}")
        raise NotFound(f"{host} had no snapshot yet at {when}", f"its first one {exactly}")
    return found


def read_file(workspace: Workspace, host: str, path: str, *, at: datetime | None = None, reveal: bool = False) -> bytes:
    """A file as it was: redacted as it is stored, or with its secrets.

    :param at: now if None.
    :param reveal: open the sealed original, which needs the home's key.
    :raises NotFound: if there is no such host or file, or the snapshot has no content for it.
    """
    with workspace.store.reading() as view:
        snapshot = snapshot_at(view, host, at)
    if not path.startswith("/") and not is_state(path):
        raise InvalidInput(f"{path} is no path on a host", f"it begins with a slash: /{path}")
    repository = workspace.repository
    manifest = repository.manifest_of(snapshot.commit)
    path = stored_path(manifest, path)
    if reveal and (sealed := repository.sealed(snapshot.commit, path)) is not None:
        return unseal(sealed, workspace.identities)
    if manifest.entry(path) is None:
        raise NotFound(f"{path} is not in the snapshot of {host} of {shown_instant(snapshot.at)}", f"the paths there: ledger cat {host} /")
    return repository.read(snapshot.commit, path)


def stored_path(manifest: CommittedManifest, path: str) -> str:
    """A path as reports show it, ``caf\\xe9``, as the path it is: with the byte that is no UTF-8. One that is there as it is written stays."""
    return path if manifest.entry(path) else re.sub(r"\\x([89a-f][0-9a-f])", lambda match: chr(0xDC00 + int(match[1], 16)), path)


def list_files(workspace: Workspace, host: str, folder: str = "/", *, at: datetime | None = None) -> tuple[str, ...]:
    """The paths of a snapshot at or below ``folder`` that have content."""
    with workspace.store.reading() as view:
        snapshot = snapshot_at(view, host, at)
    return tuple(sorted(workspace.repository.files(snapshot.commit, folder.rstrip("/") or "/")))


def diff_host(
    workspace: Workspace,
    host: str,
    since: datetime | None = None,
    until: datetime | None = None,
    *,
    path: str | None = None,
    noise: bool = False,
) -> Sifted[Evidence]:
    """What differs between the host's snapshots at two times, and which change explains it.

    :param since: None for the snapshot before the last one.
    :param until: now if None.
    :param path: only paths that match this glob.
    :param noise: noise as well, each piece with the rule that says so.
    :raises NotFound: if the host had no snapshot at one of the times.
    """
    now = workspace.now()
    judge = noise_judge(workspace)
    with workspace.store.reading() as view:
        old, new = _ends(view, host, since, until)
        recorded = [delta for delta in view.evidence.deltas([host], old.at, new.at) if delta.not_after <= new.at]
        places = acting_on(view, scope_of(view, Target.host(host)))
        changes = changes_touching(view, places, old.at, now, recorded, ())
        hosts_of = runs_on(view, places, changes)
    between = (as_stored(delta) for delta in deltas_between(workspace.repository, old.commit, new.commit, workspace.settings.format_rules))
    found = [delta for delta in between if path is None or globs.matches(path, delta.path)]
    known = attribute(net_evidence(sifted(recorded, judge)[0]), changes, hosts_of, now)
    with_noise = attribute(net_evidence(recorded), changes, hosts_of, now)
    pieces = []
    for number, delta in enumerate(found):
        rule = judge.rule_of(delta)
        pieces.append(replace(_between(delta, number, old, new, with_noise if rule else known), noise=rule))
    return Sifted(pieces) if noise else Sifted((piece for piece in pieces if not piece.noise), _suppressed(host, pieces))


def _suppressed(host: str, pieces: Iterable[Evidence]) -> tuple[Suppressed, ...]:
    """The noise among some evidence of one host, in numbers."""
    noisy: dict[tuple[str, str], list[datetime]] = {}
    for piece in pieces:
        if piece.noise:
            noisy.setdefault((piece.path or "", piece.noise), []).append(piece.seen_at)
    return tuple(Suppressed(rule, host, path, len(times), max(times)) for (path, rule), times in sorted(noisy.items()))


def as_stored(delta: Delta) -> Delta:
    """As the database has it: names that are no UTF-8 as people see them, so that the same evidence reads the same everywhere."""
    return replace(delta, path=plain_text(delta.path), key=delta.key if delta.key is None else plain_text(delta.key), note=plain_text(delta.note))


def _between(delta: Delta, number: int, old: Snapshot, new: Snapshot, known: Sequence[Evidence]) -> Evidence:
    """A difference between two snapshots far apart, with the time and attribution of the recorded evidence that brought it about.

    Where several pieces did, it is explained only if each of them is: the least sure one speaks for all.
    """
    identity = evidence_id("diff", old.id, new.id, delta.path, delta.key or "", str(number))
    (piece,) = net_evidence([RecordedDelta(identity, new.host, new.id, old.at, new.at, delta)])
    same_key = [entry for entry in known if (entry.path, entry.key) == (delta.path, delta.key)]
    origins = same_key or [entry for entry in known if entry.path == delta.path]
    if not origins:
        return replace(piece.evidence, because="no recorded difference of this file lies in between")
    least = min(origins, key=lambda entry: (_SURENESS.index(entry.confidence), -entry.seen_at.timestamp()))
    return replace(
        piece.evidence,
        id=same_key[-1].id if same_key else identity,
        not_before=min(entry.not_before for entry in origins),
        not_after=max(entry.not_after for entry in origins),
        seen_at=least.seen_at,
        explained_by=least.explained_by,
        confidence=least.confidence,
        because=least.because,
        parts=tuple(part for entry in same_key for part in entry.parts) or piece.evidence.parts,
    )


def diff_host_text(workspace: Workspace, host: str, since: datetime | None = None, until: datetime | None = None, *, path: str | None = None) -> str:
    """The same as a unified diff of the stored, redacted text."""
    with workspace.store.reading() as view:
        old, new = _ends(view, host, since, until)
    repository = workspace.repository
    changed = [change for change in repository.changed(old.commit, new.commit).paths if path is None or globs.matches(path, change.path)]
    contents = repository.read_blobs(blob for change in changed for blob in (change.before, change.after) if blob)
    return "".join(
        unified_diff(change.path, contents[change.before] if change.before else None, contents[change.after] if change.after else None)
        for change in changed
    )


def diff_files(path: str, before: bytes | None, after: bytes | None, *, as_format: str | None = None) -> tuple[Delta, ...]:
    """The semantic differences of two versions of a file. Needs no ledger.

    :param path: what to call it; its name tells the format.
    :param before: None if it did not exist; ``after`` likewise.
    :param as_format: read it as this format whatever its name says.
    :raises InvalidInput: if there is no such format.
    """
    old, new = _masked(path, before, after)
    return differences(path, *(None if side is None else version(path, side, None, as_format) for side in (old, new)))


def diff_files_text(path: str, before: bytes | None, after: bytes | None) -> str:
    """The same two versions as a unified diff."""
    return unified_diff(path, *_masked(path, before, after))


def _masked(path: str, *sides: bytes | None) -> tuple[bytes | None, bytes | None]:
    """Both sides without secrets. The fingerprints are of this comparison only: they show that a secret differs, and nothing else."""
    key = os.urandom(32)

    def fingerprint(secret: bytes) -> str:
        return hmac.digest(key, secret, "sha256").hex()[:SHOWN_DIGITS]

    old, new = (None if side is None else redact(path, side, fingerprint, BUILT_IN).content for side in sides)
    return old, new


def _ends(view: View, host: str, since: datetime | None, until: datetime | None) -> tuple[Snapshot, Snapshot]:
    new = snapshot_at(view, host, until)
    if since is not None:
        old = snapshot_at(view, host, since)
    else:
        earlier = [snapshot for snapshot in view.evidence.snapshots(host) if snapshot.at < new.at]
        if not earlier:
            raise NotFound(f"{host} has only one snapshot by then", f"take another with: ledger snapshot {host}")
        old = earlier[-1]
    if old.at > new.at:
        raise InvalidInput(f"the snapshot of {shown_instant(old.at)} is not before that of {shown_instant(new.at)}", "exchange FROM and TO")
    return old, new
