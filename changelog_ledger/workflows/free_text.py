"""What people write down (titles, notes, reasons, symptoms, data) goes into the record for good, so a secret in it is masked first."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from changelog_ledger.store.plain import plain_text

Mask = Callable[[str], str]

_TEXTS = frozenset(
    "title reason description backout note text because symptom source summary ticket tags category command irreversible contact"
    " trigger causes worked".split()
)
_MAPPINGS = frozenset(("data", "attrs"))
WORTH_A_LOOK = re.compile(
    r"\s--?\w|\s/p:|\||<<<|pass|pw|secret|token|key|psk|cred|auth|communit|://|-----|[A-Za-z0-9_+/-]{20}|add_user|attach|user\s+add|vault|sqlplus|expdp|impdp|rman"
    r"|user\s+create|user:\w|rclone|cloudflared|mullvad|smbclient|isql|unlock|bw\s|dashboard|xfrm|iw\s|identified\s+by",
    re.IGNORECASE,
)
"""A text without any of this holds no secret that would be recognized."""


def masked_body(body: Mapping[str, Any], mask: Mask) -> dict[str, Any]:
    """The body of a fact with the texts that people wrote masked; names, paths, ids and times stay as they are."""
    return {name: _masked(name, value, mask) for name, value in body.items()}


def _masked(name: str, value: Any, mask: Mask) -> Any:
    if name in _MAPPINGS and isinstance(value, Mapping):
        return {key: _named(key, inner, mask) for key, inner in value.items()}
    if isinstance(value, Mapping):
        return masked_body(value, mask)
    if isinstance(value, list | tuple):
        return [_masked(name, inner, mask) for inner in value]
    if isinstance(value, str) and name in _TEXTS:
        plain = plain_text(value)  # a raw byte that was typed would be a lone surrogate, which no JSON Lines can carry
        return mask(plain) if WORTH_A_LOOK.search(plain) else plain
    return value


def _named(key: str, value: Any, mask: Mask) -> Any:
    """A value of a mapping that people fill as they like: there the key says what it is."""
    if isinstance(value, Mapping):
        return {inner: _named(inner, held, mask) for inner, held in value.items()}
    if isinstance(value, list | tuple):
        return [_named(key, held, mask) for held in value]
    if not isinstance(value, str) or not WORTH_A_LOOK.search(f"{key}={value}"):
        return value
    lead = f"{key}="
    shown = mask(f'{lead}"{value}"' if value and '"' not in value and "\n" not in value else lead + value)
    shown = shown.removeprefix(lead)
    return shown[1:-1] if shown.startswith('"') and shown.endswith('"') and not value.startswith('"') else shown
