"""The sentences about an incident that its reports share."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, tzinfo

from changelog_ledger.model.change import Change
from changelog_ledger.model.incident import CAUSES, Action, Incident, IncidentAccount, Link, LinkKind, Moment, MomentKind
from changelog_ledger.model.times import format_instant
from changelog_ledger.model.topology import Target, TargetKind
from changelog_ledger.reports.escape import shell_word
from changelog_ledger.reports.hints import Hint
from changelog_ledger.reports.phrases import listed
from changelog_ledger.reports.times import day_of, length, minute, offset
from changelog_ledger.reports.values import place

BEFORE_A_CAUSE = timedelta(minutes=1)
"""What happened at the very beginning of a window is not in it."""

LONGEST_PROSE = 20_000
"""Characters of what somebody has written that a page shows; who wants more asks for JSON."""

LONGEST_LINE = 2_000
"""Characters of an item of a list, or a cell of a table."""

PATHS = {
    "hotfix": "a hotfix",
    "patch": "a patch",
    "next-release": "the next release",
    "planned-maintenance": "a planned maintenance",
    "customer-fix": "a fix that customers make themselves",
}


def standing_words(incident: Incident) -> str:
    """``SEV2, priority 3 (impact medium, urgency medium), resolved``."""
    return f"SEV{incident.severity}, priority {incident.priority} (impact {incident.impact}, urgency {incident.urgency}), {incident.state}"


def paragraphs(text: str) -> tuple[str, ...]:
    """The paragraphs of a free text: what its line ends separate. Of a long text the beginning, and how much more there is."""
    return tuple(filter(None, (part.strip() for part in _cut(text, LONGEST_PROSE).split("\n"))))


def on_one_line(text: str) -> str:
    """A free text where line ends have no place. Of a long one the beginning, and how much more there is."""
    return " ".join(_cut(text, LONGEST_LINE).split())


def _cut(text: str, room: int) -> str:
    more = len(text) - room
    return text if more <= 0 else f"{text[:room]} … {more:,} more characters: in JSON it is whole"


def action_words(action: Action, now: datetime, zone: tzinfo) -> str:
    """``update the runbook; owner bob; due 2026-12-01, OVERDUE``; days are those of the reader's zone."""
    today = day_of(now, zone)
    due = f"due {action.due.isoformat()}{', OVERDUE' if action.is_overdue(today) else ''}" if action.due else "no date"
    done = f"done {day_of(action.done_at, zone).isoformat()}{f' by {action.done_by}' if action.done_by else ''}" if action.done_at else ""
    return "; ".join((on_one_line(action.text), f"owner {action.owner}" if action.owner else "no owner", done or due))


def summary_words(account: IncidentAccount, zone: tzinfo) -> str:
    """What happened, in a few sentences from what is recorded: onset, trigger, end, fix; nothing that nobody knows."""
    incident = account.incident
    return " ".join(filter(None, (_onset(incident, zone), _trigger(account, zone), _end(incident, zone), _fix(account))))


def _onset(incident: Incident, zone: tzinfo) -> str:
    symptom = f": {on_one_line(incident.symptom)}" if incident.symptom else ""
    noticed = f" It was noticed {length(incident.detected_at - incident.began_at)} later." if incident.detected_at > incident.began_at else ""
    return f"{listed([place(target) for target in incident.targets])} had trouble from {minute(incident.began_at, zone)}{symptom}.{noticed}"


def _trigger(account: IncidentAccount, zone: tzinfo) -> str:
    confirmed = account.incident.links_of(LinkKind.CONFIRMED)
    if not confirmed:
        return f"It was set off by this: {on_one_line(account.incident.trigger)}." if account.incident.trigger else "What set it off is not known."
    said = []
    for link in confirmed:
        when = f" of {minute(link.happened_at, zone)}" if link.happened_at else ""
        said.append(f"{link_name(link)}{when} ({logged_words(account, link).partition(': ')[0]})")
    return f"Confirmed as what set it off: {listed(said)}."


def _end(incident: Incident, zone: tzinfo) -> str:
    if incident.resolved_at is None:
        working = f"Users could work again from {minute(incident.mitigated_at, zone)}; the cause is still there." if incident.mitigated_at else ""
        return working or "It is not over."
    mitigated = incident.mitigated_at
    between = f" In between users could work: {between_words(incident, zone)}." if incident.working_between else ""
    first = f"Users could work again after {length(mitigated - incident.began_at)}; it" if mitigated and mitigated < incident.resolved_at else "It"
    return f"{first} was resolved at {minute(incident.resolved_at, zone)}, after {length(incident.resolved_at - incident.began_at)}.{between}"


