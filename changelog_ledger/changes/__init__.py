"""The rules of change management: what a change may look like, which steps it may take, what it covers."""

from changelog_ledger.changes.coverage import covers, names_host, speaks_for
from changelog_ledger.changes.lifecycle import VERBS, allowed_verbs, step
from changelog_ledger.changes.planning import Details, logged_change, planned_change

__all__ = ["VERBS", "Details", "allowed_verbs", "covers", "logged_change", "names_host", "planned_change", "speaks_for", "step"]
