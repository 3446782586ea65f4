"""Why something cannot wait: ``$LEDGER_EMERGENCY`` says it in words."""

from __future__ import annotations

from changelog_ledger.errors import InvalidInput

VARIABLE = "LEDGER_EMERGENCY"

_FLAGS = {"y", "n", "t", "f", "yes", "no", "true", "false", "on", "off"}
"""Words that switch something on or off: whoever sets the variable to one gives no reason."""


def checked_reason(text: str) -> str:
    """The reason that somebody gave; empty where the variable is not set.

    :raises InvalidInput: if it is a flag rather than a reason (``1``, ``yes``, ``true`` …), or has no letter in it.
    """
    reason = text.strip()
    if text and (reason.casefold() in _FLAGS or not any(sign.isalpha() for sign in reason)):
        hint = f"say in words why it cannot wait: {VARIABLE}='the shop is down, old pool limit' git commit …"
        raise InvalidInput(f"an emergency wants a reason, and {reason!r} is none, but a flag", hint)
    return reason
