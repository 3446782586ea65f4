"""The time axis of the HTML report: an inline SVG with what was logged, what was found, the marks and the onset. Shapes differ as well as colours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from changelog_ledger.model.evidence import Evidence, Op
from changelog_ledger.model.report import Basis, Report
from changelog_ledger.reports.html_escape import escaped
from changelog_ledger.reports.html_marks import Drawn, Place, change_bars, points
from changelog_ledger.reports.html_ticks import ticks, zone_words
from changelog_ledger.reports.phrases import count, summary
from changelog_ledger.reports.times import clock, short_clock
from changelog_ledger.reports.verdict import LOOKED_AT_FIRST

_ROW = 17.0
_ROOM = 8.0
_PLANNED_AHEAD = 0.03
"""How much of the axis lies on either side of what it shows."""

LEGEND = (
    "◆ unlogged difference · ○ explained difference · ▲ unlogged observation, △ explained · ■ change as it was made, "
    "dashed as it was planned · 1, 2, 3: the first suspects · ×4: four at about the same time"
)


@dataclass(frozen=True, slots=True)
class _Frame:
    """How the picture is laid out for a width.

    :ivar label_above: names of the lanes stand above them instead of beside them.
    """

    name: str
    width: float
    left: float
    right: float
    most_ticks: int
    label_above: bool


_BESIDE = 12.0
_FRAMES = (_Frame("wide", 900, 184, 880, 8, label_above=False), _Frame("narrow", 340, 12, 328, 4, label_above=True))


@dataclass(frozen=True, slots=True)
class _Lane:
    name: str
    marks: list[Drawn]

    @property
    def depth(self) -> float:
        return max((mark.depth for mark in self.marks), default=0.0)


def time_axis(report: Report, zone: tzinfo) -> str:
    """Two pictures of the same, one for wide and one for narrow screens; the style sheet shows one of them. What they show stands below in words."""
    pictures = "\n".join("\n".join(_picture(report, zone, frame)) for frame in _FRAMES)
    return f'<figure class="axis">\n{pictures}\n<figcaption>{LEGEND}</figcaption>\n</figure>'


def _picture(report: Report, zone: tzinfo, frame: _Frame) -> Iterator[str]:
    at = _place(report, frame)
    uprights = list(_uprights(report))
    top = _ROW * len(uprights) + _ROOM
    lanes = _lanes(report, zone, at)
    heights = [_height(lane, frame) for lane in lanes]
    bottom = top + sum(heights)
    name = f"axis-{frame.name}"
    hidden = "" if frame.name == "wide" else ' display="none"'  # where somebody takes the style sheet away, too
    yield f'<svg class="{frame.name}"{hidden} viewBox="0 0 {frame.width:g} {bottom + 3 * _ROW:g}" role="img" aria-labelledby="{name} {name}-words">'
    yield f'<title id="{name}">What happened when</title><desc id="{name}-words">{escaped(_words(report, zone))}</desc>'
    yield _shade(report, at, top, bottom)
    yield from _ticks(at, zone, frame, top, bottom)
    for lane, height in zip(lanes, heights, strict=True):
        yield from _lane(lane, frame, top, height)
        top += height
    for row, (kind, moment, label) in enumerate(uprights):
        words = f"{label}, {short_clock(moment, zone, report.made_at)}"
        yield _upright(kind, at(moment), words, frame, _ROW * (row + 1) - 4, bottom)
    yield "</svg>"


def _place(report: Report, frame: _Frame) -> Place:
    """The window, and what the report mentions after it: that it came too late is worth seeing."""
    window = report.window
    moments = [window.until, *([window.onset] if window.onset else []), *(change.begins for change in report.changes if change.begins)]
    end = max(min(max(moments), max(report.made_at, window.until)), window.since + timedelta(seconds=1))
    margin = (end - window.since) * _PLANNED_AHEAD
    return Place(window.since - margin, end + margin, frame.left, frame.right)


def _lanes(report: Report, zone: tzinfo, at: Place) -> list[_Lane]:
    observed = [piece for piece in report.evidence if piece.op is Op.OBSERVED]
    unlogged = [piece for piece in report.evidence if piece.op is not Op.OBSERVED and piece.unlogged]
    explained = [piece for piece in report.evidence if piece.op is not Op.OBSERVED and not piece.unlogged]
    ranks = {name: suspect.rank for suspect in report.suspects[:LOOKED_AT_FIRST] for name in (suspect.change, *suspect.evidence[:1]) if name}

    def drawn(pieces: list[Evidence]) -> list[Drawn]:
        return points(pieces, ranks, at, zone, report.made_at)

    return [
        _Lane("logged changes", change_bars(report, ranks, at, zone)),
        _Lane("unlogged edits", drawn(unlogged)),
        _Lane("explained edits", drawn(explained)),
        _Lane("observations", drawn(observed)),
    ]


def _height(lane: _Lane, frame: _Frame) -> float:
    return 34.0 + max(0.0, lane.depth - 14.0) + (14.0 if frame.label_above else 0.0)


def _lane(lane: _Lane, frame: _Frame, top: float, height: float) -> Iterator[str]:
    middle = top + height - 14
    name = lane.name if lane.marks else f"{lane.name}: none"
    if frame.label_above:
        yield f'<text class="lane" x="{frame.left + 16:g}" y="{top + 13:g}">{name}</text>'
    else:
        yield f'<text class="lane" x="{frame.left - _BESIDE:g}" y="{middle + 4:g}" text-anchor="end">{name}</text>'
    yield f'<line class="rail" x1="{frame.left:g}" x2="{frame.right:g}" y1="{middle:g}" y2="{middle:g}"/>'
    yield f'<g transform="translate(0 {middle:g})">{"".join(mark.svg for mark in lane.marks)}</g>'


def _shade(report: Report, at: Place, top: float, bottom: float) -> str:
    begin, end = at(report.window.since), at(report.window.until)
    return f'<rect class="window" fill="#88888833" x="{begin:g}" y="{top:g}" width="{max(end - begin, 1):g}" height="{bottom - top:g}"/>'


def _ticks(at: Place, zone: tzinfo, frame: _Frame, top: float, bottom: float) -> Iterator[str]:
    for tick in ticks(at.begin, at.end, zone, frame.most_ticks):
        x = at(tick.at)
        anchor = _anchor(x, frame)
        yield f'<line class="tick" x1="{x:g}" x2="{x:g}" y1="{top:g}" y2="{bottom + 4:g}"/>'
        yield f'<text class="tick" x="{x:g}" y="{bottom + _ROW:g}" text-anchor="{anchor}">{tick.words}</text>'
        if tick.below:
            yield f'<text class="tick" x="{x:g}" y="{bottom + 2 * _ROW - 2:g}" text-anchor="{anchor}">{tick.below}</text>'
    words = zone_words(at.begin, at.end, zone)
    yield f'<text class="tick" x="{frame.right:g}" y="{bottom + 3 * _ROW - 4:g}" text-anchor="end">{words}</text>'


def _anchor(x: float, frame: _Frame) -> str:
    """Words near an edge stay within the picture."""
    if x - frame.left < 20 and frame.label_above:
        return "start"
    return "end" if frame.width - x < 36 else "middle"


def _uprights(report: Report) -> Iterator[tuple[str, datetime, str]]:
    """The marks and edges as lines through all lanes: kind, time, name."""
    window = report.window
    by_mark = window.since_basis is Basis.LAST_GOOD
    name = {Basis.LAST_GOOD: "✓ last good", Basis.FIRST_SNAPSHOT: "first snapshot"}.get(window.since_basis, "from")
    yield ("good" if by_mark else "edge", window.since, name)
    if window.onset:
        yield ("onset", window.onset, "✗ onset")
    if window.until != window.onset:
        yield ("edge", window.until, "until")


def _upright(kind: str, x: float, words: str, frame: _Frame, y: float, bottom: float) -> str:
    before = x > (frame.left + frame.right) / 2
    anchor, gap = ("end", -5) if before else ("start", 5)
    return (
        f'<g class="{kind}"><line x1="{x:g}" x2="{x:g}" y1="{y - 10:g}" y2="{bottom:g}"/>'
        f'<text x="{x + gap:g}" y="{y:g}" text-anchor="{anchor}">{escaped(words)}</text></g>'
    )


def _words(report: Report, zone: tzinfo) -> str:
    """The picture for who does not see it; the evidence itself stands below in a table."""
    window = report.window
    onset = f", the onset at {clock(window.onset, zone, report.made_at)}" if window.onset else ""
    begin, end = clock(window.since, zone, report.made_at), clock(window.until, zone, report.made_at)
    shown = count(len(report.changes), "logged change")
    return f"A time axis from {begin} to {end}{onset}: {shown}, {count(len(report.evidence), 'piece')} of evidence. {summary(report, zone)}."
