"""``Ledger``: the verbs of the command as methods; a command group is a topic of its own: ``ledger.freeze``, ``ledger.window`` …"""

from changelog_ledger.ledger.arguments import Time
from changelog_ledger.ledger.ledger import Ledger, diff_files, unified_diff

__all__ = ["Ledger", "Time", "diff_files", "unified_diff"]
