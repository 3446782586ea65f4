"""Two encodings of network devices that hide nothing. A secret may look different at each display, so they are undone before fingerprinting."""

from __future__ import annotations

_KEY_7 = b"dsfd;kfoA,.iyewrkldJKDHSUBsgvca69834ncxv9873254k;fg87"
"""Cisco's type 7 is an exclusive-or with this text from a place that the first two digits name (public since 1995)."""

_FAMILIES = ("QzF3n6/9CAtpu0O", "B1IREhcSyrleKvMW8LXx", "7N-dVbwsY2g4oaJZGUDj", "iHkq.mPf5T")
"""Junos' ``$9$``: the letters in their order; the family of the first one says how many random ones follow it (Crypt::Juniper)."""
_LETTERS = "".join(_FAMILIES)
_WEIGHTS = ((1, 4, 32), (1, 16, 32), (1, 8, 32), (1, 64), (1, 32), (1, 4, 16, 128), (1, 32, 64))


def type_7(text: bytes) -> bytes | None:
    """The secret behind ``0822455D0A16``; None if it is none."""
    try:
        seed, masked = int(text[:2]), bytes.fromhex(text[2:].decode("ascii"))
    except ValueError:
        return None
    secret = bytes(byte ^ _KEY_7[(seed + place) % len(_KEY_7)] for place, byte in enumerate(masked))
    return secret if secret and all(32 <= byte < 127 for byte in secret) else None


def junos_9(text: bytes) -> bytes | None:
    """The secret behind ``$9$…``; None if it is none."""
    letters = text[3:].decode("latin-1")
    if not letters or any(letter not in _LETTERS for letter in letters):
        return None
    before, letters = letters[0], letters[1 + _salt(letters[0]) :]
    secret: list[int] = []
    while letters:
        weights = _WEIGHTS[len(secret) % len(_WEIGHTS)]
        piece, letters = letters[: len(weights)], letters[len(weights) :]
        if len(piece) < len(weights):
            return None
        gaps = [(_LETTERS.index(after) - _LETTERS.index(one)) % len(_LETTERS) - 1 for one, after in zip(before + piece, piece, strict=False)]
        secret.append(sum(gap * weight for gap, weight in zip(gaps, weights, strict=True)) % 256)
        before = piece[-1]
    return bytes(secret) if secret and all(32 <= byte < 127 for byte in secret) else None


def _salt(letter: str) -> int:
    """How many random letters follow the first one."""
    return 3 - next(number for number, family in enumerate(_FAMILIES) if letter in family)
