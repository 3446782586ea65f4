"""Grants: written, signed, and read again by who trusts nobody but the holder of a key.

A grant is a file of JSON: ``{"schema", "payload", "key", "signature"}``. The payload is canonical JSON as text; it names its schema too, and it is
what is signed (Ed25519, RFC 8032). Nothing of a payload is believed before its signature is.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from changelog_ledger.errors import InvalidInput, InvalidTarget, InvalidTime
from changelog_ledger.model.fact import canonical
from changelog_ledger.model.gate import Grant, SignedGrant
from changelog_ledger.model.times import format_instant, parse_instant, shown_instant
from changelog_ledger.model.topology import Target

SCHEMA = "changelog-ledger/grant/1"
LONGEST = timedelta(days=30)
LARGEST = 64 * 1024
"""Bytes that the file of a grant may have."""

CLOCK_TOLERANCE = timedelta(minutes=5)
"""By how much two clocks may differ."""

_KEY_PREFIX = "ed25519:"
_ENVELOPE = frozenset({"schema", "payload", "key", "signature"})
_TEXTS = ("schema", "id", "change", "title", "actor", "issued_at", "not_before", "expires_at")
_LISTS = ("on", "paths")
_GRANT_ID = re.compile(r"GRT-[0-9A-HJKMNP-TV-Z]{6}")
_CHANGE_ID = re.compile(r"CHG-[0-9A-HJKMNP-TV-Z]{6,}")
_HINT = "ask for another one: ledger hook grant CHG-…"


# ---- written


def payload_of(grant: Grant) -> str:
    """What is signed.

    :raises InvalidInput: if the grant would not be taken.
    """
    texts = {"schema": SCHEMA, "id": grant.id, "change": grant.change, "title": grant.title, "actor": grant.actor}
    times = {name: format_instant(getattr(grant, name)) for name in ("issued_at", "not_before", "expires_at")}
    payload = canonical(texts | times | {"on": [str(target) for target in grant.on], "paths": list(grant.paths)}).decode()
    granted(payload)
    return payload


def signed(payload: str, private_key: bytes) -> SignedGrant:
    """A payload with its signature.

    :param private_key: 32 bytes.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.from_private_bytes(private_key)
    return SignedGrant(payload, public_key(private_key), _base64(key.sign(payload.encode())))


