"""The sentences that all renderings of a what-changed report share: verdict, window, freshness, counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo

from changelog_ledger.model.change import Change, ChangeType, Status
from changelog_ledger.model.evidence import BY_ITSELF, Confidence, Evidence, Op
from changelog_ledger.model.report import Basis, Certainty, HostFreshness, Report, Suspect, SuspectKind
from changelog_ledger.model.topology import Target, TargetKind
from changelog_ledger.reports.escape import printable
from changelog_ledger.reports.layout import brief
from changelog_ledger.reports.times import ago, clock, length, relative, short_clock
from changelog_ledger.reports.values import place

BLIND = (
    "The record holds watched files, logged changes, marks and observations. "
    "It cannot see hardware, networks, data, or what others changed elsewhere."
)


def count(number: int, noun: str, many: str = "") -> str:
    """``1 difference``, ``3 differences``, ``no difference``."""
    if number == 0:
        return f"no {noun}"
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {many or noun + 's'}"


_MOST_SHOWN = 2_000


def excerpt(text: str) -> str:
    """A free text as a terminal shows it: whole, or its first 2,000 characters and how many more there are."""
    more = len(text) - _MOST_SHOWN
    return text if more <= 0 else f"{text[:_MOST_SHOWN]} … {more:,} more characters: --json has all"


def listed(words: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def subject(target: Target) -> str:
    """What the question was about."""
    return "All targets" if target.kind is TargetKind.ALL else place(target)


def logged_changes(report: Report) -> frozenset[str]:
    """The ids of the changes that are not ruled out."""
    named = {change.id for change in report.changes} | {suspect.change for suspect in report.suspects if suspect.change}
    return frozenset(named - {ruled.change for ruled in report.ruled_out})


def found_nothing(report: Report) -> bool:
    """Whether the record has no difference, no observation and no logged change to offer."""
    return not report.evidence and not report.suspects and not logged_changes(report)


def is_complaint(report: Report) -> bool:
    """Whether anybody said that something is wrong."""
    return report.window.onset is not None or bool(report.symptom)


def is_calm(report: Report) -> bool:
    """Whether nothing was found to have changed since it was seen working, and nobody says that it is broken."""
    unsure = report.verdict.confidence is Certainty.OPEN and not report.verdict.chance
    return unsure and report.window.last_good is not None and not report.evidence and not is_complaint(report)


def summary(report: Report, zone: tzinfo) -> str:
    """What was found, counted, in one line."""
    since = since_words(report, zone)
    about = subject(report.target)
    logged = count(len(logged_changes(report)), "logged change")
    left_out = sum(each.count for each in report.suppressed)
    if found_nothing(report):
        but_noise = f" but noise: {count(left_out, 'difference')} left out" if left_out else ""
        return f"{about}: Nothing in the record changed {since}{but_noise}"
    if report.unlogged:
        return f"{about}: no change explains {_counted(report.unlogged, report, since)}; {logged}"
    if report.evidence:
        return f"{about}: {_counted(report.evidence, report, since)}, all explained by {logged}{guessed_words(report)}"
    noise = f"; {count(left_out, 'difference')} left out as noise" if left_out else ""
    return f"{about}: no difference was recorded {since}, but {logged}{noise}"


def _counted(pieces: Sequence[Evidence], report: Report, since: str) -> str:
    """Pieces of evidence in numbers; of those from before the window, that they are."""
    within = [piece for piece in pieces if piece.not_after > report.window.since]
    earlier = [piece for piece in pieces if piece.not_after <= report.window.since]
    if not earlier:
        return f"{evidence_counts(within)} {since}"
    if not within:
        return f"{evidence_counts(earlier)} from before{since.removeprefix('since')} that took effect since"
    return f"{evidence_counts(within)} {since}, and {evidence_counts(earlier)} from before that took effect since"


def guessed_words(report: Report) -> str:
    """Said wherever something counts as explained though nothing but its time speaks for it."""
    guessed = sum(piece.confidence is Confidence.TIME for piece in report.evidence)
    return f" ({guessed:,} by time only)" if guessed else ""


def since_words(report: Report, zone: tzinfo) -> str:
    """``since it last worked (Tue 14:00)``."""
    when = short_clock(report.window.since, zone, report.made_at)
    match report.window.since_basis:
        case Basis.LAST_GOOD:
            return f"since it last worked ({when})"
        case Basis.FIRST_SNAPSHOT if _has_snapshots(report):
            return f"since the first snapshot ({when})"
        case _:
            return f"since {when}"


def evidence_counts(pieces: Sequence[Evidence]) -> str:
    """``3 differences and 1 observation``; what was changed back is counted by itself."""
    observed = sum(piece.op is Op.OBSERVED for piece in pieces)
    back = sum(piece.transient and piece.op is not Op.OBSERVED for piece in pieces)
    lasting = len(pieces) - observed - back
    counted = [
        count(lasting, "difference") if lasting else "",
        count(observed, "observation") if observed else "",
        count(back, "difference") + " that was changed back" if back else "",
    ]
    return listed([each for each in counted if each]).replace("differences that was", "differences that were")


def window_words(report: Report, zone: tzinfo) -> tuple[str, str]:
    """From when and until when, and on whose word."""
    window = report.window
    begin, end = clock(window.since, zone, report.made_at), clock(window.until, zone, report.made_at)
    span = length(window.until - window.since)
    return f"from {begin} ({_since_basis(report)})", f"to   {end} ({_until_basis(window.until_basis)}), {span}"


def _since_basis(report: Report) -> str:
    mark = report.window.last_good
    if report.window.since_basis is Basis.LAST_GOOD:
        by = brief(mark.source or mark.actor, 40) if mark else ""
        return f"last seen good by {by}" if by else "last seen good"
    if report.window.since_basis is Basis.FIRST_SNAPSHOT:
        return "first snapshot; nobody marked it good" if _has_snapshots(report) else "no snapshot, and nobody marked it good"
    return {Basis.GIVEN: "as asked"}.get(report.window.since_basis, "")


def _has_snapshots(report: Report) -> bool:
    """Whether there is one of any host in scope."""
    return any(look.first_at or look.last_at for look in report.freshness)


def _until_basis(basis: Basis) -> str:
    return {Basis.ONSET: "the onset", Basis.GIVEN: "as asked"}.get(basis, "now")


def onset_words(report: Report, zone: tzinfo) -> str:
    """When the trouble began, where the window's end does not say so already."""
    if report.window.onset is None:
        return "unknown: nobody marked it bad"
    return clock(report.window.onset, zone, report.made_at)


