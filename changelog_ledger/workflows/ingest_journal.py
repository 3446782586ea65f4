"""``ingest journal``."""

from __future__ import annotations

from datetime import datetime

from changelog_ledger.model.ingestion import Ingested
from changelog_ledger.workflows.record_seen import Progress, ingested_host, record_seen
from changelog_ledger.workflows.workspace import Workspace


def ingest_journal(
    workspace: Workspace,
    host: str | None = None,
    *,
    root: str = "/",
    since: datetime | None = None,
    file: str | None = None,
    progress: Progress = lambda _done: None,
) -> Ingested:
    """Record … of a host.

    :raises NotFound: if there is no such host.
    """
    name = ingested_host(workspace, host)
    return record_seen(workspace, name, (), since=since)
