"""Lengths of time in the words of a remark."""

from __future__ import annotations

from datetime import timedelta


def length_words(length: timedelta) -> str:
    """``45 min``, ``1 h 30 min``, ``3 days 4 h``: the two largest units, a minute at least."""
    minutes = max(1, round(length.total_seconds() / 60))
    hours, minutes = divmod(minutes, 60)
    days, rest = divmod(hours, 24) if hours >= _HOURS_COUNTED else (0, hours)
    day_words = f"{days} day{'' if days == 1 else 's'}" if days else ""
    return " ".join(filter(None, [day_words, f"{rest} h" if rest else "", f"{minutes} min" if minutes and not days else ""]))


_HOURS_COUNTED = 48
"""From so many hours on days are said."""
