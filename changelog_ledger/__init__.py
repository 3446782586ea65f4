"""changelog-ledger: what changed since it last worked?

The public API: re-exports and ``__all__``, nothing else. Names load when they are first used (PEP 562), so that ``ledger --help`` need not wait
for a database library.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from changelog_ledger.errors import LedgerError
    from changelog_ledger.ledger import Gate, Ledger, diff_files
    from changelog_ledger.ledger.making import change
    from changelog_ledger.ledger.running import run
    from changelog_ledger.model.change import Change, Item
    from changelog_ledger.model.evidence import Confidence, Delta, Evidence, Observation
    from changelog_ledger.model.report import Report, Suspect
    from changelog_ledger.model.snapshot import Snapshot
    from changelog_ledger.model.topology import Host, Mark, Service, Target
    from changelog_ledger.reports.html import render_html
    from changelog_ledger.reports.incident_review import render_review_markdown
    from changelog_ledger.reports.markdown import render_markdown
    from changelog_ledger.reports.text import render_text

_HOMES = {
    "Change": "changelog_ledger.model.change",
    "Confidence": "changelog_ledger.model.evidence",
    "Delta": "changelog_ledger.model.evidence",
    "Evidence": "changelog_ledger.model.evidence",
    "Gate": "changelog_ledger.ledger.gate",
    "Host": "changelog_ledger.model.topology",
    "Item": "changelog_ledger.model.change",
    "Ledger": "changelog_ledger.ledger.ledger",
    "LedgerError": "changelog_ledger.errors",
    "Mark": "changelog_ledger.model.topology",
    "Observation": "changelog_ledger.model.evidence",
    "Report": "changelog_ledger.model.report",
    "Service": "changelog_ledger.model.topology",
    "Snapshot": "changelog_ledger.model.snapshot",
    "Suspect": "changelog_ledger.model.report",
    "Target": "changelog_ledger.model.topology",
    "change": "changelog_ledger.ledger.making",
    "diff_files": "changelog_ledger.ledger.ledger",
    "render_html": "changelog_ledger.reports.html",
    "render_markdown": "changelog_ledger.reports.markdown",
    "render_review_markdown": "changelog_ledger.reports.incident_review",
    "render_text": "changelog_ledger.reports.text",
    "run": "changelog_ledger.ledger.running",
}

__all__ = [
    "Change",
    "Confidence",
    "Delta",
    "Evidence",
    "Gate",
    "Host",
    "Item",
    "Ledger",
    "LedgerError",
    "Mark",
    "Observation",
    "Report",
    "Service",
    "Snapshot",
    "Suspect",
    "Target",
    "change",
    "diff_files",
    "render_html",
    "render_markdown",
    "render_review_markdown",
    "render_text",
    "run",
]


def __getattr__(name: str) -> Any:
    """Load a public name from its module."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
