"""Restarts that are no longer pending, because what ran the old code was restarted, ended, or went down with the machine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from changelog_ledger.model.ingestion import Seen
from changelog_ledger.model.processes import Process, ProcessTable
from changelog_ledger.observations.journal.holding import reference as reference_of
from changelog_ledger.observations.processes.outdated import outdated_subjects
from changelog_ledger.observations.processes.pending import SOURCE, Look, closing_reference, continued
from changelog_ledger.observations.processes.standing import Standing

REBOOT_SUBJECT = "kernel"

_SECOND = timedelta(seconds=1)
"""The kernel says to the second when it booted (proc_stat(5), ``btime``), so that a process started up to a second later than it seems."""


def endings(look: Look) -> Iterator[Seen]:
    """One for each pending restart of this boot that is over.

    What cannot be seen ends nothing: a process that may not be read may run the old code still, and where processes are hidden none is known to
    be gone.
    """
    if not look.table.boot_id or not look.table.is_whole:
        return
    going_on = {before.ref for subject in outdated_subjects(look.table) if (before := continued(look, subject)) is not None}
    for standing in look.standing:
        if standing.subject != REBOOT_SUBJECT and standing.boot_id == look.table.boot_id and standing.ref not in going_on:
            ended = _ended(look, standing)
            if ended is not None:
                yield ended


def _ended(look: Look, standing: Standing) -> Seen | None:
    alive = [process for process in look.table.processes if process.identity in standing.identities]
    if any(process.outdated or not process.readable for process in alive):
        return None
    running = [process for process in look.table.processes if _is_of(process, standing)]
    name = _name(standing)
    if alive or any(process.started_at + _SECOND <= standing.at for process in running):
        return _closing(look, standing, "service-reloaded", f"{name} no longer runs code that was replaced, without a restart", None)
    if running:
        began = max(standing.at, min(process.started_at for process in running))
        return _closing(look, standing, "service-restarted", f"{name} was restarted and runs current code", began, running)
    return _closing(look, standing, "service-stopped", f"{name} no longer runs; its restart was pending", None)


def _is_of(process: Process, standing: Standing) -> bool:
    """Whether it is a process of the same service or program; of one whose executable may not be read, its name decides."""
    return process.subject == standing.subject or (not process.readable and not process.unit and process.command in standing.commands)


def _name(standing: Standing) -> str:
    """As it was called when it was pending, so that both are seen to speak of the same."""
    return standing.label or standing.subject.partition(":")[2] or standing.subject


def _closing(look: Look, standing: Standing, what: str, summary: str, at: datetime | None, running: Sequence[Process] = ()) -> Seen:
    """:param at: when it was; None if it was some time since the restart was pending."""
    data: dict[str, object] = {"subject": standing.subject, "closes": standing.ref}
    data |= {"unit": standing.unit} if standing.unit else {}
    data |= {"pid": min(running, key=lambda each: each.started_at).pid} if running else {}
    return Seen(
        ref=closing_reference(standing.ref),
        what=what,
        at=at or look.now,
        not_before=None if at else standing.at,
        summary=summary,
        data=data,
        source=SOURCE,
    )


def reboot(host: str, table: ProcessTable, kernel: str, standing: Sequence[Standing]) -> Seen | None:
    """The reboot that ended all that was pending in another boot; None if there was none.

    It is known by what the journal's is known by, so the same reboot is recorded once, whoever tells of it first.
    """
    closed = sorted((each for each in standing if each.boot_id and each.boot_id != table.boot_id), key=lambda each: (each.at, each.ref))
    if not closed or not table.boot_id or table.booted_at is None:
        return None
    words = "a restart was" if len(closed) == 1 else f"{len(closed)} restarts were"
    if any(each.subject == REBOOT_SUBJECT for each in closed):
        words = "it was" if len(closed) == 1 else f"it and {len(closed) - 1} restart{'s' if len(closed) > 2 else ''} were"
    data: dict[str, object] = {"boot_id": table.boot_id, "previous_boot_id": closed[-1].boot_id, "closes": [each.ref for each in closed]}
    data |= {"kernel": kernel} if kernel else {}
    summary = f"rebooted{f', kernel {kernel}' if kernel else ''}; {words} pending"
    return Seen(reference_of(host, "reboot", table.boot_id), "reboot", table.booted_at, summary, data=data, source=SOURCE)
