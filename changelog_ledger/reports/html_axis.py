"""The time axis of the HTML report: an inline SVG with what was logged, what was found, the marks and the onset."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from changelog_ledger.model.change import Change
from changelog_ledger.model.evidence import Evidence
from changelog_ledger.model.report import Basis, Report
from changelog_ledger.reports.html_escape import escaped
from changelog_ledger.reports.phrases import shortlist
from changelog_ledger.reports.times import clock, short_clock
from changelog_ledger.reports.values import attribution, place

_LEFT, _RIGHT, _TOP = 130.0, 880.0, 34.0
_LANE = 26.0
_MOST = 400
_STEPS = (60, 300, 900, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 86400, 2 * 86400, 7 * 86400, 30 * 86400, 91 * 86400, 365 * 86400)


@dataclass(frozen=True, slots=True)
class _Scale:
    """From instants to places on the axis."""

    begin: datetime
    end: datetime

    def at(self, moment: datetime) -> float:
        share = (moment - self.begin) / (self.end - self.begin)
        return round(_LEFT + min(max(share, 0.0), 1.0) * (_RIGHT - _LEFT), 1)


def time_axis(report: Report, zone: tzinfo) -> str:
    """The picture. Shapes differ as well as colours, and every mark has its words as a title."""
    scale = _scale(report)
    lanes = (
        ("unlogged", [_diamond(piece, scale, report, zone) for piece in report.unlogged[:_MOST]]),
        ("explained", [_dot(piece, scale, report, zone) for piece in report.evidence if not piece.unlogged][:_MOST]),
        ("logged changes", [_bar(change, scale, report, zone) for change in report.changes[:_MOST] if change.begins]),
    )
    height = _TOP + _LANE * len(lanes) + 30
    parts = [f'<svg viewBox="0 0 900 {height:g}" role="img" aria-label="What happened when">']
    parts += _ticks(scale, report, zone, height - 24)
    for number, (name, marks) in enumerate(lanes):
        middle = _TOP + _LANE * (number + 0.5)
        parts.append(f'<text class="lane" x="{_LEFT - 12:g}" y="{middle + 4:g}" text-anchor="end">{name}</text>')
        parts.append(f'<line class="rail" x1="{_LEFT:g}" x2="{_RIGHT:g}" y1="{middle:g}" y2="{middle:g}"/>')
        parts.append(f'<g transform="translate(0 {middle:g})">{"".join(marks)}</g>')
    parts += _marks(scale, report, zone, height - 24)
    return "\n".join([*parts, "</svg>"])


def _scale(report: Report) -> _Scale:
    """The window, and what the report mentions after it: that it came too late is worth seeing."""
    window = report.window
    moments = [window.until, *([window.onset] if window.onset else []), *(change.begins for change in report.changes if change.begins)]
    end = min(max(moments), max(report.made_at, window.until))
    return _Scale(window.since, max(end, window.since + timedelta(minutes=1)))


def _ticks(scale: _Scale, report: Report, zone: tzinfo, bottom: float) -> Iterator[str]:
    seconds = (scale.end - scale.begin).total_seconds()
    step = next((each for each in _STEPS if seconds / each <= 7), seconds / 7)
    offset = (scale.begin.astimezone(zone).utcoffset() or timedelta(0)).total_seconds()
    first = scale.begin.timestamp() + offset
    moment = scale.begin + timedelta(seconds=step - first % step)
    while moment < scale.end:
        x = scale.at(moment)
        yield f'<line class="tick" x1="{x:g}" x2="{x:g}" y1="{_TOP:g}" y2="{bottom:g}"/>'
        yield f'<text class="tick" x="{x:g}" y="{bottom + 16:g}" text-anchor="middle">{_tick_words(moment, step, report, zone)}</text>'
        moment += timedelta(seconds=step)


def _tick_words(moment: datetime, step: float, report: Report, zone: tzinfo) -> str:
    if step < 86400:
        return short_clock(moment, zone, report.made_at)
    return " ".join(clock(moment, zone, report.made_at).split(" ")[1:-2])


def _marks(scale: _Scale, report: Report, zone: tzinfo, bottom: float) -> Iterator[str]:
    window = report.window
    begin = {Basis.LAST_GOOD: "✓ last good", Basis.FIRST_SNAPSHOT: "first snapshot"}.get(window.since_basis, "from")
    yield _upright("good" if window.since_basis is Basis.LAST_GOOD else "edge", window.since, begin, scale, report, zone, bottom)
    if window.onset:
        yield _upright("onset", window.onset, "✗ onset", scale, report, zone, bottom)
    if window.until != window.onset:
        yield _upright("edge", window.until, "until", scale, report, zone, bottom)


def _upright(kind: str, moment: datetime, name: str, scale: _Scale, report: Report, zone: tzinfo, bottom: float) -> str:
    x = scale.at(moment)
    anchor = "start" if x < _LEFT + 200 else "end"
    words = f"{name}, {short_clock(moment, zone, report.made_at)}"
    return (
        f'<g class="{kind}"><line x1="{x:g}" x2="{x:g}" y1="{_TOP - 12:g}" y2="{bottom:g}"/>'
        f'<text x="{x:g}" y="{_TOP - 18:g}" text-anchor="{anchor}">{escaped(words)}</text></g>'
    )


def _diamond(piece: Evidence, scale: _Scale, report: Report, zone: tzinfo) -> str:
    x = scale.at(piece.seen_at)
    span = f'<line x1="{scale.at(piece.not_before):g}" x2="{scale.at(piece.not_after):g}" y1="0" y2="0"/>'
    return f'<g class="unlogged">{span}<path d="M{x:g} -8l8 8l-8 8l-8-8z"/>{_words(piece, report, zone)}</g>'


def _dot(piece: Evidence, scale: _Scale, report: Report, zone: tzinfo) -> str:
    return f'<g class="explained"><circle cx="{scale.at(piece.seen_at):g}" cy="0" r="5"/>{_words(piece, report, zone)}</g>'


def _words(piece: Evidence, report: Report, zone: tzinfo) -> str:
    return f"<title>{escaped(f'{attribution(piece)}: {place(piece.target)} {piece.summary}, {clock(piece.seen_at, zone, report.made_at)}')}</title>"


def _bar(change: Change, scale: _Scale, report: Report, zone: tzinfo) -> str:
    assert change.begins is not None
    begin = scale.at(change.begins)
    end = scale.at(change.finished_at or change.planned_end or change.begins)
    words = f"{change.id} {change.title}, {clock(change.begins, zone, report.made_at)}, on {shortlist([place(target) for target in change.on])}"
    return f'<g class="change"><rect x="{begin:g}" y="-7" width="{max(end - begin, 5):g}" height="14" rx="2"/><title>{escaped(words)}</title></g>'
