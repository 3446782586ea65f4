"""The hash chain of a stream.

Each fact's hash covers the hash before it, its place, its metadata and its body exactly as stored. Whoever alters, removes or reorders a fact
has to rewrite everything after it; :func:`broken_link` finds the first place where that was not done.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

from changelog_ledger.model.fact import ChainedFact, Fact
from changelog_ledger.model.times import format_instant

GENESIS = bytes(32)


def link_hash(prev_hash: bytes, stream: str, seq: int, fact: Fact) -> bytes:
    """SHA-256 over the previous hash, the length-prefixed header and the body."""
    header = json.dumps(
        [stream, seq, fact.id, fact.kind, fact.key, format_instant(fact.occurred_at), format_instant(fact.recorded_at), fact.actor],
        separators=(",", ":"),
    ).encode("ascii")
    return hashlib.sha256(prev_hash + len(header).to_bytes(4, "big") + header + fact.body).digest()


def extend(stream: str, seq: int, head: bytes, facts: Iterable[Fact]) -> list[ChainedFact]:
    """``facts`` chained behind the link ``seq`` whose hash is ``head``."""
    chained = []
    for fact in facts:
        seq += 1
        link = link_hash(head, stream, seq, fact)
        chained.append(ChainedFact(stream, seq, fact, head, link))
        head = link
    return chained


def broken_link(link: ChainedFact, seq: int, head: bytes) -> str:
    """Why ``link`` does not follow the link ``seq`` with hash ``head``; empty if it does."""
    if link.seq != seq + 1:
        return f"fact {seq + 1} of stream {link.stream} is missing (the next one is {link.seq})"
    if link.prev_hash != head:
        return f"fact {link.seq} ({link.fact.kind} {link.fact.id}) does not follow the fact before it"
    if link_hash(head, link.stream, link.seq, link.fact) != link.hash:
        return f"fact {link.seq} ({link.fact.kind} {link.fact.id}) was altered after it was recorded"
    return ""
