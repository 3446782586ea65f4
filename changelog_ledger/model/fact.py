"""A fact: one immutable event, as the store keeps it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Fact:
    """What happened, who says so, when it was so and when it was written down.

    :ivar id: ULID.
    :ivar kind: ``host``, ``service``, ``change``, ``change-step``, ``snapshot``, ``mark``, ``observation``, ``explanation``, ``freeze`` …
    :ivar key: what it is known by, so that recording it twice adds nothing: ``kind:ref``, else ``kind:`` and a hash of its content.
    :ivar occurred_at: when it was so (UTC).
    :ivar body: canonical JSON, exactly the bytes that are hashed.
    """

    id: str
    kind: str
    key: str
    occurred_at: datetime
    recorded_at: datetime
    actor: str
    body: bytes

    @property
    def data(self) -> dict[str, Any]:
        """The body as a value."""
        value: dict[str, Any] = json.loads(self.body)
        return value


@dataclass(frozen=True, slots=True)
class ChainedFact:
    """A fact at its place in a stream's hash chain."""

    stream: str
    seq: int
    fact: Fact
    prev_hash: bytes
    hash: bytes


def canonical(value: Mapping[str, Any]) -> bytes:
    """JSON with sorted keys, no spaces, UTF-8: the same value always gives the same bytes (in the spirit of RFC 8785).

    Lone surrogates (undecodable bytes of a path) are written as escapes.
    """
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    try:
        return text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()
