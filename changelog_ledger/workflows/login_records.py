"""What wtmp, wtmpdb and auditd recorded of a host."""

from __future__ import annotations

from collections.abc import Iterator

from changelog_ledger.model.ingestion import Gap, Seen
from changelog_ledger.observations.journal.audit_log import AuditReading, users_of
from changelog_ledger.observations.journal.login_table import LoginReading, LoginTable
from changelog_ledger.observations.journal.stored_logins import seen_in_database
from changelog_ledger.sources.log_files import LogFiles
from changelog_ledger.sources.login_table import stored_logins, table_pieces
from changelog_ledger.sources.rooted import read_file
from changelog_ledger.workflows.host_logs import HostLogs

_AUDIT_LOG = "/var/log/audit/audit.log"


def login_tables(host: str, logs: HostLogs) -> Iterator[Seen]:
    """Logins, boots, shutdowns and set clocks of wtmp with its rotations."""
    reading, table = LoginReading(host), LoginTable()
    for piece in table_pieces(logs.root, logs.gaps, logs.progress):
        logs.found_record()
        if piece.content:
            for record in table.records(piece.content):
                yield from reading.read(record, piece.source)
            continue
        _end_of_table(table, piece.source, logs.gaps)
        table = LoginTable()
    for source, count in reading.timeless.items():
        logs.gaps.append(Gap(source, f"{count:,} record{'' if count == 1 else 's'} with a time that cannot be; the rest was read"))


def login_database(host: str, logs: HostLogs) -> Iterator[Seen]:
    """The same of wtmpdb, which stands where wtmp stood on newer systems."""
    for row in stored_logins(logs.root, logs.gaps):
        logs.found_record()
        yield from seen_in_database(host, *row)


def _end_of_table(table: LoginTable, source: str, gaps: list[Gap]) -> None:
    if table.is_table is False:
        gaps.append(Gap(source, "holds no records of utmp(5) that can be read here"))
    elif table.rest:
        gaps.append(Gap(source, f"its last {table.rest} bytes are no whole record"))


def audited(host: str, logs: HostLogs) -> Iterator[Seen]:
    """Watched files that were written, commands as another user, logins and accounts that auditd recorded."""
    log: LogFiles = logs.opened(_AUDIT_LOG)
    reading = AuditReading(host, _users(logs))
    source = _AUDIT_LOG
    for line in log.lines():
        source = line.source
        yield from reading.read(line.text, source)
    yield from reading.end(source)
    logs.gaps += reading.strange.gaps()


def _users(logs: HostLogs) -> dict[str, str]:
    try:
        return users_of(read_file(logs.root, "/etc/passwd"))
    except OSError:  # numbers say it, too
        return {}