def when_words(moment: datetime, report: Report, zone: tzinfo) -> str:
    """``Tue 17 Nov 14:03:05 +01:00, 2 h before the onset``."""
    onset = report.window.onset
    distance = relative(moment, onset, "the onset") if onset else ago(moment, report.made_at)
    return f"{clock(moment, zone, report.made_at)}, {distance}"


def seen_words(suspect: Suspect, report: Report, zone: tzinfo) -> str:
    """Between which two looks an unlogged cluster came about, or empty: its time is an estimate and must not pass for more."""
    pieces = pieces_of(suspect, report)
    if suspect.kind is not SuspectKind.UNLOGGED or not pieces:
        return ""
    first, last = min(piece.not_before for piece in pieces), max(piece.not_after for piece in pieces)
    if first == last:
        return ""
    begin, end = short_clock(first, zone, report.made_at), short_clock(last, zone, report.made_at)
    if begin == end:
        return f"within the minute of {begin.rpartition(' ')[2]}"
    same_day = begin.rpartition(" ")[0] == end.rpartition(" ")[0] == short_clock(suspect.occurred_at, zone, report.made_at).rpartition(" ")[0]
    return f"between {begin.rpartition(' ')[2]} and {end.rpartition(' ')[2]}" if same_day else f"between {begin} and {end}"


def freshness_words(report: Report, zone: tzinfo) -> list[str]:
    """How old the looks at the hosts are, one sentence each: the oldest first, unread paths and hosts never seen always."""
    if not report.freshness:
        return ["no snapshot of any host in scope"]
    seen = sorted((each for each in report.freshness if each.last_at), key=lambda each: (each.last_at, each.host))
    never = [printable(each.host) for each in report.freshness if each.last_at is None]
    words = [_ages(seen, report, zone)] if seen else []
    if never:
        words.append(f"never snapshotted: {shortlist(never)}")
    return words + [_unread(each) for each in seen if each.unread]


def _ages(seen: Sequence[HostFreshness], report: Report, zone: tzinfo) -> str:
    oldest = seen[0]
    if len(seen) == 1:
        return f"the last: {_age(oldest, report, zone)}"
    return f"{len(seen)} hosts, the oldest: {_age(oldest, report, zone)}"