def affected_words(incident: Incident, zone: tzinfo) -> str:
    """How long users could not work; the time between its end and its reopening does not count."""
    between = incident.working_between
    if incident.users_out_for is None:
        still = "Users are still affected, as far as is recorded."
        return f"{still} They could work in between: {between_words(incident, zone)}." if between else still
    without = sum((period.until - period.since for period in between), timedelta(0))
    uncounted = f", without {length(without)} in which they could work before it was reopened: {between_words(incident, zone)}" if between else ""
    return f"Users were affected for {length(incident.users_out_for)}{uncounted}."


def between_words(incident: Incident, zone: tzinfo) -> str:
    """``from Sat 21 Nov 2026 14:03 +01:00 to Sat 21 Nov 2026 15:00 +01:00``: when users could work although it came back."""
    return listed([f"from {minute(period.since, zone)} to {minute(period.until, zone)}" for period in incident.working_between])


def _fix(account: IncidentAccount) -> str:
    incident = account.incident
    change = account.change(incident.fix)
    path = f" as {PATHS[incident.path]}" if incident.path else ""
    if change is None:
        return f"The fix reaches users{path}." if path else ""
    return f"The fix is {change.id} ({change.title}), which {_outcome(change)}{f'; it reaches users{path}' if path else ''}."


def _outcome(change: Change) -> str:
    return (
        f"is {change.status}"
        if change.is_open
        else str(change.status).replace("rolled-back", "was rolled back").replace("cancelled", "was cancelled")
    )


def link_name(link: Link) -> str:
    """``CHG-7K3M9Q (Raise worker limit)``, ``web-01 /etc/app.ini db/host db-01 → db-02 (EV-…)``, or the text as it was linked."""
    return on_one_line(link.name)


def logged_words(account: IncidentAccount, link: Link) -> str:
    """Whether it was logged, and by whom, as the record has it."""
    change = account.change(link.what)
    if change is not None:
        by = f" by {change.actor}" if change.actor else ""
        return f"logged{by}{', after it had been made' if change.logged_after else ''}"
    pieces = [piece for piece in account.evidence_of(link.what) if link.what in (piece.id, *piece.parts)]
    if not pieces:
        return "not in the record any more" if link.what.startswith(("CHG-", "EV-")) else "outside the record"
    piece = pieces[0]
    by = f", by {piece.actor}" if piece.actor else ""
    why = f": {piece.because}" if piece.because else ""
    return f"no change explains it{by}{why}" if piece.unlogged else f"explained by {piece.explained_by}{by}"


def moment_cells(moment: Moment, zone: tzinfo, usual_offset: str) -> tuple[str, str, str]:
    """When, what, and who and where. The offset is said where it is not the usual one."""
    end = f" (until {stamp(moment.until, zone, usual_offset)})" if moment.until else ""
    role = f"[{moment.role}] " if moment.role else ""
    also = f" ({moment.what})" if moment.what.startswith(("CHG-", "EV-")) and moment.what not in moment.text else ""
    text = f"users were told: {_told(moment.text)}" if moment.kind is MomentKind.TOLD else on_one_line(moment.text)
    note = "note: " if moment.kind is MomentKind.NOTE else ""
    who = ", ".join(filter(None, [moment.actor, place(moment.where) if moment.where else ""]))
    return stamp(moment.at, zone, usual_offset), role + note + text + also + end, who


def _told(text: str) -> str:
    """The heading of what users were told and what it says; the table of times and names below is left to the whole text."""
    first, *more = filter(None, (on_one_line(part) for part in re.split(r"\n\s*\n", text)))
    says = f"{first.rstrip('.')}. {more[0]}" if more else first
    return says + (" …" if more[1:] else "")


def stamp(moment: datetime, zone: tzinfo, usual_offset: str) -> str:
    """``2026-11-21 14:03:05``, and the offset where it is not the usual one."""
    local = moment.astimezone(zone)
    return f"{local:%Y-%m-%d %H:%M:%S}" + ("" if offset(local) == usual_offset else f" {offset(local)}")


def question(target: Target, account: IncidentAccount) -> Hint:
    """The command that asks again what changed before the trouble began, from when it last worked or from the oldest cause that is linked."""
    named = target.name if target.kind is TargetKind.HOST else str(target)
    incident = account.incident
    words = ["ledger", "what-changed", shell_word(named)]
    causes = [link.happened_at for link in incident.links if link.kind in CAUSES and link.happened_at]
    since = min([*causes, *([account.since] if account.since else [])], default=None)
    words += ["--since", format_instant(since - BEFORE_A_CAUSE if since in causes else since)] if since else []
    words += ["--until", format_instant(incident.began_at)]
    words += ["--symptom", shell_word(incident.symptom)] if incident.symptom else []
    return Hint("", tuple(words))
