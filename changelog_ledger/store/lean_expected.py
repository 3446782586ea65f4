"""What a snapshot asks of a SQLite file by the lean way: what the gate has let in for its host."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from typing import TYPE_CHECKING

from changelog_ledger.store.encodings import microseconds
from changelog_ledger.store.plain import plain_text

if TYPE_CHECKING:
    from changelog_ledger.model.gate import Expected

_EXPECTED = """
    SELECT * FROM expected WHERE target_kind = 'host' AND target_name = :host AND at <= :until
    UNION ALL
    SELECT * FROM expected
     WHERE target_kind = 'service' AND target_name IN (SELECT service FROM service_host WHERE host = :host) AND at <= :until
    UNION ALL
    SELECT * FROM expected WHERE target_kind = 'all' AND target_name = '' AND at <= :until
    ORDER BY at DESC, id DESC, ordinal DESC
"""


def expected_at(connection: sqlite3.Connection, host: str, until: datetime) -> tuple[Expected, ...]:
    """The edits that are to be expected on a host, said up to ``until``: its own, those of services on it and of ``all``; the newest first."""
    rows = connection.execute(_EXPECTED, {"host": plain_text(host), "until": microseconds(until)}).fetchall()
    if not rows:
        return ()
    from changelog_ledger.store.expected import expected_of  # the nouns of the gate take a moment to load, and many hosts have none of it

    return tuple(expected_of(row) for row in rows)
