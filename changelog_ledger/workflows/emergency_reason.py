"""Why something cannot wait: ``$LEDGER_EMERGENCY`` says it in words."""

from __future__ import annotations

from changelog_ledger.errors import InvalidInput

VARIABLE = "LEDGER_EMERGENCY"


def checked_reason(text: str) -> str:
    """The reason that somebody gave; empty where the variable is not set.

    :raises InvalidInput: if it is set and says nothing.
    """
    if text and len(text.strip()) < 4:  # "1", "yes": a flag is no reason
        hint = f"say why it cannot wait: {VARIABLE}='the shop is down, old pool limit' git commit"
        raise InvalidInput(f"{VARIABLE} holds no reason: {text.strip()!r}", hint)
    return text.strip()
