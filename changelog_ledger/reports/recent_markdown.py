"""The recent-changes log as Markdown, for tickets and chats. A list: a table breaks on a title that holds a bar."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, tzinfo

from changelog_ledger.model.overview import TimelineEntry
from changelog_ledger.model.report import Suppressed
from changelog_ledger.reports.markdown import code, inline
from changelog_ledger.reports.noise import noise_words
from changelog_ledger.reports.recent_phrases import NOTHING, change_named, day_and_offset, marks, places_words, state_word, totals


def render_recent_markdown(
    entries: Sequence[TimelineEntry], zone: tzinfo = UTC, now: datetime | None = None, suppressed: Sequence[Suppressed] = ()
) -> str:
    """The log in the order given, by day. Nothing in a title, path or name becomes markup, a link or a mention."""
    lines = [*_days(entries, zone, now), totals(entries)] if entries else [NOTHING]
    left_out = ["", f"Left out: {inline(noise_words(suppressed))}"] if suppressed else []
    return "\n".join([*lines, *left_out]) + "\n"


def _days(entries: Sequence[TimelineEntry], zone: tzinfo, now: datetime | None) -> Iterator[str]:
    day = ""
    for entry in entries:
        today = " ".join(day_and_offset(entry.at, zone, now).split())
        if today != day:
            yield from (*([""] if day else []), f"**{inline(today)}**", "")
            day = today
        yield f"- {entry.at.astimezone(zone):%H:%M} {_entry(entry)}"
    yield ""


def _entry(entry: TimelineEntry) -> str:
    word = inline(state_word(entry))
    unusual = marks(entry)
    parts = [
        f"**{word}**" if entry.unlogged or entry.kind == "change" else word,
        f"on {inline(places_words(entry))}:" if entry.targets else "",
        _what(entry),
        f"({inline(unusual)})" if unusual else "",
        f"by {inline(entry.actor)}" if entry.actor else "",
        code(change_named(entry)) if change_named(entry) else "",
    ]
    return " ".join(filter(None, parts))


def _what(entry: TimelineEntry) -> str:
    words = f"{entry.text}: {entry.detail}" if entry.detail else entry.text
    if not entry.path or entry.path not in entry.text:
        return inline(words)
    before, _, after = words.partition(entry.path)
    return " ".join(filter(None, [inline(before.strip()) if before else "", code(entry.path), inline(after.strip()) if after.strip() else ""]))
