"""The root cause analysis of an incident: one value in, the page out. It names who acted as the record has it, and judges nobody.

What is not known is said to be not known, with the command that would say it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo

from changelog_ledger.model.change import Change
from changelog_ledger.model.incident import IncidentAccount, Link, LinkKind
from changelog_ledger.reports.change_text import places
from changelog_ledger.reports.hints import Hint
from changelog_ledger.reports.incident_phrases import (
    PATHS,
    action_words,
    affected_words,
    link_name,
    logged_words,
    moment_cells,
    on_one_line,
    paragraphs,
    question,
    standing_words,
    summary_words,
)
from changelog_ledger.reports.page_blocks import Alteration, Block, Bullets, Commands, Fields, Numbered, Page, Paragraph, Section, Table
from changelog_ledger.reports.page_html import render_page_html
from changelog_ledger.reports.page_markdown import render_page_markdown
from changelog_ledger.reports.page_text import render_page_text
from changelog_ledger.reports.phrases import actor_words, count
from changelog_ledger.reports.style import PLAIN, Style
from changelog_ledger.reports.times import in_words, length, minute, offset, relative

_ALTERATIONS = 5
_AT_ONCE = timedelta(seconds=1)


def render_review_markdown(account: IncidentAccount, zone: tzinfo = UTC) -> str:
    """The root cause analysis as Markdown."""
    return render_page_markdown(review_page(account, zone))


def render_review_html(account: IncidentAccount, zone: tzinfo = UTC) -> str:
    """The root cause analysis as one HTML file."""
    return render_page_html(review_page(account, zone))


def render_review_text(account: IncidentAccount, style: Style = PLAIN) -> str:
    """The root cause analysis as text."""
    return render_page_text(review_page(account, style.zone), style)


def render_timeline(account: IncidentAccount, style: Style = PLAIN) -> str:
    """The timeline alone as text."""
    incident = account.incident
    page = Page(
        f"{incident.id}: {incident.title}", (Paragraph(standing_words(incident)),), (Section("Timeline", timeline_blocks(account, style.zone)),)
    )
    return render_page_text(page, style)


def review_page(account: IncidentAccount, zone: tzinfo) -> Page:
    """The root cause analysis, before it is rendered."""
    incident = account.incident
    sections = (
        Section("Summary", tuple(_summary(account, zone))),
        Section("Impact", tuple(_impact(account, zone))),
        Section("Timeline", timeline_blocks(account, zone)),
        Section("Trigger", tuple(_trigger(account, zone))),
        Section("Contributing causes", tuple(_contributing(account, zone))),
        Section("Looked at and cleared", tuple(_cleared(account))),
        Section("What worked", tuple(_worked(account))),
        Section("Fix", tuple(_fix(account, zone))),
        Section("Actions", tuple(_actions(account, zone))),
        Section("Appendix: how to ask again", tuple(_appendix(account, zone))),
    )
    return Page(f"{incident.id}: {incident.title}", tuple(_head(account, zone)), sections)


def _head(account: IncidentAccount, zone: tzinfo) -> Iterator[Block]:
    incident = account.incident
    entries = (
        ("Root cause analysis", _as_of(account, zone)),
        ("Standing", standing_words(incident)),
        ("Affected", places(incident.targets)),
        ("Cause lies in", ", ".join(incident.kinds) or f"not known yet: {_hint(account, '', 'update', '--kind', 'KIND').command}"),
        ("Commander", incident.commander or "nobody is named"),
        ("Reference", incident.ref),
    )
    yield Fields(tuple((label, words) for label, words in entries if words))


def _as_of(account: IncidentAccount, zone: tzinfo) -> str:
    """When it was reviewed and when it was written, said once where that is the same."""
    reviewed, written = account.incident.reviewed_at, minute(account.made_at, zone)
    if reviewed is None:
        return f"as of {written}, not finished"
    finished = minute(reviewed, zone)
    return f"reviewed {finished}" if finished == written else f"reviewed {finished}, as of {written}"


def _summary(account: IncidentAccount, zone: tzinfo) -> Iterator[Block]:
    yield from map(Paragraph, paragraphs(account.incident.summary) or (summary_words(account, zone),))
    if not account.incident.summary and not account.incident.reviewed_at:
        yield Commands((_hint(account, "Composed from the record; to say it in your own words", "review", "--summary", "TEXT"),))


def _impact(account: IncidentAccount, zone: tzinfo) -> Iterator[Block]:
    incident = account.incident
    began, noticed = incident.began_at, incident.detected_at
    rows = (
        ("Began", began, ""),
        ("Detected", noticed, f"time to detect: {length(noticed - began)} (from when it began)" if noticed > began else "noticed as it began"),
        ("Acknowledged", incident.acknowledged_at, _took("acknowledge", noticed, incident.acknowledged_at)),
        ("Mitigated", incident.mitigated_at, _took("mitigate", noticed, incident.mitigated_at)),
        ("Resolved", incident.resolved_at, _took("resolve", noticed, incident.resolved_at)),
    )
    yield Table(("", "When", "How long"), tuple((name, minute(at, zone) if at else "not recorded", took) for name, at, took in rows))
    yield Paragraph(affected_words(incident, zone))
    yield Paragraph(_told(account, zone))


def _took(verb: str, since: datetime, at: datetime | None) -> str:
    if at is None:
        return ""
    return "as it was detected" if at - since < _AT_ONCE else f"time to {verb}: {length(at - since)} (from when it was detected)"


def _told(account: IncidentAccount, zone: tzinfo) -> str:
    told = account.incident.told
    if not told:
        return "No text for users is recorded."
    detected = account.incident.detected_at
    first = "when it was detected" if abs(told[0].at - detected) < _AT_ONCE else relative(told[0].at, detected, "it was detected")
    if len(told) == 1:
        return f"Users were told once, {first}."
    often = "twice" if len(told) == 2 else f"{len(told)} times"
    return f"Users were told {often}, first {first}, last at {minute(told[-1].at, zone)}."


def _trigger(account: IncidentAccount, zone: tzinfo) -> Iterator[Block]:
    incident = account.incident
    confirmed = incident.links_of(LinkKind.CONFIRMED)
    if incident.trigger:
        yield from map(Paragraph, paragraphs(incident.trigger))
    for link in confirmed:
        yield from _suspect(account, link, zone)
    if not confirmed and not incident.trigger:
        yield Paragraph("Not known yet: no suspect was confirmed.")
        confirm = _hint(account, "Confirm one", "link", "WHAT", "--as", "confirmed")
        yield Commands((confirm, _hint(account, "Or say it", "review", "--trigger", "TEXT")))


def _suspect(account: IncidentAccount, link: Link, zone: tzinfo) -> Iterator[Block]:
    pieces = account.evidence_of(link.what)
    effect = account.effects.get(link.what, "")
    when = minute(link.happened_at, zone) if link.happened_at else "at a time that is not recorded"
    before = f", {relative(link.happened_at, account.incident.began_at, 'it began')}" if link.happened_at else ""
    entries = (
        ("What", link_name(link)),
        ("When", when + before),
        ("Logged", in_words(logged_words(account, link), zone).removeprefix("logged ")),
        ("There at the time", "; ".join(actor_words(pieces, zone, account.made_at))),
        ("Took effect by", in_words(effect, zone)),
        ("Judged", f"{link.kind} by {link.actor}, {minute(link.at, zone)}{f': {on_one_line(link.because)}' if link.because else ''}"),
    )
    yield Fields(tuple((label, words) for label, words in entries if words))
    yield from (Alteration(piece) for piece in pieces[:_ALTERATIONS])
    if len(pieces) > _ALTERATIONS:
        yield Paragraph(f"… {count(len(pieces) - _ALTERATIONS, 'more piece')} of evidence: --format json has all.")


def _contributing(account: IncidentAccount, zone: tzinfo) -> Iterator[Block]:
    incident = account.incident
    linked = incident.links_of(LinkKind.CONTRIBUTING)
    if incident.causes:
        yield Bullets(tuple(map(on_one_line, incident.causes)))
    for link in linked:
        yield from _suspect(account, link, zone)
    if account.contributions:
        yield Paragraph("The record itself knows:")
        yield Bullets(tuple(in_words(each.text, zone) for each in account.contributions))
    if not (incident.causes or linked or account.contributions):
        yield Paragraph("None is recorded.")
        yield Commands((_hint(account, "To name one", "review", "--cause", "TEXT"),))


def _cleared(account: IncidentAccount) -> Iterator[Block]:
    cleared = account.incident.links_of(LinkKind.CLEARED)
    if cleared:
        yield Bullets(tuple(f"{link_name(link)}{f': {on_one_line(link.because)}' if link.because else ''} ({link.actor})" for link in cleared))
    else:
        yield Paragraph("Nothing is recorded as cleared.")


def timeline_blocks(account: IncidentAccount, zone: tzinfo) -> tuple[Block, ...]:
    """The timeline as a table, with what it begins at and what it leaves out."""
    usual = offset(account.incident.began_at.astimezone(zone))
    begins = "the last time it was seen working" if account.last_good else "a day before it began, for no good mark says when it worked"
    left_out = f" {count(account.left_out, 'difference').capitalize()} that changes explain {'is' if account.left_out == 1 else 'are'} left out."
    times = "in UTC" if usual == "+00:00" else f"at {usual}"
    intro = f"Times {times}. From {begins}, or from the oldest linked thing.{left_out if account.left_out else ''}"
    rows = tuple(moment_cells(moment, zone, usual) for moment in account.timeline)
    return Paragraph(intro), Table(("When", "What", "Who, where"), rows)


def _worked(account: IncidentAccount) -> Iterator[Block]:
    if account.incident.worked:
        yield Bullets(tuple(map(on_one_line, account.incident.worked)))
    else:
        yield Paragraph("Nothing is recorded.")
        yield Commands((_hint(account, "To say what helped", "review", "--worked", "TEXT"),))


def _fix(account: IncidentAccount, zone: tzinfo) -> Iterator[Block]:
    incident = account.incident
    change = account.change(incident.fix)
    entries = [("Way to users", PATHS[incident.path])] if incident.path else []
    if change is not None:
        entries.append(("Change", f"{change.id} ({change.title}), {change.status}{f', by {change.actor}' if change.actor else ''}"))
        entries += [("Finished", f"{minute(change.finished_at, zone)}{_too_early(account, change)}")] if change.finished_at else []
    if account.good_again is not None:
        entries.append(
            ("Seen working", f"{minute(account.good_again.at, zone)}{f', by {account.good_again.actor}' if account.good_again.actor else ''}")
        )
    if entries:
        yield Fields(tuple(entries))
    if change is None:
        yield Paragraph("No change carries the fix, as far as is recorded.")
        yield Commands((_hint(account, "To name it", "update", "--fix", "CHG-…", "--path", "hotfix"),))


def _too_early(account: IncidentAccount, change: Change) -> str:
    """That a fix was over before the trouble began, where it was."""
    return ": it ended before the trouble began, and can hardly be what helped" if account.incident.began_after(change) else ""


def _actions(account: IncidentAccount, zone: tzinfo) -> Iterator[Block]:
    actions = account.incident.actions
    if actions:
        yield Numbered(tuple((action.number, action_words(action, account.made_at, zone)) for action in actions))
    else:
        yield Paragraph("None is recorded.")
        yield Commands((_hint(account, "To add one", "action", "add", "TEXT", "--owner", "NAME", "--due", "DATE"),))


def _appendix(account: IncidentAccount, zone: tzinfo) -> Iterator[Block]:
    yield Paragraph("What changed before it began, as the ledger answers it:")
    yield Commands(tuple(question(target, account).in_zone(zone) for target in account.incident.targets))


def _hint(account: IncidentAccount, purpose: str, verb: str, *rest: str) -> Hint:
    return Hint(purpose, ("ledger", "incident", verb, account.incident.id, *rest))
