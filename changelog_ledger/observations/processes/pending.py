"""Restarts that are pending: services and programs that still run code that was replaced."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from changelog_ledger.model.evidence import Observation
from changelog_ledger.model.ingestion import Seen
from changelog_ledger.model.processes import ProcessTable
from changelog_ledger.observations.processes.outdated import (
    MOST_PROCESSES,
    OutdatedSubject,
    files_words,
    named_packages,
    oldest_start,
    outdated_subjects,
    process_value,
)
from changelog_ledger.observations.processes.replaced import replaced_at
from changelog_ledger.observations.processes.standing import Standing

SOURCE = "/proc"


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a host, and what was known of it before.

    :ivar packages: which package owns a path.
    :ivar transactions: the host's package transactions since the oldest process of interest began.
    :ivar standing: what is recorded as pending; of this host.
    """

    host: str
    now: datetime
    table: ProcessTable
    packages: Mapping[str, str]
    transactions: Sequence[Observation] = ()
    standing: Sequence[Standing] = ()


def pending_restarts(look: Look) -> Iterator[Seen]:
    """One for each service or program.

    What was recorded and has not changed has the reference that it had; where files have come to it, it is a new one that says which it supersedes.
    """
    for subject in outdated_subjects(look.table) if look.table.boot_id else ():
        before = continued(look, subject)
        if before is None or not before.files.issuperset(subject.paths):
            yield _pending(look, subject, before)
        else:
            yield _pending(look, subject, before, ref=before.ref)


def continued(look: Look, subject: OutdatedSubject) -> Standing | None:
    """What is recorded of these very processes; None if nothing is, or only of others that were restarted since."""
    identities = {process.identity for process in subject.processes}
    for standing in sorted(look.standing, key=lambda each: each.at, reverse=True):
        if standing.subject != subject.name or standing.boot_id != look.table.boot_id:
            continue
        if identities & standing.identities or subject.first.started_at <= standing.at:
            return standing
    return None


def _pending(look: Look, subject: OutdatedSubject, before: Standing | None, ref: str = "") -> Seen:
    files, packages = subject.files, _packages(look, subject)
    added = [file for file in files if before is None or file.path not in before.files] or list(files)
    moment = replaced_at(added, named_packages(added, packages), look.transactions, oldest_start(subject, added), look.now)
    also = before is not None and len(added) < len(files)
    became = "deleted" if all(file.is_gone for file in added) else "replaced"
    reference = ref or _reference(look, subject)
    data: dict[str, object] = {
        "ref": reference,
        "subject": subject.name,
        "label": subject.label,
        "boot_id": look.table.boot_id,
        "processes": [process_value(process) for process in subject.processes[:MOST_PROCESSES]],
        "files": list(subject.paths),
        "packages": list(named_packages(files, packages)),
        "reason": subject.reason,
    }
    first = subject.first
    data |= {name: value for name, value in (("unit", first.unit), ("container", first.container)) if value}
    data |= {"processes_total": len(subject.processes)} if len(subject.processes) > MOST_PROCESSES else {}
    data |= {"files_total": len(files)} if len(files) > len(subject.paths) else {}
    data |= {"supersedes": before.ref} if before is not None and not ref else {}
    return Seen(
        ref=reference,
        what="restart-pending",
        at=moment.at,
        not_before=moment.not_before,
        summary=f"{subject.label}{subject.others} still runs code that was {became}: {'now also ' if also else ''}{files_words(added, packages)}",
        data=data,
        source=SOURCE,
    )


def _packages(look: Look, subject: OutdatedSubject) -> Mapping[str, str]:
    """A container has packages of its own; the host's own no file in it."""
    return {} if subject.first.container else look.packages


def _reference(look: Look, subject: OutdatedSubject) -> str:
    """The inodes tell one replacement from the next: a program that executes itself anew (systemd does) keeps its number and its start."""
    first, old = subject.first, sorted((file.path, file.inode) for file in subject.files)
    parts = (part for file in old for part in file)
    return reference("restart-pending", look.host, subject.name, look.table.boot_id, first.pid, first.started_ticks, *parts)


def reference(what: str, host: str, *parts: str | int) -> str:
    """What an observation is known by."""
    return f"{what}:{host}:{hashlib.sha256(json.dumps(parts).encode('ascii')).hexdigest()[:24]}"


def closing_reference(ref: str) -> str:
    """What the end of something pending is known by: it ends once."""
    return f"closed:{ref}"
