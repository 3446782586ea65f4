"""Identifiers: sortable ones for facts and snapshots, short ones that people type."""

from __future__ import annotations

import hashlib
from datetime import datetime

from changelog_ledger.errors import InvalidInput

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CONFUSABLE = str.maketrans("ILO", "110")


def ulid(moment: datetime, entropy: bytes) -> str:
    """A ULID (26 Crockford characters, https://github.com/ulid/spec) from an instant and ten random bytes."""
    milliseconds = int(moment.timestamp() * 1000)
    return crockford(int.from_bytes(milliseconds.to_bytes(6, "big") + entropy[:10], "big"), 26)


def crockford(number: int, length: int) -> str:
    """The lowest ``5 * length`` bits of ``number`` as Crockford base 32, most significant first."""
    return "".join(CROCKFORD[number >> 5 * place & 31] for place in reversed(range(length)))


def change_id(entropy: bytes, length: int = 6) -> str:
    """``CHG-`` and six characters (30 bits) of ``entropy``, at least eight bytes of it."""
    return short_id("CHG", entropy, length)


def short_id(kind: str, entropy: bytes, length: int = 6) -> str:
    """``FRZ-`` (freeze), ``MNT-`` (maintenance), ``INC-`` (an incident) … and six characters of ``entropy``, eight bytes of it at least."""
    return f"{kind}-{crockford(int.from_bytes(entropy[:8], 'big'), length)}"


def derived_id(kind: str, key: str) -> str:
    """The id of an imported thing that people name (a freeze, a maintenance window): it follows from what its fact is known by."""
    return short_id(kind, hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest())


def evidence_id(*origin: str) -> str:
    """``EV-`` and ten characters that follow from where the evidence comes from, so that a rebuild gives the same."""
    digest = hashlib.sha256("\0".join(origin).encode("utf-8", "surrogatepass")).digest()
    return "EV-" + crockford(int.from_bytes(digest[:8], "big"), 10)


def identifier_prefix(text: str, kind: str) -> str:
    """What somebody typed for a ``CHG-…`` or ``EV-…`` as a prefix to search for: case, the kind and I/L/O do not matter.

    :param kind: ``CHG``, ``EV``, ``INC``, ``FRZ`` or ``MNT``.
    :raises InvalidInput: if no identifier can begin like that.
    """
    wanted = text.strip().upper()
    if wanted in (kind, f"{kind}-"):
        raise InvalidInput(f"{text!r} fits several: every such identifier begins so", f"type more of it: {kind}-7K3M9Q, or any unambiguous beginning")
    rest = wanted.removeprefix(kind + "-").translate(_CONFUSABLE)
    if not rest or any(character not in CROCKFORD for character in rest):
        raise InvalidInput(f"{text!r} is no identifier", f"it looks like {kind}-7K3M9Q; any unambiguous beginning will do")
    return f"{kind}-{rest}"
