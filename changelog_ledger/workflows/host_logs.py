"""The logs of one host, read on from where the last ingestion ended.

::

    logs = HostLogs(workspace, host, root=root, since=since, progress=progress)
    log = logs.opened("/var/log/dnf.log")                        # a LogFiles: lines(), hold(place)
    result = record_seen(workspace, host, logs.watched(seen), since=since, gaps=logs.gaps, notes=logs.notes)
    logs.keep_cursors()                                           # only now: what was read is durable
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from urllib.parse import quote

from changelog_ledger.errors import InvalidTime
from changelog_ledger.model.ingestion import Gap, Seen
from changelog_ledger.model.times import format_instant, parse_instant
from changelog_ledger.observations.local_times import LocalTimes
from changelog_ledger.sources.host_zone import HostZone, host_zone
from changelog_ledger.sources.log_files import LogCursor, LogFiles
from changelog_ledger.workflows.host_cache import HostCache
from changelog_ledger.workflows.mark_health import CLOCK_TOLERANCE
from changelog_ledger.workflows.record_seen import Progress
from changelog_ledger.workflows.workspace import Workspace

LOG_FOLDER = "logs"


@dataclass
class HostLogs:
    """What one ingestion of a host reads.

    :ivar root: the directory that stands for the host's ``/``.
    :ivar since: what happened before is not recorded; a cursor that was kept so does not hold for an earlier time.
    :ivar gaps: what could not be read; readers add to it.
    :ivar notes: what is worth a word.
    :ivar withheld: managers of whose transactions some are not told yet, for a log cannot be read, and when the latest of these began.
    """

    workspace: Workspace
    host: str
    root: str = "/"
    since: datetime | None = None
    progress: Progress = lambda _done: None
    gaps: list[Gap] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    withheld: dict[str, datetime] = field(default_factory=dict)
    _opened: list[LogFiles] = field(default_factory=list)
    _read_whole: list[LogFiles] = field(default_factory=list)
    _has_other_records: bool = False

    def opened(self, path: str) -> LogFiles:
        """A log that is read on from its cursor, which is kept when :meth:`keep_cursors` is called."""
        log = LogFiles(self.root, path, self._cursor(path), self.gaps, self.progress)
        self._opened.append(log)
        return log

    def opened_whole(self, path: str) -> LogFiles:
        """A log that is read from its beginning each time."""
        log = LogFiles(self.root, path, LogCursor(), self.gaps, self.progress)
        self._read_whole.append(log)
        return log

    def opened_quietly(self, path: str) -> LogFiles:
        """The same for a first look: what cannot be read is told by the second, and progress counts once."""
        return LogFiles(self.root, path, LogCursor(), [])

    def found_record(self) -> None:
        """A record that is no log was found: a database, a journal."""
        self._has_other_records = True

    def miss(self, records: str) -> None:
        """Where no record at all was found, that is a gap: an empty mount point looks like a host where nothing happened."""
        if not self._has_other_records and not self.gaps and not any(log.found for log in (*self._opened, *self._read_whole)):
            self.gaps.append(Gap(self.root, f"holds no {records}"))

    @cached_property
    def cache(self) -> HostCache:
        """What is kept for the next ingestion."""
        return HostCache(self.workspace, self.host, self.root)

    @cached_property
    def zone(self) -> HostZone:
        """The zone of the host's local times; what is worth a word of it becomes a note."""
        found = host_zone(self.root)
        if found.note:
            self.notes.append(found.note)
        return found

    def local_times(self, log: LogFiles | None = None) -> LocalTimes:
        """The local times of a log, in its order, after what :meth:`LogFiles.keep_clock` was told (``format_instant(times.latest)``)."""
        after = None
        if log is not None and log.clock:
            with suppress(InvalidTime):  # a cursor that somebody altered
                after = parse_instant(log.clock)
        return LocalTimes(self.zone.zone, after)

    def watched(self, seen: Iterable[Seen]) -> Iterator[Seen]:
        """The same. Where something is dated in the future, which is not recorded, its log is read again next time."""
        latest = self.workspace.now() + CLOCK_TOLERANCE
        for each in seen:
            if each.at > latest:
                for log in self._opened:
                    if log.gave(each.source):
                        log.hold_all()
            yield each

    def keep_cursors(self) -> None:
        """Keep where every log was read to. What was read has to be durable by now."""
        since = {"since": format_instant(self.since) if self.since else None}
        self.cache.keep(LOG_FOLDER, {_name(log.path): log.cursor().document() | since for log in self._opened})

    def _cursor(self, path: str) -> LogCursor:
        try:
            kept = self.cache.read(LOG_FOLDER, _name(path))
        except (OSError, ValueError):  # none yet, or it was damaged
            return LogCursor()
        return LogCursor.of(kept.document) if kept.is_current and self._covers(kept.document.get("since", "")) else LogCursor()

    def _covers(self, since: object) -> bool:
        """Whether nothing is wanted that was left out when the cursor was kept."""
        if since is None:
            return True
        try:
            return self.since is not None and parse_instant(str(since)) <= self.since
        except (InvalidTime, ValueError):
            return False


def _name(path: str) -> str:
    return quote(path.strip("/"), safe="")