def _age(look: HostFreshness, report: Report, zone: tzinfo) -> str:
    assert look.last_at is not None
    onset = report.window.onset
    distance = relative(look.last_at, onset, "the onset") if onset else ago(look.last_at, report.made_at)
    return f"{printable(look.host)} {short_clock(look.last_at, zone, report.made_at)}, {distance}"


def _unread(look: HostFreshness) -> str:
    return f"{printable(look.host)} could not read {shortlist([brief(path, 120) for path in look.unread])}"


def shortlist(words: Sequence[str], shown: int = 3, *, count: int = 0) -> str:
    """``a, b, c and 5 more``.

    :param count: how many there are, where ``words`` are not all.
    """
    more = max(len(words), count) - shown
    return f"{', '.join(words[:shown])} and {more} more" if more > 0 else ", ".join(words)


def logged_words(change: Change | None) -> str:
    """``logged``, or ``logged afterwards``."""
    return "logged afterwards" if change and change.logged_after else "logged"


def change_words(change: Change | None) -> str:
    """What is unusual about it besides: ``emergency, failed``, or empty."""
    if change is None:
        return ""
    unusual = [
        change.type.value if change.type is ChangeType.EMERGENCY else "",
        "" if change.status is Status.SUCCEEDED else change.status.value,
    ]
    return ", ".join(word for word in unusual if word)


def pieces_of(suspect: Suspect, report: Report) -> list[Evidence]:
    """The evidence of a suspect, in the suspect's order."""
    by_id = {piece.id: piece for piece in report.evidence}
    return [by_id[each] for each in suspect.evidence if each in by_id]


def happened_by_itself(suspect: Suspect, report: Report) -> bool:
    """Whether it is nothing but what nobody does: a certificate that ended."""
    pieces = pieces_of(suspect, report)
    return bool(pieces) and all(piece.kind in BY_ITSELF for piece in pieces)


def elsewhere_words(suspect: Suspect) -> str:
    """``the same on 5 more hosts: hv-01, hv-02, hv-04 and 2 more``, or empty."""
    hosts = [printable(host) for host in suspect.elsewhere]
    return f"the same on {count(len(hosts), 'more host')}: {shortlist(hosts)}" if hosts else ""


_MOST_ACTORS = 3


def actor_words(pieces: Iterable[Evidence], zone: tzinfo, now: datetime) -> list[str]:
    """``alex, logged in from 10.0.0.5 (Tue 13:55)``: who may have done it, one text each. They were there; nothing shows that it was them."""
    actors = list(dict.fromkeys(actor for piece in pieces for actor in piece.possible_actors))
    words = [f"{brief(actor.actor, 40)}: {brief(actor.summary, 160)} ({short_clock(actor.at, zone, now)})" for actor in actors[:_MOST_ACTORS]]
    return [*words, *([f"{len(actors) - _MOST_ACTORS} more"] if len(actors) > _MOST_ACTORS else [])]


def evidence_by_change(report: Report) -> list[tuple[str, int]]:
    """How many pieces each change explains, most first; the unlogged under the empty id, at the front."""
    counted = Counter("" if piece.unlogged else piece.explained_by for piece in report.evidence)
    return sorted(counted.items(), key=lambda entry: (entry[0] != "", -entry[1], entry[0]))


def scope_words(report: Report) -> str:
    """``runs on web-01, web-02, web-03; depends on db-01, service:db``: what was looked at besides the target, and why; or empty."""
    around = [reach for reach in report.scope if reach.target != report.target]
    same = [place(reach.target) for reach in around if reach.distance == 0]
    next_to = [place(reach.target) for reach in around if reach.distance == 1]
    beyond = [place(reach.target) for reach in around if reach.distance > 1]
    if report.target.kind is TargetKind.ALL:
        return shortlist(next_to)
    beside = f"{'looked at' if report.peers or report.target.kind is TargetKind.HOST else 'runs on'} {shortlist(same)}" if same else ""
    if report.target.kind is TargetKind.SERVICE:
        return "; ".join(filter(None, [beside, f"depends on {shortlist([*next_to, *beyond])}" if next_to or beyond else ""]))
    depends = f", which {'depends' if len(next_to) == 1 else 'depend'} on {shortlist(beyond)}" if beyond else ""
    return "; ".join(filter(None, [f"runs {shortlist(next_to)}{depends}" if next_to else "", beside]))


def change_of(suspect: Suspect, report: Report) -> Change | None:
    """The logged change that is the suspect."""
    return next((each for each in report.changes if suspect.change and each.id == suspect.change), None)
