"""Originals under age encryption (https://age-encryption.org/v1), so that a restore is byte-exact and git holds no secret in the clear.

Who may unseal has an identity (``AGE-SECRET-KEY-1…``); sealing takes its public half, the recipient (``age1…``). Where the identity is
kept is the caller's business (:func:`changelog_ledger.snapshots.private_files.write_private`).
"""

from __future__ import annotations

from collections.abc import Sequence

from pyrage import DecryptError, IdentityError, RecipientError, decrypt, encrypt, x25519  # type: ignore[import-untyped]

from changelog_ledger.errors import HomeError, InvalidInput, SnapshotError


def new_identity() -> str:
    """A new secret key, from the system's randomness."""
    return str(x25519.Identity.generate())


def recipient_of(identity: str) -> str:
    """The public half of an identity.

    :raises HomeError: if it is no age identity.
    """
    return str(_identity(identity).to_public())


def checked_recipient(recipient: str) -> str:
    """The recipient, if it is one.

    :raises InvalidInput: if it is no age recipient.
    """
    try:
        return str(x25519.Recipient.from_str(recipient.strip()))
    except RecipientError as error:
        if recipient.strip().upper().startswith("AGE-SECRET-KEY-"):
            raise InvalidInput("that is a secret key, no recipient", "give its public half, which begins with age1: age-keygen -y FILE") from error
        raise InvalidInput("that is no age recipient", "age-keygen prints one that begins with age1") from error


def seal(data: bytes, recipients: Sequence[str]) -> bytes:
    """``data``, readable for the owner of any of ``recipients``. Two seals of the same data differ.

    :raises HomeError: if there is no recipient, or one is no age recipient.
    """
    if not recipients:
        raise HomeError("there is no key to seal originals for", "restore the home's keys folder from a backup")
    try:
        keys = [x25519.Recipient.from_str(recipient.strip()) for recipient in recipients]
    except RecipientError as error:
        raise HomeError(f"a recipient is no age key: {error}", "restore the home's keys folder from a backup") from error
    return bytes(encrypt(data, keys))


def unseal(data: bytes, identities: Sequence[str]) -> bytes:
    """The original, opened with whichever of ``identities`` can.

    :raises HomeError: if there is none, or one is no age identity.
    :raises SnapshotError: if none can open the seal, or the seal is damaged.
    """
    if not identities:
        raise HomeError("there is no key here that opens sealed originals", "name the file of one that does: LEDGER_IDENTITY=FILE ledger …")
    keys = [_identity(identity) for identity in identities]
    try:
        return bytes(decrypt(data, keys))
    except DecryptError as error:
        raise SnapshotError(
            f"the sealed original cannot be opened: {error}", "it was sealed for another key: name its file with LEDGER_IDENTITY=FILE"
        ) from error


def identities_in(text: str) -> tuple[str, ...]:
    """The identities of an identity file as age-keygen(1) writes it: one a line, ``#`` begins a comment."""
    return tuple(line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#"))


def _identity(text: str) -> x25519.Identity:
    try:
        return x25519.Identity.from_str(text.strip())
    except IdentityError as error:
        raise HomeError("the key is no age identity", "restore the home's key from a backup") from error
