"""What people and programs read: values in, text out. Nothing here prints, opens a file or reads a clock.

===================  ==========================================================================
module               what it writes
===================  ==========================================================================
``text``             ``what-changed`` for a terminal
``evidence_text``    ``diff``, ``drift``, ``compare``
``change_text``      one change, lists of changes
``restore_text``     ``restore`` and ``change roll-back``; their JSON in ``restore_json``
``lists``            recent events, snapshots, hosts, services, status
``search_text``      what a search found
``adoption_text``    what an adoption did
``json_document``    every ``--json``
``markdown``         ``what-changed`` for tickets and chats
``html``             ``what-changed`` as one page (``html_axis``, ``html_style``, ``html_escape``)
``escape``           untrusted text made harmless; everything above passes through it
``style, layout``    colour and width; spans, wrapping, cutting
``times, values``    instants and values in words
``phrases, hints``   the sentences and commands that all renderings share
``noise``            what was left out as noise
``upkeep``           ``gc``
===================  ==========================================================================
"""

from changelog_ledger.reports.adoption_text import adoption_document, render_adoption
from changelog_ledger.reports.change_text import render_change, render_changes
from changelog_ledger.reports.deltas import deltas_document, render_deltas
from changelog_ledger.reports.escape import printable, printable_lines
from changelog_ledger.reports.evidence_text import render_evidence
from changelog_ledger.reports.html import render_html
from changelog_ledger.reports.json_document import (
    change_document,
    changes_document,
    dump,
    evidence_document,
    host_document,
    hosts_document,
    keys_document,
    overview_document,
    report_document,
    schema,
    service_document,
    services_document,
    snapshots_document,
    timeline_document,
)
from changelog_ledger.reports.lists import (
    render_host,
    render_hosts,
    render_recent,
    render_service,
    render_services,
    render_snapshots,
    render_status,
)
from changelog_ledger.reports.markdown import render_markdown
from changelog_ledger.reports.noise import render_suppressed
from changelog_ledger.reports.restore_json import restore_document, roll_back_document
from changelog_ledger.reports.restore_text import render_restore, render_restore_plan, render_roll_back
from changelog_ledger.reports.search_text import render_search, search_document
from changelog_ledger.reports.style import Style
from changelog_ledger.reports.text import render_text
from changelog_ledger.reports.upkeep import gc_document, render_gc

__all__ = [
    "Style",
    "adoption_document",
    "change_document",
    "changes_document",
    "deltas_document",
    "dump",
    "evidence_document",
    "gc_document",
    "host_document",
    "hosts_document",
    "keys_document",
    "overview_document",
    "printable",
    "printable_lines",
    "render_adoption",
    "render_change",
    "render_changes",
    "render_deltas",
    "render_evidence",
    "render_gc",
    "render_host",
    "render_hosts",
    "render_html",
    "render_markdown",
    "render_recent",
    "render_restore",
    "render_restore_plan",
    "render_roll_back",
    "render_search",
    "render_service",
    "render_services",
    "render_snapshots",
    "render_status",
    "render_suppressed",
    "render_text",
    "report_document",
    "restore_document",
    "roll_back_document",
    "schema",
    "search_document",
    "service_document",
    "services_document",
    "snapshots_document",
    "timeline_document",
]
