"""Failing hosts beside working ones, for a terminal and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import tzinfo

from changelog_ledger.model.peers import PeerComparison, PeerDifference, PeerFold, PeerValue
from changelog_ledger.model.report import Report
from changelog_ledger.model.times import format_instant
from changelog_ledger.reports import phrases
from changelog_ledger.reports.escape import printable
from changelog_ledger.reports.json_values import Document
from changelog_ledger.reports.layout import Line, Span, brief, flow, line, shortened_middle
from changelog_ledger.reports.style import Role, Style
from changelog_ledger.reports.times import short_clock

SHOWN = 5
_REASONS = 2
_ABOUT = {
    "list": "its items",
    "order": "the order",
    "file": "whether it is there",
    "layout": "comments or white space",
    "metadata": "type, mode, owner",
}


def peer_lines(report: Report, style: Style) -> Iterator[Line]:
    """The first differences between the failing hosts and the working ones; nothing where none were compared."""
    peers = report.peers
    if peers is None:
        return
    yield ()
    yield from flow(line(Span("PEERS", Role.HEADING), f"  {peers_words(peers)}"), style.columns, hang=4, first=0)
    for number, found in enumerate(peers.differences[:SHOWN], 1):
        what = shortened_middle(place_words(found), 3 * style.columns)
        yield from flow(line(f"{number}. {found.score:.2f}  ", Span(what, Role.SUSPECT)), style.columns, hang=4, first=2)
        said = "; ".join(brief(reason, 3 * style.columns) for reason in found.reasons[:_REASONS])
        yield from flow(line(said), style.columns, hang=6, first=4)
        more = since_words(found, report, style.zone)
        if more:
            yield from flow(line(Span(more, Role.DIM)), style.columns, hang=6, first=4)
    for remark in remarks(peers):
        yield from flow(line(Span(remark, Role.DIM)), style.columns, hang=6, first=4)


def peers_words(peers: PeerComparison) -> str:
    """Who is compared with whom, and how many keys set the failing hosts apart."""
    basis = {"same service": " of the same service", "same tag": " with the same tag", "marks": ", by their last marks"}.get(peers.basis, "")
    sides = f"{phrases.shortlist([printable(host) for host in peers.failing])} against {phrases.count(len(peers.working), 'working host')}{basis}"
    number = phrases.count(peers.total, "difference") if peers.total else "no difference"
    return f"{sides}: {number}"


def place_words(found: PeerDifference) -> str:
    """``/etc/php.ini memory_limit``, or what it is about where that is no key."""
    parts = [printable(found.path), printable(found.key) if found.key else ""]
    parts += [f"({_ABOUT[found.about]})"] if found.about in _ABOUT and (found.about != "list" or not found.key) else []
    return " ".join(filter(None, parts))


def since_words(found: PeerDifference, report: Report, zone: tzinfo) -> str:
    """Since when, and by which change."""
    since = f"since {short_clock(found.since, zone, report.made_at)}" if found.since else ""
    by = f"explained by {', '.join(printable(change) for change in found.explained_by)}" if found.explained_by else ""
    return ", ".join(filter(None, (since, by or ("UNLOGGED" if found.evidence else ""))))


def remarks(peers: PeerComparison) -> Iterator[str]:
    """What is not listed, in numbers."""
    hidden = peers.total - min(SHOWN, len(peers.differences))
    if hidden > 0:
        yield f"… {phrases.count(hidden, 'more difference')}: --format json"
    counted = [f"{_keys(peers.common, 'differs', 'differ')} among the working hosts as well"] if peers.common else []
    counted += [f"{_folded(peers.folded)} each host's own"] if peers.folded else []
    counted += [f"{_folded(peers.noise)} noise"] if peers.noise else []
    if counted:
        yield f"left out: {', '.join(counted)}"
    yield from _limits(peers.limits)


def _limits(limits: Sequence[PeerFold]) -> Iterator[str]:
    """What could not be compared to the full: never in silence."""
    missing = [f"{printable(each.path)} ({', '.join(each.why)} on {phrases.count(each.count, 'host')})" for each in limits if each.count]
    whole = [f"{printable(each.path)} ({', '.join(each.why)})" for each in limits if not each.count]
    for words, paths in (("not compared where its content was not kept", missing), ("compared as a whole", whole)):
        if paths:
            more = f" and {len(paths) - SHOWN:,} more: --format json" if len(paths) > SHOWN else ""
            yield f"{words}: {', '.join(paths[:SHOWN])}{more}"


def _folded(folded: Sequence[PeerFold]) -> str:
    return _keys(sum(each.count for each in folded), "is", "are")


def _keys(number: int, one: str, several: str) -> str:
    """``1 key that is``, ``2 keys that are``."""
    return f"{phrases.count(number, 'key')} that {one if number == 1 else several}"


def peers_value(peers: PeerComparison | None) -> Document | None:
    """``peers`` of ``what-changed --json``."""
    if peers is None:
        return None
    return {
        "basis": peers.basis,
        "failing": list(peers.failing),
        "working": list(peers.working),
        "differences": [_difference(each) for each in peers.differences],
        "differences_total": peers.total,
        "common": peers.common,
        "folded": [_fold(each, "kinds") for each in peers.folded],
        "noise": [_fold(each, "rules") for each in peers.noise],
        "limits": [_fold(each, "why") for each in peers.limits],
        "left_out": [{"host": each.host, "why": each.why} for each in peers.left_out],
    }


def _difference(found: PeerDifference) -> Document:
    return {
        "path": found.path,
        "key": found.key,
        "about": found.about,
        "score": found.score,
        "accused": list(found.accused),
        "failing": [_value(each) for each in found.failing],
        "working": [_value(each) for each in found.working],
        "reasons": list(found.reasons),
        "since": format_instant(found.since) if found.since else None,
        "evidence": list(found.evidence),
        "explained_by": list(found.explained_by),
    }


def _value(each: PeerValue) -> Document:
    return {"value": each.value, "hosts": list(each.hosts)}


def _fold(each: PeerFold, name: str) -> Document:
    return {name: list(each.why), "path": each.path, "count": each.count}
