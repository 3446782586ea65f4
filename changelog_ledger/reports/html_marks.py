"""The marks on the time axis: bars for changes, points for evidence, folded where they would lie upon each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from changelog_ledger.model.change import Change
from changelog_ledger.model.evidence import Evidence, Op
from changelog_ledger.model.report import Report
from changelog_ledger.reports.html_escape import escaped
from changelog_ledger.reports.phrases import change_words, shortlist
from changelog_ledger.reports.times import clock
from changelog_ledger.reports.values import attribution, place

_NEAR = 26.0
"""Closer than this, marks or their numbers would lie upon each other."""

_BAR, _GAP, _ROWS = 9.0, 3.0, 4
_LEAST = 5.0
_MOST = 400
_TOLD = 5
_WORDS = 300


@dataclass(frozen=True, slots=True)
class Place:
    """From instants to places on the axis; what lies beyond an end is drawn at the end."""

    begin: datetime
    end: datetime
    left: float
    right: float

    def __call__(self, moment: datetime) -> float:
        """Where ``moment`` is, from the left."""
        share = (moment - self.begin) / (self.end - self.begin)
        return round(self.left + min(max(share, 0.0), 1.0) * (self.right - self.left), 1)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A mark as SVG around its lane's middle, and how much of the lane it takes."""

    svg: str
    depth: float = 14.0


def change_bars(report: Report, ranks: Mapping[str, int], at: Place, zone: tzinfo) -> list[Drawn]:
    """A bar for each change: as it was made in full, as it was planned in outline; up to four at a time lie above each other."""
    changes = sorted((change for change in report.changes if change.begins), key=lambda change: (change.begins or report.made_at, change.id))
    ends = [-1.0] * _ROWS
    drawn = []
    for change in changes[:_MOST]:
        begin, end = _extent(change, at)
        room = 14.0 if change.id in ranks else 0.0
        row = next((number for number, used in enumerate(ends) if used + 2 <= begin - room), _ROWS - 1)
        ends[row] = max(ends[row], end)
        words = _change_words(change, report, zone)
        drawn.append(Drawn(_bar(change, ranks.get(change.id), row, words, at), 14.0 + row * (_BAR + _GAP)))
    return drawn


def _extent(change: Change, at: Place) -> tuple[float, float]:
    moments = [each for each in (change.planned_start, change.planned_end, change.started_at, change.finished_at) if each]
    begin = min(at(each) for each in moments)
    return begin, max(max(at(each) for each in moments), begin + _LEAST)


def _bar(change: Change, rank: int | None, row: int, words: str, at: Place) -> str:
    middle = -row * (_BAR + _GAP)
    planned = made = ""
    if change.planned_start and change.planned_end:
        planned = _rectangle("planned", at(change.planned_start), at(change.planned_end), middle)
    if change.started_at:
        made = _rectangle("made", at(change.started_at), at(change.finished_at or change.started_at), middle)
    elif change.planned_start and not planned:
        planned = _rectangle("planned", at(change.planned_start), at(change.planned_start), middle)
    begin, _ = _extent(change, at)
    number = f'<text class="rank" x="{begin - 3:g}" y="{middle + 4.5:g}" text-anchor="end">{rank}</text>' if rank else ""
    return f'<g class="change">{planned}{made}{number}<title>{escaped(words, 2 * _WORDS)}</title></g>'


def _rectangle(kind: str, begin: float, end: float, middle: float) -> str:
    return f'<rect class="{kind}" x="{begin:g}" y="{middle - _BAR / 2:g}" width="{max(end - begin, _LEAST):g}" height="{_BAR:g}" rx="2"/>'


def _change_words(change: Change, report: Report, zone: tzinfo) -> str:
    assert change.begins is not None
    unusual = change_words(change)
    why = next((ruled.why for ruled in report.ruled_out if ruled.change == change.id), "")
    parts = (
        f"{change.id} {change.title[:_WORDS]}",
        unusual,
        clock(change.begins, zone, report.made_at),
        f"on {shortlist([place(target) for target in change.on])}" if change.on else "",
        f"ruled out: {why[:_WORDS]}" if why else "",
    )
    return ", ".join(filter(None, parts))


def points(pieces: Sequence[Evidence], ranks: Mapping[str, int], at: Place, zone: tzinfo, now: datetime) -> list[Drawn]:
    """A point for each piece; those that would lie upon each other become one with their number."""
    return [Drawn(_point(group, ranks, at, zone, now)) for group in _folded(pieces, at)]


def _folded(pieces: Sequence[Evidence], at: Place) -> Iterator[list[Evidence]]:
    """Neighbours within a mark's breadth, unlogged ones apart from the others: they look different."""
    for unlogged in (False, True):
        group: list[Evidence] = []
        for piece in sorted((each for each in pieces if each.unlogged is unlogged), key=lambda each: (each.seen_at, each.id)):
            if group and at(piece.seen_at) - at(group[0].seen_at) > _NEAR:
                yield group
                group = []
            group.append(piece)
        if group:
            yield group


def _point(group: Sequence[Evidence], ranks: Mapping[str, int], at: Place, zone: tzinfo, now: datetime) -> str:
    first = group[0]
    x = round(sum(at(piece.seen_at) for piece in group) / len(group), 1)
    kind = "unlogged" if first.unlogged else "explained"
    begin, end = min(at(piece.not_before) for piece in group), max(at(piece.not_after) for piece in group)
    uncertain = f'<line x1="{begin:g}" x2="{end:g}" y1="0" y2="0"/>' if first.unlogged and end > begin else ""
    rank = min((ranks[piece.id] for piece in group if piece.id in ranks), default=None)
    labels = [str(rank)] * (rank is not None) + [f"×{len(group):,}"] * (len(group) > 1)
    label = f'<text class="rank" x="{x:g}" y="-9" text-anchor="middle">{" ".join(labels)}</text>' if labels else ""
    return f'<g class="{kind}">{uncertain}{_shape(first, x)}{label}<title>{escaped(_told(group, zone, now), _TOLD * _WORDS)}</title></g>'


def _shape(piece: Evidence, x: float) -> str:
    if piece.op is Op.OBSERVED:
        return f'<path d="M{x:g} -7l7 12h-14z"/>'
    return f'<path d="M{x:g} -7l7 7l-7 7l-7-7z"/>' if piece.unlogged else f'<circle cx="{x:g}" cy="0" r="5"/>'


def _told(group: Sequence[Evidence], zone: tzinfo, now: datetime) -> str:
    words = [f"{attribution(piece)}: {place(piece.target)} {piece.summary[:_WORDS]}, {clock(piece.seen_at, zone, now)}" for piece in group[:_TOLD]]
    return "; ".join([*words, *([f"and {len(group) - _TOLD:,} more"] if len(group) > _TOLD else [])])
