"""``host-hooks run``: what is done when a package manager or the clock calls. One thing's failure keeps nothing else from being done."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from changelog_ledger.errors import EXIT_BUG, EXIT_EXPECTED_ERROR, EXIT_FINE, EXIT_PARTIAL, Busy, LedgerError, NotFound
from changelog_ledger.model.change import Status
from changelog_ledger.model.host_hooks import HookStep, Occasion
from changelog_ledger.model.ingestion import Ingested
from changelog_ledger.sources.apt_history import wait_until_closed
from changelog_ledger.workflows.away import away_words
from changelog_ledger.workflows.host_hook_notes import journal_since
from changelog_ledger.workflows.ingest_journal import ingest_journal
from changelog_ledger.workflows.ingest_packages import ingest_packages
from changelog_ledger.workflows.ingest_processes import ingest_processes
from changelog_ledger.workflows.record_change import find_change
from changelog_ledger.workflows.take_snapshot import take_snapshot
from changelog_ledger.workflows.within import current_change
from changelog_ledger.workflows.workspace import Workspace

Step = Callable[[Workspace, str], tuple[str, int]]

_CLOSING = 60.0
"""Seconds that apt has to close its log. What is still open then is left for the next call."""

_REASONS = {Occasion.BEFORE: "before a package run", Occasion.AFTER: "after a package run", Occasion.TIMER: "by the clock"}


def run_host_hooks(workspace: Workspace, occasion: Occasion, root: str = "/") -> Iterator[HookStep]:
    """Do what is to be done on an occasion; each step is told when it is over.

    Around a package run nobody waits for the ledger longer than ``settings.patience`` at a time.

    :param root: the directory that stands for this machine's ``/``.
    """
    waited_for = occasion in (Occasion.BEFORE, Occasion.AFTER)
    used = workspace.with_patience(workspace.settings.patience) if waited_for else workspace
    bugs: list[Exception] = []
    for name, step in _STEPS[occasion].items():
        try:
            outcome, code = step(used, root)
        except (LedgerError, OSError) as error:
            outcome, code = away_words(error), EXIT_EXPECTED_ERROR
        except Exception as error:  # noqa: BLE001 - a boundary: it is raised when everything else is done
            bugs.append(error)
            outcome, code = f"a bug: {type(error).__name__}", EXIT_BUG
        yield HookStep(name, outcome, code)
    if bugs:
        raise bugs[0]


def _snapshot(occasion: Occasion) -> Step:
    def taken(workspace: Workspace, root: str) -> tuple[str, int]:
        snapshot = take_snapshot(workspace, root=root, reason=_REASONS[occasion], change=_change_here(workspace))
        found = "first snapshot" if snapshot.previous is None else "nothing new" if snapshot.unchanged else "changed since the last one"
        return f"{snapshot.files} files, {found}", EXIT_PARTIAL if snapshot.partial else EXIT_FINE

    return taken


def _change_here(workspace: Workspace) -> str:
    """The change that ``ledger run`` makes around this package run, if it looks at this host: its own snapshot is the last one then.

    Only that change's own snapshot at its end would find what we find now; without it, what we find is nobody's yet.
    """
    change = current_change()
    last = workspace.snapshot_books.last_snapshot(workspace.settings.host) if change else None
    if last is None or not last.change:
        return ""
    try:
        found = find_change(workspace, change)
    except NotFound:  # of another ledger
        return ""
    return found.id if found.status is Status.STARTED and found.id == last.change else ""


def _packages(workspace: Workspace, root: str) -> tuple[str, int]:
    return _told(lambda: ingest_packages(workspace, root=root))


def _closed_packages(workspace: Workspace, root: str) -> tuple[str, int]:
    wait_until_closed(root, _CLOSING)
    return _packages(workspace, root)


def _processes(workspace: Workspace, root: str) -> tuple[str, int]:
    return _told(lambda: ingest_processes(workspace, root=root))


def _journal(workspace: Workspace, root: str) -> tuple[str, int]:
    since = journal_since(workspace.home, workspace.now())
    return _told(lambda: ingest_journal(workspace, root=root, since=since))


def _told(ingest: Callable[[], Ingested]) -> tuple[str, int]:
    """What an ingestion found. Nothing is said of how far back it shall read: cursors know what is read, and what could not be read is still to be.

    Somebody else who is at it does what we would have done. That is no failure; but nobody has seen that it was done, so it is not whole either.
    """
    try:
        result = ingest()
    except Busy as error:
        return f"left to somebody else: {error.message}", EXIT_PARTIAL
    gaps = "".join(f"; {gap.source}: {gap.why}" for gap in result.gaps)
    return f"{result.recorded} new, {result.known} known{gaps}", EXIT_PARTIAL if result.gaps else EXIT_FINE


_STEPS: dict[Occasion, dict[str, Step]] = {
    Occasion.BEFORE: {"snapshot": _snapshot(Occasion.BEFORE)},
    Occasion.AFTER: {"snapshot": _snapshot(Occasion.AFTER)},
    Occasion.PACKAGES: {"packages": _closed_packages, "processes": _processes},
    Occasion.TIMER: {"snapshot": _snapshot(Occasion.TIMER), "packages": _packages, "processes": _processes, "journal": _journal},
}
