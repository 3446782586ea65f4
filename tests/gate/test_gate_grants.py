"""Grants: what is signed is believed, for its time; nothing else is."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changelog_ledger.errors import InvalidInput
from changelog_ledger.gate.grants import (
    CLOCK_TOLERANCE,
    LONGEST,
    SCHEMA,
    check_signature,
    grant_text,
    granted,
    payload_of,
    public_key,
    signed,
    signed_grant,
    trusted_grant,
)
from changelog_ledger.model.change import Status
from changelog_ledger.model.fact import canonical
from changelog_ledger.model.gate import Grant, SignedGrant
from changelog_ledger.model.topology import Target

ISSUED = datetime(2025, 6, 2, 9, 0, tzinfo=UTC)
PRIVATE, OTHER = bytes(range(32)), bytes(32)
KEY = public_key(PRIVATE)
GRANT = Grant(
    id="GRT-7K3M9Q",
    change="CHG-2W8XYZ",
    title="Größere Zeitgrenzen",
    on=(Target.service("shop"), Target.host("web-01")),
    paths=("/etc/haproxy/**",),
    actor="alex",
    issued_at=ISSUED,
    not_before=ISSUED,
    expires_at=ISSUED + timedelta(hours=24),
)
PAYLOAD = payload_of(GRANT)
SIGNED = signed(PAYLOAD, PRIVATE)
TEXT = grant_text(SIGNED)
SOON = ISSUED + timedelta(hours=1)


def altered(**fields: Any) -> str:
    """The payload with other fields; ``...`` takes one out."""
    value = {**json.loads(PAYLOAD), **fields}
    return canonical({name: field for name, field in value.items() if field is not ...}).decode()


def test_a_grant_is_read_as_it_was_written() -> None:
    assert trusted_grant(TEXT, [KEY], SOON) == GRANT


def test_a_grant_is_to_the_coverage_rule_what_a_change_is() -> None:
    change = GRANT.as_change()
    assert (change.id, change.title, change.on, change.paths, change.actor) == (GRANT.change, GRANT.title, GRANT.on, GRANT.paths, GRANT.actor)
    assert (change.status, change.started_at, change.is_open) == (Status.STARTED, ISSUED, True)


def test_the_signature_is_that_of_rfc_8032() -> None:
    """Section 7.1, TEST 2: the key, and that of its one-byte message."""
    private = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
    public = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
    signature = "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    assert public_key(private) == "ed25519:" + base64.b64encode(public).decode()
    assert signed("r", private).signature == base64.b64encode(bytes.fromhex(signature)).decode()


def test_another_key_is_not_trusted_however_good_its_signature_is() -> None:
    with pytest.raises(InvalidInput, match="a key that the policy does not list"):
        trusted_grant(grant_text(signed(PAYLOAD, OTHER)), [KEY], SOON)
    assert trusted_grant(grant_text(signed(PAYLOAD, OTHER)), [KEY, public_key(OTHER)], SOON) == GRANT


def test_a_key_does_not_lend_its_name_to_the_signature_of_another() -> None:
    with pytest.raises(InvalidInput, match="signature is wrong"):
        trusted_grant(grant_text(replace(signed(PAYLOAD, OTHER), key=KEY)), [KEY], SOON)


def test_a_forged_end_is_refused() -> None:
    longer = PAYLOAD.replace("2025-06-03T09:00:00Z", "2025-06-13T09:00:00Z")
    assert granted(longer).expires_at > GRANT.expires_at  # nothing is wrong with it but the signature
    with pytest.raises(InvalidInput, match="signature is wrong"):
        trusted_grant(grant_text(replace(SIGNED, payload=longer)), [KEY], SOON)


@given(position=st.integers(0, len(PAYLOAD.encode()) - 1), flip=st.integers(1, 255))
def test_no_byte_of_a_payload_can_be_flipped(position: int, flip: int) -> None:
    data = bytearray(PAYLOAD.encode())
    data[position] ^= flip
    with pytest.raises(InvalidInput):
        trusted_grant(grant_text(replace(SIGNED, payload=data.decode("utf-8", "surrogateescape"))), [KEY], SOON)


@given(position=st.integers(0, 63), flip=st.integers(1, 255))
def test_no_byte_of_a_signature_can_be_flipped(position: int, flip: int) -> None:
    data = bytearray(base64.b64decode(SIGNED.signature))
    data[position] ^= flip
    with pytest.raises(InvalidInput, match="signature is wrong"):
        check_signature(replace(SIGNED, signature=base64.b64encode(data).decode()))


@given(position=st.integers(0, len(SIGNED.signature) - 1), character=st.characters())
def test_a_signature_has_one_spelling(position: int, character: str) -> None:
    """Base64 of 64 bytes leaves four bits over (RFC 4648, 3.5): they count, too."""
    spelling = SIGNED.signature[:position] + character + SIGNED.signature[position + 1 :]
    if spelling == SIGNED.signature:
        check_signature(SIGNED)
        return
    with pytest.raises(InvalidInput):
        check_signature(replace(SIGNED, signature=spelling))


@given(position=st.integers(0, len(TEXT.encode()) - 1), flip=st.integers(1, 255))
def test_a_damaged_file_grants_nothing_else(position: int, flip: int) -> None:
    """What is no letter of the JSON (white space, ``\\u00f6`` for ``ö`` …) may be spelt otherwise; what is granted stays the same."""
    data = bytearray(TEXT.encode())
    data[position] ^= flip
    try:
        found = trusted_grant(data.decode("utf-8", "surrogateescape"), [KEY], SOON)
    except InvalidInput:
        return
    assert found == GRANT


@given(st.text())
def test_whatever_stands_in_a_file_is_read_or_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        trusted_grant(text, [KEY], SOON)


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param("", id="nothing"),
        pytest.param("[]", id="a list"),
        pytest.param("[" * 100_000, id="too deep"),
        pytest.param(altered(schema="changelog-ledger/grant/2"), id="a later schema"),
        pytest.param(altered(schema=...), id="no schema"),
        pytest.param(altered(title=...), id="a field is missing"),
        pytest.param(altered(more="yes"), id="a field that nobody knows"),
        pytest.param(altered(paths="/etc/**"), id="a text for a list"),
        pytest.param(altered(paths=[1]), id="a number for a glob"),
        pytest.param(altered(paths=None), id="nothing for a list"),
        pytest.param(altered(actor=["alex"]), id="a list for a text"),
        pytest.param(altered(on=[]), id="no target"),
        pytest.param(altered(on=["web-01"]), id="a bare name"),
        pytest.param(altered(id="GRT-../../x"), id="an id that is a path"),
        pytest.param(altered(change="FRZ-000000"), id="no change's id"),
        pytest.param(altered(issued_at="2025-06-02T09:00:00"), id="a time without an offset"),
        pytest.param(altered(issued_at="2025-06-02T09:00:00+00:00"), id="a time in another spelling"),
        pytest.param(altered(expires_at="2025-06-02T08:59:59Z"), id="an end before the issue"),
        pytest.param(altered(expires_at="2025-06-02T09:00:00Z"), id="an end at the issue"),
        pytest.param(altered(not_before="2025-06-02T08:00:00Z"), id="holds before it was issued"),
        pytest.param(altered(expires_at="2025-07-02T09:00:01Z"), id="more than thirty days"),
        pytest.param(" " + PAYLOAD, id="not canonical"),
        pytest.param(PAYLOAD.replace('"actor":"alex"', '"actor":"eve","actor":"alex"'), id="a field twice"),
    ],
)
def test_a_payload_is_read_strictly_even_if_it_is_signed(payload: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        trusted_grant(grant_text(signed(payload, PRIVATE)), [KEY], SOON)
    assert refused.value.hint


def test_a_grant_that_would_not_be_taken_is_not_written() -> None:
    with pytest.raises(InvalidInput, match="30 days"):
        payload_of(replace(GRANT, expires_at=ISSUED + LONGEST + timedelta(seconds=1)))
    assert granted(payload_of(replace(GRANT, expires_at=ISSUED + LONGEST))).expires_at == ISSUED + LONGEST


@pytest.mark.parametrize(
    ("now", "reason"),
    [
        (ISSUED - CLOCK_TOLERANCE, ""),
        (ISSUED - CLOCK_TOLERANCE - timedelta(seconds=1), "after the time of this machine's clock"),
        (GRANT.expires_at - timedelta(seconds=1), ""),
        (GRANT.expires_at, "expired at 2025-06-03T09:00:00Z"),
    ],
)
def test_it_holds_for_its_time(now: datetime, reason: str) -> None:
    if not reason:
        assert trusted_grant(TEXT, [KEY], now) == GRANT
        return
    with pytest.raises(InvalidInput, match=reason):
        trusted_grant(TEXT, [KEY], now)


def test_it_does_not_hold_before_the_window_of_its_change() -> None:
    later = replace(GRANT, not_before=ISSUED + timedelta(hours=10))
    text = grant_text(signed(payload_of(later), PRIVATE))
    with pytest.raises(InvalidInput, match="does not hold before 2025-06-02T19:00:00Z"):
        trusted_grant(text, [KEY], SOON)
    assert trusted_grant(text, [KEY], ISSUED + timedelta(hours=10)) == later


@pytest.mark.parametrize(
    "value",
    [
        {"schema": SCHEMA, "payload": PAYLOAD, "key": KEY},
        {"schema": SCHEMA, "payload": PAYLOAD, "key": KEY, "signature": SIGNED.signature, "comment": ""},
        {"schema": SCHEMA, "payload": json.loads(PAYLOAD), "key": KEY, "signature": SIGNED.signature},
        {"schema": "changelog-ledger/change/1", "payload": PAYLOAD, "key": KEY, "signature": SIGNED.signature},
        {"schema": SCHEMA, "payload": PAYLOAD, "key": [KEY], "signature": SIGNED.signature},
    ],
)
def test_a_file_has_its_four_parts(value: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        signed_grant(json.dumps(value))


@pytest.mark.parametrize("key", ["", "ed25519:", KEY.upper(), KEY.removeprefix("ed25519:"), KEY + "=", "rsa:" + KEY[8:], KEY[:-4] + "===="])
def test_what_is_no_key_verifies_nothing(key: str) -> None:
    with pytest.raises(InvalidInput):
        check_signature(SignedGrant(PAYLOAD, key, SIGNED.signature))
