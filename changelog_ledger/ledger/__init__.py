"""``Ledger``: the verbs of the command as methods; a command group is a topic of its own: ``ledger.freeze``, ``ledger.window`` …

``Gate`` stands beside it. Names load when they are first used (PEP 562): a hook that needs the gate waits for nothing else.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from changelog_ledger.ledger.arguments import Time
    from changelog_ledger.ledger.gate import Gate
    from changelog_ledger.ledger.ledger import Ledger, diff_files, unified_diff

_HOMES = {
    "Gate": "changelog_ledger.ledger.gate",
    "Ledger": "changelog_ledger.ledger.ledger",
    "Time": "changelog_ledger.ledger.arguments",
    "diff_files": "changelog_ledger.ledger.ledger",
    "unified_diff": "changelog_ledger.ledger.ledger",
}

__all__ = ["Gate", "Ledger", "Time", "diff_files", "unified_diff"]


def __getattr__(name: str) -> Any:
    """Load a public name from its module."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
