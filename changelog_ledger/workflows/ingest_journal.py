"""``ingest journal``: restarts, failures, reboots, crashes, clock jumps, and who was there.

The data's way: the journal, or the logs of a host that has none → wtmp → auditd → the running system. Each record adds what those before it did
not tell.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from datetime import UTC, datetime, timedelta

from changelog_ledger.errors import InvalidInput
from changelog_ledger.model.ingestion import MOST_SHOWN, Gap, Ingested, Seen
from changelog_ledger.model.times import LATEST, format_instant, parse_instant
from changelog_ledger.observations.journal.entries import FIELDS, Entry, entry_of_line, matches
from changelog_ledger.observations.journal.holding import reference
from changelog_ledger.observations.journal.reading import JournalReading
from changelog_ledger.observations.journal.syslog_lines import SyslogLines
from changelog_ledger.observations.journal.unit_states import PROPERTIES, compared, failed_since, states_of, timers_of
from changelog_ledger.sources.journal import Journal, JournalQuery, file_lines
from changelog_ledger.sources.log_files import LogFiles
from changelog_ledger.sources.running_system import Boot, boot_now, service_states, written_at
from changelog_ledger.workflows.host_logs import HostLogs
from changelog_ledger.workflows.host_records import host_below
from changelog_ledger.workflows.journal_memory import JournalMemory, load_memory, save_memory
from changelog_ledger.workflows.login_records import audited, login_database, login_tables
from changelog_ledger.workflows.mark_health import CLOCK_TOLERANCE
from changelog_ledger.workflows.record_seen import Progress, ingested_host, masked_gaps, record_seen
from changelog_ledger.workflows.restart_parts import without_parts
from changelog_ledger.workflows.told_already import not_told, told_by
from changelog_ledger.workflows.workspace import Workspace

States = dict[str, dict[str, str]]
_TEXT_LOGS = ("/var/log/auth.log", "/var/log/secure", "/var/log/syslog", "/var/log/messages")


def ingest_journal(
    workspace: Workspace,
    host: str | None = None,
    *,
    root: str = "/",
    since: datetime | None = None,
    file: str | None = None,
    progress: Progress = lambda _done: None,
) -> Ingested:
    """Record restarts, failures, reboots, crashes, clock jumps and logins of a host.

    :param file: entries as ``journalctl -o json`` writes them (``-``: standard input), instead of the host's own records.
    :raises NotFound: if there is no such host or directory.
    :raises InvalidInput: if ``file`` cannot be read.
    :raises Busy: if another ingestion of the host's journal goes on for too long.
    """
    if file is not None:
        return _from_file(workspace, ingested_host(workspace, host), file, since, progress)
    name = host_below(workspace, host, root)
    with workspace.locks.ingestion("journal", name):
        return _ingested(HostLogs(workspace, name, root, since, progress))


def _ingested(logs: HostLogs) -> Ingested:
    workspace, name, since = logs.workspace, logs.host, logs.since
    memory = load_memory(logs.cache)
    states = _states(logs)
    journal = Journal(logs.root, logs.gaps, logs.progress)
    own = _of_journal(logs, journal, memory, timers_of(states)) if journal.is_there else _of_texts(workspace, name, logs, memory)
    parts = [record_seen(workspace, name, without_parts(workspace, name, logs.watched(own)), since=since)]
    others = _other_records(workspace, name, logs, memory, states)
    parts.extend(record_seen(workspace, name, not_told(workspace, name, seen), since=since) for seen in others)
    logs.keep_cursors()
    save_memory(logs.cache, memory)
    logs.miss("journal, authentication log, wtmp or audit log")
    return _together(parts, logs)


# --- the journal, a file of it, the logs in its place


def _from_file(workspace: Workspace, host: str, file: str, since: datetime | None, progress: Progress) -> Ingested:
    gaps: list[Gap] = []
    reading = JournalReading(host, {})
    source = "standard input" if file == "-" else file

    def seen() -> Iterator[Seen]:
        is_empty = True
        for entry in _entries(_opened(file, gaps, progress), source, gaps):
            is_empty = False
            yield from reading.read(entry)
        yield from reading.settled(LATEST)
        if is_empty and not gaps:  # an ssh that failed, more likely than a journal without an entry
            gaps.append(Gap(source, "it is empty"))

    return record_seen(workspace, host, without_parts(workspace, host, told_by("journal", seen())), since=since, gaps=gaps)


def _opened(file: str, gaps: list[Gap], progress: Progress) -> Iterator[bytes]:
    try:
        yield from file_lines(file, gaps, progress)
    except OSError as error:
        raise InvalidInput(f"{file} cannot be read: {error.strerror or error}", "write one with: journalctl -o json > FILE") from error


def _entries(lines: Iterable[bytes], source: str, gaps: list[Gap]) -> Iterator[Entry]:
    unread = 0
    for line in lines:
        entry = entry_of_line(line, source)
        if entry is not None:
            yield entry
        elif line.strip():
            unread += 1
    if unread:
        gaps.append(Gap(source, f"{unread} line{'s are' if unread > 1 else ' is'} no journal entry"))


def _of_journal(logs: HostLogs, journal: Journal, memory: JournalMemory, timers: Sequence[str]) -> Iterator[Seen]:
    """What is new in the journal. From the first entry dated in the future on, it is read again next time."""
    logs.found_record()
    if not memory.covers(logs.since):
        memory.started_anew(logs.since)
    now, before_future = logs.workspace.now(), None
    reading = JournalReading(logs.host, memory.reading, timers=timers)
    query = JournalQuery(FIELDS, matches(), memory.cursor, logs.since)
    for entry in _entries(journal.lines(query), "journal", journal.gaps):
        if before_future is None and entry.at > now + CLOCK_TOLERANCE:
            before_future = deepcopy(memory.reading)
        yield from told_by("journal", reading.read(entry))
        if before_future is None:
            memory.cursor = entry.cursor or memory.cursor
    if journal.is_whole:
        yield from told_by("journal", reading.settled(now))
    if before_future is not None:
        memory.reading = before_future


def _of_texts(workspace: Workspace, host: str, logs: HostLogs, memory: JournalMemory) -> Iterator[Seen]:
    found = False
    for path in _TEXT_LOGS:
        log = logs.opened(path)
        yield from told_by("syslog", _of_text(workspace, host, logs, log, memory))
        found = found or log.found
    logs.notes.append(
        "no journal here; the authentication log and the syslog were read" if found else "no journal, authentication log or syslog here"
    )


def _of_text(workspace: Workspace, host: str, logs: HostLogs, log: LogFiles, memory: JournalMemory) -> Iterator[Seen]:
    kept, latest = memory.texts.get(log.path, {}), workspace.now() + CLOCK_TOLERANCE
    state = deepcopy(kept.get("reading", {})) if log.clock and kept.get("clock") == log.clock else {}
    reading = JournalReading(host, state)
    lines = SyslogLines(logs.zone.zone, logs.local_times(log).latest)
    source, written, is_ahead = "", workspace.now(), False
    for line in log.lines():
        if line.source != source:
            source, written = line.source, written_at(logs.root, line.source) or workspace.now()
        entry = lines.entry(line.text, source, written)
        if entry is not None:
            is_ahead = is_ahead or entry.at > latest
            yield from reading.read(entry)
    yield from reading.settled(workspace.now())
    logs.gaps += lines.strange.gaps()
    if is_ahead:  # what was remembered of it stays as it was, too
        log.hold_all()
    elif lines.latest is not None:
        clock = format_instant(lines.latest)
        log.keep_clock(clock)
        memory.texts[log.path] = {"clock": clock, "reading": state}


# --- what else tells of a host


def _other_records(
    workspace: Workspace, host: str, logs: HostLogs, memory: JournalMemory, states: dict[str, dict[str, str]]
) -> Iterator[Iterable[Seen]]:
    """One after the other: what one of them told is recorded before the next one is asked."""
    yield told_by("wtmp", login_tables(host, logs))
    yield told_by("wtmpdb", login_database(host, logs))
    yield logs.watched(told_by("audit", audited(host, logs)))
    yield list(told_by("system", _running(logs, memory, states)))


def _running(logs: HostLogs, memory: JournalMemory, states: States) -> Iterator[Seen]:
    """What became of the running system since one looked last; the first look tells nothing."""
    host, boot, now = logs.host, boot_now(logs.root), logs.workspace.now()
    if boot is not None or states:
        logs.found_record()
    looked_at = parse_instant(memory.looked_at) if memory.looked_at else None
    if looked_at is not None and looked_at <= now:
        rebooted = boot is not None and bool(memory.boot) and boot.id != memory.boot
        if boot is not None and rebooted:
            yield _reboot(host, boot, memory.boot, looked_at)
        compare = failed_since if rebooted else compared
        yield from compare(host, memory.states, states, looked_at, now)
    memory.boot = boot.id if boot is not None else memory.boot
    memory.states = states or memory.states
    memory.looked_at = format_instant(now)


def _reboot(host: str, boot: Boot, before: str, looked_at: datetime) -> Seen:
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=boot.time)
    data = {"boot_id": boot.id, "previous_boot_id": before}
    source = "/proc/sys/kernel/random/boot_id"
    return Seen(reference(host, "reboot", boot.id), "reboot", at, "rebooted", not_before=min(looked_at, at), data=data, source=source)


def _states(logs: HostLogs) -> States:
    """The services' states now; those of an image are none."""
    if _is_image(logs.root):
        return {}
    text, why_not = service_states(PROPERTIES)
    if why_not:
        logs.notes.append(why_not)
    return states_of(text)


def _together(parts: Sequence[Ingested], logs: HostLogs) -> Ingested:
    counts: Counter[str] = Counter()
    for part in parts:
        counts.update(part.counts)
    newest = sorted((each for part in parts for each in part.newest), key=lambda each: each.at)[-MOST_SHOWN:]
    gaps = dict.fromkeys((*masked_gaps(logs.workspace, logs.gaps), *(gap for part in parts for gap in part.gaps)))
    recorded, known = sum(part.recorded for part in parts), sum(part.known for part in parts)
    return Ingested(recorded, known, dict(counts), tuple(newest), tuple(gaps), tuple(dict.fromkeys(logs.notes)))


def _is_image(root: str) -> bool:
    return bool(root.rstrip("/"))
