"""The logs of one host, read on from where the last ingestion ended.

::

    logs = HostLogs(workspace, host, root=root, since=since, progress=progress)
    log = logs.opened("/var/log/dnf.log")                        # a LogFiles: lines(), hold(place)
    result = record_seen(workspace, host, logs.watched(seen), since=since, gaps=logs.gaps, notes=logs.notes)
    logs.keep_cursors()                                           # only now: what was read is durable
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

from changelog_ledger.errors import InvalidTime
from changelog_ledger.model.ingestion import Gap, Seen
from changelog_ledger.model.times import format_instant, parse_instant
from changelog_ledger.observations.local_times import LocalTimes
from changelog_ledger.snapshots.private_files import write_private
from changelog_ledger.sources.host_zone import HostZone, host_zone
from changelog_ledger.sources.log_files import LogCursor, LogFiles
from changelog_ledger.workflows.mark_health import CLOCK_TOLERANCE
from changelog_ledger.workflows.record_seen import Progress
from changelog_ledger.workflows.workspace import CACHE_FOLDER, Workspace

LOG_FOLDER = "logs"


@dataclass
class HostLogs:
    """What one ingestion of a host reads.

    :ivar root: the directory that stands for the host's ``/``.
    :ivar since: what happened before is not recorded; a cursor that was kept so does not hold for an earlier time.
    :ivar gaps: what could not be read; readers add to it.
    :ivar notes: what is worth a word.
    """

    workspace: Workspace
    host: str
    root: str = "/"
    since: datetime | None = None
    progress: Progress = lambda _done: None
    gaps: list[Gap] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    _opened: list[LogFiles] = field(default_factory=list)

    def opened(self, path: str) -> LogFiles:
        """A log that is read on from its cursor, which is kept when :meth:`keep_cursors` is called."""
        log = LogFiles(self.root, path, self._cursor(path), self.gaps, self.progress)
        self._opened.append(log)
        return log

    def opened_whole(self, path: str) -> LogFiles:
        """A log that is read from its beginning each time."""
        return LogFiles(self.root, path, LogCursor(), self.gaps, self.progress)

    def opened_quietly(self, path: str) -> LogFiles:
        """The same for a first look: what cannot be read is told by the second, and progress counts once."""
        return LogFiles(self.root, path, LogCursor(), [])

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
        stream = self.workspace.settings.stream
        with self.workspace.store.reading() as view:
            seq, chained = view.facts.heads().get(stream, (0, b""))
        kept = {"since": format_instant(self.since) if self.since else None, "recorded": [seq, chained.hex()]}
        for log in self._opened:
            document = log.cursor().document() | kept
            with suppress(OSError):  # it is only a cache: without it the log is read from its beginning
                write_private(self._place(log.path), json.dumps(document).encode())

    def _cursor(self, path: str) -> LogCursor:
        try:
            document = json.loads(self._place(path).read_bytes())
        except (OSError, ValueError):  # none yet, or it was damaged
            return LogCursor()
        return LogCursor.of(document) if self._holds(document) else LogCursor()

    def _holds(self, document: object) -> bool:
        """Whether nothing is wanted that was left out when the cursor was kept, and the database still has what was recorded by then."""
        kept = document.get("since", "") if isinstance(document, dict) else ""
        if not isinstance(document, dict) or not self._is_recorded(document.get("recorded")):
            return False
        if kept is None:
            return True
        try:
            return self.since is not None and parse_instant(kept) <= self.since
        except (InvalidTime, TypeError, ValueError):
            return False

    def _is_recorded(self, head: object) -> bool:
        """Whether the chain of facts has that link: a database that was restored from a backup has not."""
        match head:
            case [int(seq), str(chained)] if 0 < seq < 2**62:
                with self.workspace.store.reading() as view:
                    links = view.facts.links(self.workspace.settings.stream, seq - 1, 1)
                return any(link.hash.hex() == chained for link in links)
        return False

    def _place(self, path: str) -> Path:
        return self.workspace.home / CACHE_FOLDER / LOG_FOLDER / self.host / f"{quote(path.strip('/'), safe='')}.json"
