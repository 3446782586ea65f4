"""Does the record still say what was recorded? Walks every chain, then rebuilds the projections elsewhere and compares."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, Table, create_engine, select
from sqlalchemy.pool import StaticPool

from changelog_ledger.store import chain
from changelog_ledger.store.queries import View
from changelog_ledger.store.store import PROJECTED_TABLES, DeltasOf, Progress, Store, project_all
from changelog_ledger.store.tables import StreamHeadRow, table_of

__all__ = ["Finding", "broken_chains", "wrong_projections"]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not fit.

    :ivar code: ``chain``, ``projection``, ``snapshot`` (a commit is gone) or ``orphan`` (a commit without a fact).
    """

    code: str
    text: str

    @property
    def is_tampering(self) -> bool:
        """Whether somebody altered the record; otherwise a process died and ``repair`` mends it."""
        return self.code in ("chain", "projection", "snapshot")


def broken_chains(store: Store, progress: Progress) -> tuple[Finding, ...]:
    """Walk the hash chain of every stream; the first break of each is named."""
    with store.database.reading() as connection:
        view = View.of(connection)
        table = table_of(StreamHeadRow)
        heads = {row.stream: (row.seq, bytes(row.hash)) for row in connection.execute(select(table))}
        streams = sorted({*heads, *view.facts.streams()})
        breaks = (_first_break(view, stream, heads.get(stream, (0, chain.GENESIS)), progress) for stream in streams)
        return tuple(Finding("chain", why) for why in breaks if why)


def _first_break(view: View, stream: str, expected: tuple[int, bytes], progress: Progress) -> str:
    seq, head = 0, chain.GENESIS
    for link in view.facts.chain(stream):
        if why := chain.broken_link(link, seq, head):
            return why
        seq, head = link.seq, link.hash
        progress(1)
    if (seq, head) != expected:
        return f"stream {stream} ends at fact {seq}, its head says {expected[0]}: facts were cut off or added behind the ledger's back"
    return ""


def wrong_projections(store: Store, deltas_of: DeltasOf, progress: Progress) -> tuple[Finding, ...]:
    """Rebuild the projections in a scratch database and compare row by row."""
    from changelog_ledger.store import schema

    scratch = create_engine("sqlite://", poolclass=StaticPool)
    with store.database.reading() as connection, scratch.connect() as rebuilt, rebuilt.begin():
        schema.create_projections(rebuilt)
        project_all(rebuilt, View.of(connection).facts.in_order(), deltas_of, progress)
        findings = [finding for table in PROJECTED_TABLES for finding in _differences(table, connection, rebuilt)]
    scratch.dispose()
    return tuple(findings)


def _differences(table: Table, actual: Connection, rebuilt: Connection) -> Iterator[Finding]:
    """At most one finding a table: how many rows differ, and the first of them."""
    wanted, found = _digests(table, rebuilt), _digests(table, actual)
    wrong = sorted((set(wanted.items()) | set(found.items())) - (set(wanted.items()) & set(found.items())))
    if wrong:
        name = "/".join(str(part) for part in wrong[0][0])
        number = len({key for key, _ in wrong})
        yield Finding("projection", f"{number} row{'s' if number != 1 else ''} of {table.name} do not follow from the facts, the first is {name}")


def _digests(table: Table, connection: Connection) -> dict[tuple[str, ...], bytes]:
    keys = [column.name for column in table.primary_key.columns]
    names = sorted(column.name for column in table.columns)
    digests = {}
    for row in connection.execute(select(table).execution_options(yield_per=2000)).mappings():
        text = repr([row[name] for name in names]).encode("utf-8", "surrogatepass")
        digests[tuple(str(row[key]) for key in keys)] = hashlib.blake2b(text, digest_size=16).digest()
    return digests
