"""Does the record still say what was recorded? Walks every chain, then rebuilds the projections elsewhere and compares."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, Table, create_engine, select
from sqlalchemy.pool import StaticPool

from changelog_ledger.model.fact import ChainedFact, Fact
from changelog_ledger.store import chain
from changelog_ledger.store.foresight import Foresight
from changelog_ledger.store.projections import DeltasOf
from changelog_ledger.store.queries import View
from changelog_ledger.store.store import PROJECTED_TABLES, Progress, Store, project_all

__all__ = ["Finding", "broken_chains", "wrong_projections"]

_UNREADABLE = (TypeError, ValueError, OverflowError)
"""What reading a column raises when somebody has put a value of another type there; SQLite lets them."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not fit.

    :ivar code: ``chain``, ``projection``, ``snapshot`` (a commit is gone), ``content`` (a file is not stored as its manifest says), ``orphan``
        (a commit without a fact) or ``key``.
    """

    code: str
    text: str

    @property
    def is_tampering(self) -> bool:
        """Whether somebody altered the record; otherwise a process died and ``repair`` mends it."""
        return self.code in ("chain", "projection", "snapshot", "content")


def broken_chains(store: Store, progress: Progress) -> tuple[Finding, ...]:
    """Walk the hash chain of every stream up to its present head; the first break of each is named."""
    with store.reading() as view:
        heads, last = view.facts.heads(), view.facts.streams()
    breaks = (_first_break(store, stream, heads.get(stream, (0, chain.GENESIS)), last.get(stream, 0), progress) for stream in sorted({*heads, *last}))
    return tuple(Finding("chain", why) for why in breaks if why)


def _first_break(store: Store, stream: str, head: tuple[int, bytes], last: int, progress: Progress) -> str:
    seq, link_hash = 0, chain.GENESIS
    try:
        for link in _links(store, stream):
            if link.seq > last:  # recorded after we looked
                break
            if why := chain.broken_link(link, seq, link_hash):
                return why
            seq, link_hash = link.seq, link.hash
            progress(1)
    except _UNREADABLE as error:
        return f"a fact of stream {stream} after {seq} holds what was never written there ({error})"
    if (seq, link_hash) != head:
        return f"stream {stream} ends at fact {seq}, its head says {head[0]}: facts were cut off or added behind the ledger's back"
    return ""


def _links(store: Store, stream: str) -> Iterator[ChainedFact]:
    """A stream's chain, each batch in a transaction of its own, so that writers need not wait."""
    after = 0
    while True:
        with store.reading() as view:
            links = view.facts.links(stream, after)
        if not links:
            return
        yield from links
        after = links[-1].seq


def wrong_projections(store: Store, deltas_of: DeltasOf, progress: Progress) -> tuple[Finding, ...]:
    """Rebuild the projections in a scratch database and compare row by row.

    The long part reads in short transactions; what was recorded meanwhile is added in the one that compares. The caller sees to it that no
    commit leaves the repository meanwhile.
    """
    from changelog_ledger.store import schema

    scratch = create_engine("sqlite://", poolclass=StaticPool)
    last = 0
    with store.reading() as view:
        foresight = Foresight(view.facts.expired())

    def noted() -> Iterator[Fact]:
        nonlocal last
        for position, fact in store.facts():
            last = position
            yield fact

    with scratch.connect() as rebuilt, rebuilt.begin():
        schema.create_projections(rebuilt)
        project_all(rebuilt, noted(), deltas_of, foresight, progress)
        with store.database.reading() as connection:
            project_all(rebuilt, View.of(connection).facts.in_order(last), deltas_of, Foresight(), progress)
            findings = [finding for table in PROJECTED_TABLES for finding in _differences(table, connection, rebuilt)]
    scratch.dispose()
    return tuple(findings)


def _differences(table: Table, actual: Connection, rebuilt: Connection) -> Iterator[Finding]:
    """At most one finding a table: how many rows differ, and the first of them."""
    try:
        wanted, found = _digests(table, rebuilt), _digests(table, actual)
    except _UNREADABLE as error:
        yield Finding("projection", f"a row of {table.name} holds what was never written there ({error})")
        return
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
