"""What people and programs read: values in, text out. Nothing here prints, opens a file or reads a clock.

===================  ==========================================================================
module               what it writes
===================  ==========================================================================
``text``             ``what-changed`` for a terminal
``evidence_text``    ``diff``, ``drift``, ``compare``
``comparison_text``  ``compare``
``bisection``        ``bisect``, and its JSON
``blame_text``       ``blame``
``differences``      ``diff`` and ``compare`` made ready for ``differences_markdown`` and ``differences_html``
``assessment_text``  what a planned change may touch; the standard changes in ``template_text``
``calendar_text``    the calendar, freezes, maintenance windows, conflicts; ``calendar_ics``, and their JSON in ``schedule_json``
``change_text``      one change, lists of changes (``checklist_text``, ``standing``)
``incident_text``    one incident, lists of incidents; their JSON in ``incident_json``
``restore_text``     ``restore`` and ``change roll-back``; their JSON in ``restore_json``
``recent_text``      the recent-changes log; also ``recent_markdown``, ``recent_feed`` (Atom, RSS), ``recent_folding``
``lists``            snapshots, hosts, services, status
``spool``            what waits for a database that is away
``search_text``      what a search found
``shown``            what is recorded under an id
``adoption_text``    what an adoption did
``ingestion``        what an ingestion found
``incident_review``  the root cause analysis of an incident, its timeline; JSON in ``incident_review_json``
``incident_status``  what users were told, what is still to be done
``page_*``           a page of blocks as Markdown, text and HTML
``announcement``     what a template of ``change announce`` may name
``json_document``    every other ``--json``, made of ``json_values``; of changes, ``change_json``
``markdown``         ``what-changed`` for tickets and chats
``html``             ``what-changed`` as one page (``html_axis``, ``html_style``, ``html_escape``)
``escape``           untrusted text made harmless; everything above passes through it
``style, layout``    colour and width; spans, wrapping, cutting
``times, values``    instants and values in words
``phrases, hints``   the sentences and commands that all renderings share
``noise``            what was left out as noise
``upkeep``           ``gc``
``gate_text``        ``hook check``, ``check-message``, ``check-range``; their JSON in ``gate_json``
``hooks``            ``hook install`` and ``hook uninstall``
``host_hooks``       ``host-hooks``
``grants``           ``hook grant``
===================  ==========================================================================
Modules load when a name of theirs is asked for: to print one line nobody needs the HTML renderer.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from changelog_ledger.reports.adoption_text import adoption_document, render_adoption
    from changelog_ledger.reports.announcement import announcement_document, announcement_fields_document, render_announcement_fields
    from changelog_ledger.reports.bisection import bisection_document, render_bisection, render_trial
    from changelog_ledger.reports.blame_text import blame_document, render_blame
    from changelog_ledger.reports.calendar_ics import render_ics
    from changelog_ledger.reports.calendar_text import render_calendar, render_conflicts, render_freezes, render_windows
    from changelog_ledger.reports.change_json import change_document, changes_document
    from changelog_ledger.reports.change_text import render_change, render_changes, render_draft
    from changelog_ledger.reports.checklist_text import render_item_step, render_items_left
    from changelog_ledger.reports.comparison_text import comparison_document, render_comparison
    from changelog_ledger.reports.deltas import deltas_document, render_deltas
    from changelog_ledger.reports.differences import differences_of_comparison, differences_of_files, differences_of_host
    from changelog_ledger.reports.differences_html import render_differences_html
    from changelog_ledger.reports.differences_markdown import render_differences_markdown
    from changelog_ledger.reports.escape import printable, printable_lines
    from changelog_ledger.reports.evidence_text import render_evidence
    from changelog_ledger.reports.explained_snapshot import explained_snapshot_document, render_explained_snapshot
    from changelog_ledger.reports.gate_json import check_document, range_document
    from changelog_ledger.reports.gate_text import covered_words, render_check, render_range
    from changelog_ledger.reports.grants import grant_document, render_grant
    from changelog_ledger.reports.hooks import hooks_document, render_hooks
    from changelog_ledger.reports.host_hooks import host_hooks_document, render_hook_step, render_host_hooks
    from changelog_ledger.reports.html import render_html
    from changelog_ledger.reports.incident_json import incident_document, incidents_document
    from changelog_ledger.reports.incident_review import render_review_html, render_review_markdown, render_review_text, render_timeline
    from changelog_ledger.reports.incident_review_json import incident_account_document
    from changelog_ledger.reports.incident_status import (
        last_told_words,
        render_status_fields,
        status_fields_document,
        told_document,
        told_last_document,
    )
    from changelog_ledger.reports.incident_text import linked_words, render_incident, render_incidents, render_opened
    from changelog_ledger.reports.ingestion import ingested_document, render_ingested
    from changelog_ledger.reports.json_document import (
        evidence_document,
        host_document,
        hosts_document,
        keys_document,
        overview_document,
        report_document,
        service_document,
        services_document,
        snapshots_document,
        timeline_document,
    )
    from changelog_ledger.reports.json_values import dump, schema
    from changelog_ledger.reports.lists import (
        render_host,
        render_hosts,
        render_service,
        render_services,
        render_snapshots,
        render_status,
    )
    from changelog_ledger.reports.markdown import render_markdown
    from changelog_ledger.reports.noise import render_suppressed
    from changelog_ledger.reports.recent_feed import render_recent_atom, render_recent_rss
    from changelog_ledger.reports.recent_folding import fold_recent
    from changelog_ledger.reports.recent_markdown import render_recent_markdown
    from changelog_ledger.reports.recent_text import render_recent
    from changelog_ledger.reports.restore_json import restore_document, roll_back_document
    from changelog_ledger.reports.restore_text import render_restore, render_restore_plan, render_roll_back
    from changelog_ledger.reports.schedule_json import calendar_document, conflicts_document, freezes_document, windows_document
    from changelog_ledger.reports.search_text import render_search, search_document
    from changelog_ledger.reports.shown import render_shown, shown_document
    from changelog_ledger.reports.spool import merged_document, render_merged, render_spool, spool_document
    from changelog_ledger.reports.style import Style
    from changelog_ledger.reports.template_text import render_templates, templates_document
    from changelog_ledger.reports.text import render_text
    from changelog_ledger.reports.upkeep import gc_document, render_gc

_HOMES = {
    "adoption_document": "adoption_text",
    "render_adoption": "adoption_text",
    "announcement_document": "announcement",
    "announcement_fields_document": "announcement",
    "render_announcement_fields": "announcement",
    "bisection_document": "bisection",
    "render_bisection": "bisection",
    "render_trial": "bisection",
    "blame_document": "blame_text",
    "render_blame": "blame_text",
    "render_ics": "calendar_ics",
    "render_calendar": "calendar_text",
    "render_conflicts": "calendar_text",
    "render_freezes": "calendar_text",
    "render_windows": "calendar_text",
    "render_change": "change_text",
    "render_changes": "change_text",
    "render_draft": "change_text",
    "render_item_step": "checklist_text",
    "render_items_left": "checklist_text",
    "comparison_document": "comparison_text",
    "render_comparison": "comparison_text",
    "deltas_document": "deltas",
    "render_deltas": "deltas",
    "differences_of_comparison": "differences",
    "differences_of_files": "differences",
    "differences_of_host": "differences",
    "render_differences_html": "differences_html",
    "render_differences_markdown": "differences_markdown",
    "printable": "escape",
    "printable_lines": "escape",
    "render_evidence": "evidence_text",
    "render_html": "html",
    "change_document": "change_json",
    "changes_document": "change_json",
    "dump": "json_values",
    "evidence_document": "json_document",
    "explained_snapshot_document": "explained_snapshot",
    "render_explained_snapshot": "explained_snapshot",
    "host_document": "json_document",
    "hosts_document": "json_document",
    "keys_document": "json_document",
    "overview_document": "json_document",
    "report_document": "json_document",
    "schema": "json_values",
    "service_document": "json_document",
    "services_document": "json_document",
    "snapshots_document": "json_document",
    "timeline_document": "json_document",
    "render_review_html": "incident_review",
    "render_review_markdown": "incident_review",
    "render_review_text": "incident_review",
    "render_timeline": "incident_review",
    "incident_account_document": "incident_review_json",
    "last_told_words": "incident_status",
    "render_status_fields": "incident_status",
    "status_fields_document": "incident_status",
    "told_document": "incident_status",
    "told_last_document": "incident_status",
    "incident_document": "incident_json",
    "incidents_document": "incident_json",
    "linked_words": "incident_text",
    "render_incident": "incident_text",
    "render_incidents": "incident_text",
    "render_opened": "incident_text",
    "ingested_document": "ingestion",
    "render_ingested": "ingestion",
    "render_host": "lists",
    "render_hosts": "lists",
    "render_service": "lists",
    "render_services": "lists",
    "render_snapshots": "lists",
    "render_status": "lists",
    "render_markdown": "markdown",
    "render_suppressed": "noise",
    "fold_recent": "recent_folding",
    "render_recent": "recent_text",
    "render_recent_atom": "recent_feed",
    "render_recent_markdown": "recent_markdown",
    "render_recent_rss": "recent_feed",
    "restore_document": "restore_json",
    "roll_back_document": "restore_json",
    "render_restore": "restore_text",
    "render_restore_plan": "restore_text",
    "render_roll_back": "restore_text",
    "render_search": "search_text",
    "calendar_document": "schedule_json",
    "conflicts_document": "schedule_json",
    "freezes_document": "schedule_json",
    "windows_document": "schedule_json",
    "search_document": "search_text",
    "merged_document": "spool",
    "render_merged": "spool",
    "render_spool": "spool",
    "spool_document": "spool",
    "render_shown": "shown",
    "shown_document": "shown",
    "Style": "style",
    "render_templates": "template_text",
    "templates_document": "template_text",
    "render_text": "text",
    "gc_document": "upkeep",
    "render_gc": "upkeep",
    "check_document": "gate_json",
    "covered_words": "gate_text",
    "grant_document": "grants",
    "hooks_document": "hooks",
    "host_hooks_document": "host_hooks",
    "render_hook_step": "host_hooks",
    "render_host_hooks": "host_hooks",
    "range_document": "gate_json",
    "render_check": "gate_text",
    "render_range": "gate_text",
    "render_grant": "grants",
    "render_hooks": "hooks",
}

__all__ = [
    "Style",
    "adoption_document",
    "announcement_document",
    "announcement_fields_document",
    "bisection_document",
    "blame_document",
    "calendar_document",
    "change_document",
    "changes_document",
    "check_document",
    "comparison_document",
    "conflicts_document",
    "covered_words",
    "deltas_document",
    "differences_of_comparison",
    "differences_of_files",
    "differences_of_host",
    "dump",
    "evidence_document",
    "explained_snapshot_document",
    "fold_recent",
    "freezes_document",
    "gc_document",
    "grant_document",
    "hooks_document",
    "host_document",
    "host_hooks_document",
    "hosts_document",
    "incident_account_document",
    "incident_document",
    "incidents_document",
    "ingested_document",
    "keys_document",
    "last_told_words",
    "linked_words",
    "merged_document",
    "overview_document",
    "printable",
    "printable_lines",
    "range_document",
    "render_adoption",
    "render_announcement_fields",
    "render_bisection",
    "render_blame",
    "render_calendar",
    "render_change",
    "render_changes",
    "render_check",
    "render_comparison",
    "render_conflicts",
    "render_deltas",
    "render_differences_html",
    "render_differences_markdown",
    "render_draft",
    "render_evidence",
    "render_explained_snapshot",
    "render_freezes",
    "render_gc",
    "render_grant",
    "render_hook_step",
    "render_hooks",
    "render_host",
    "render_host_hooks",
    "render_hosts",
    "render_html",
    "render_ics",
    "render_incident",
    "render_incidents",
    "render_ingested",
    "render_item_step",
    "render_items_left",
    "render_markdown",
    "render_merged",
    "render_opened",
    "render_range",
    "render_recent",
    "render_recent_atom",
    "render_recent_markdown",
    "render_recent_rss",
    "render_restore",
    "render_restore_plan",
    "render_review_html",
    "render_review_markdown",
    "render_review_text",
    "render_roll_back",
    "render_search",
    "render_service",
    "render_services",
    "render_shown",
    "render_snapshots",
    "render_spool",
    "render_status",
    "render_status_fields",
    "render_suppressed",
    "render_templates",
    "render_text",
    "render_timeline",
    "render_trial",
    "render_windows",
    "report_document",
    "restore_document",
    "roll_back_document",
    "schema",
    "search_document",
    "service_document",
    "services_document",
    "shown_document",
    "snapshots_document",
    "spool_document",
    "status_fields_document",
    "templates_document",
    "timeline_document",
    "told_document",
    "told_last_document",
    "windows_document",
]


def __getattr__(name: str) -> Any:
    """Load a public name from its module."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
