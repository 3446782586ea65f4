"""What was left out as noise: how much, by which rules, and how to see it. Never nothing, where something was left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from changelog_ledger.model.report import Suppressed
from changelog_ledger.model.times import format_instant
from changelog_ledger.reports.escape import shell_word
from changelog_ledger.reports.layout import Span, brief, flow, line, written
from changelog_ledger.reports.phrases import count, shortlist
from changelog_ledger.reports.style import PLAIN, Role, Style

_RULES_SHOWN = 5
_NAME = 48


def noise_count(suppressed: Sequence[Suppressed]) -> int:
    """How many differences were left out."""
    return sum(each.count for each in suppressed)


def noise_words(suppressed: Sequence[Suppressed]) -> str:
    """``14 differences as noise: 12 clock drift, 2 generated stamp``, the most frequent first."""
    by_rule: Counter[str] = Counter()
    for each in suppressed:
        by_rule[each.rule] += each.count
    rules = [f"{number:,} {brief(rule, _NAME)}" for rule, number in sorted(by_rule.items(), key=lambda entry: (-entry[1], entry[0]))]
    hosts = len({each.host for each in suppressed})
    on = f" on {hosts:,} hosts" if hosts > 1 else ""
    return f"{count(noise_count(suppressed), 'difference')}{on} as noise: {shortlist(rules, _RULES_SHOWN)}"


def noisiest_host(suppressed: Sequence[Suppressed]) -> str:
    """The host of which most was left out."""
    by_host: Counter[str] = Counter()
    for each in suppressed:
        by_host[each.host] += each.count
    return min(by_host, key=lambda host: (-by_host[host], host))


def render_suppressed(suppressed: Sequence[Suppressed], style: Style = PLAIN, seen_by: str = "") -> str:
    """The closing lines of ``diff``, ``drift`` and ``recent``; empty if nothing was left out.

    :param seen_by: how to see what was left out; a command with FROM and TO to be filled in if empty.
    """
    if not suppressed:
        return ""
    how = seen_by or f"ledger diff {shell_word(noisiest_host(suppressed))} FROM TO --noise"
    words = line(Span("Left out", Role.DIM), f" {noise_words(suppressed)}; to see them: {how}")
    return written(flow(words, style.columns, hang=2, first=0), style)


def suppressed_document(suppressed: Sequence[Suppressed]) -> list[dict[str, Any]]:
    """``suppressed`` of every document that has evidence."""
    return [
        {"rule": each.rule, "host": each.host, "path": each.path, "count": each.count, "last_at": format_instant(each.last_at)} for each in suppressed
    ]