def public_key(private_key: bytes) -> str:
    """The public half of a key, as a policy lists it: ``ed25519:…``."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return _KEY_PREFIX + _base64(Ed25519PrivateKey.from_private_bytes(private_key).public_key().public_bytes_raw())


def grant_text(grant: SignedGrant) -> str:
    """The file of a grant."""
    value = {"schema": SCHEMA, "payload": grant.payload, "key": grant.key, "signature": grant.signature}
    return json.dumps(value, indent=2) + "\n"


# ---- read


def trusted_grant(text: str, keys: Collection[str], now: datetime) -> Grant:
    """The grant in a file, if it is signed with one of ``keys`` and holds now.

    :param keys: the public keys of the policy.
    :raises InvalidInput: with the reason why it does not count.
    """
    carried = signed_grant(text)
    if carried.key not in keys:
        raise InvalidInput(f"it is signed with a key that the policy does not list: {carried.key}", "grant_keys in .changelog-ledger.toml lists them")
    check_signature(carried)
    grant = granted(carried.payload)
    check_time(grant, now)
    return grant


def signed_grant(text: str) -> SignedGrant:
    """The parts of a file; nothing is checked but that they are there.

    :raises InvalidInput: if it is no grant's file.
    """
    value = _object(text)
    if value.keys() != _ENVELOPE or not all(isinstance(part, str) for part in value.values()):
        raise InvalidInput("it is not made as a grant is", _HINT)
    _check_schema(value["schema"])
    return SignedGrant(value["payload"], value["key"], value["signature"])


def check_signature(grant: SignedGrant) -> None:
    """Verify a signature (RFC 8032, 5.1.7) by the key that comes with it; whether that key is to be trusted is another question.

    :raises InvalidInput: if it is not that of this payload, or of this key.
    """
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        key = Ed25519PublicKey.from_public_bytes(_key_bytes(grant.key))
        key.verify(_bytes(grant.signature), grant.payload.encode())
    except (InvalidSignature, ValueError) as error:
        raise InvalidInput("its signature is wrong: it was altered, or signed by somebody else", _HINT) from error


def granted(payload: str) -> Grant:
    """What a payload grants.

    :raises InvalidInput: if its schema is not known, a field is missing, unknown or of the wrong kind, it is not canonical, it ends before it begins,
        or it would hold for longer than :data:`LONGEST`.
    """
    value = _object(payload)
    _check_schema(value.get("schema"))
    _check_fields(value)
    if canonical(value) != payload.encode("utf-8", "surrogatepass"):
        raise InvalidInput("its payload is not canonical JSON", _HINT)
    try:
        targets = tuple(Target.parse(text) for text in value["on"])
        issued, begins, ends = (_instant(value[name]) for name in ("issued_at", "not_before", "expires_at"))
    except (InvalidTarget, InvalidTime) as error:
        raise InvalidInput(f"its payload holds what cannot be: {error.message}", _HINT) from error
    _check_order(issued, begins, ends)
    return Grant(value["id"], value["change"], value["title"], targets, tuple(value["paths"]), value["actor"], issued, begins, ends)


def check_time(grant: Grant, now: datetime) -> None:
    """Whether a grant holds now.

    :raises InvalidInput: if it has expired, does not hold yet, or comes from a future that says that this clock was set back.
    """
    if grant.issued_at > now + CLOCK_TOLERANCE:
        raise InvalidInput(f"it was issued at {shown_instant(grant.issued_at)}, after the time of this machine's clock", "set the clock right")
    if grant.expires_at <= now:
        raise InvalidInput(f"it expired at {shown_instant(grant.expires_at)}", _HINT)
    if grant.not_before > now + CLOCK_TOLERANCE:
        raise InvalidInput(f"it does not hold before {shown_instant(grant.not_before)}, when the window of {grant.change} opens", _HINT)


def _check_fields(value: Mapping[str, Any]) -> None:
    if value.keys() != {*_TEXTS, *_LISTS}:
        raise InvalidInput("its payload lacks a field, or has one too many", _HINT)
    lists = [entry for name in _LISTS for entry in (value[name] if isinstance(value[name], list) else [None])]
    if not all(isinstance(text, str) for text in (*(value[name] for name in _TEXTS), *lists)) or not value["on"]:
        raise InvalidInput("its payload has a field of the wrong kind", _HINT)
    if not _GRANT_ID.fullmatch(value["id"]) or not _CHANGE_ID.fullmatch(value["change"]):
        raise InvalidInput("its payload names no grant, or no change", _HINT)


def _check_order(issued: datetime, begins: datetime, ends: datetime) -> None:
    if not issued <= begins < ends:
        raise InvalidInput("it ends before it begins, or begins before it was issued", _HINT)
    if ends - issued > LONGEST:
        raise InvalidInput(f"it would hold for more than {LONGEST.days} days", _HINT)


def _check_schema(schema: object) -> None:
    if schema != SCHEMA:
        raise InvalidInput("its schema is not known here", f"this version of the program reads {SCHEMA}")


def _instant(text: str) -> datetime:
    """In the one spelling that is written: another would be the same instant by other bytes."""
    moment = parse_instant(text)
    if format_instant(moment) != text:
        raise InvalidTime(f"the time {text!r} is spelt otherwise than a grant has it")
    return moment


def _object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidInput("it is no JSON", _HINT) from error
    if not isinstance(value, dict):
        raise InvalidInput("it is not made as a grant is", _HINT)
    return value


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _key_bytes(key: str) -> bytes:
    """:raises ValueError: if it is not spelt as a key is."""
    if not key.startswith(_KEY_PREFIX):
        raise ValueError(key)
    return _bytes(key.removeprefix(_KEY_PREFIX))


def _bytes(text: str) -> bytes:
    """Strictly: several texts that decode to the same bytes would be several signatures of one.

    :raises ValueError: if it is not the Base64 of something.
    """
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(text) from error
    if _base64(data) != text:
        raise ValueError(text)
    return data
