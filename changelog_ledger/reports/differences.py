"""What ``diff`` and ``compare`` found, made ready for a page: a title, files with their differences, and what was left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from itertools import groupby
from typing import Any

from changelog_ledger.model.comparison import Comparison, Folded
from changelog_ledger.model.evidence import Delta, Evidence, Op
from changelog_ledger.model.report import Sifted
from changelog_ledger.model.snapshot import Snapshot
from changelog_ledger.reports.deltas import shown_as_evidence
from changelog_ledger.reports.escape import printable
from changelog_ledger.reports.noise import noise_words
from changelog_ledger.reports.phrases import count, evidence_counts, listed
from changelog_ledger.reports.times import clock


@dataclass(frozen=True, slots=True)
class Differences:
    """Differences and what is said around them.

    :ivar facts: label and words.
    :ivar sides: the hosts that ``before`` and ``after`` are of, where two hosts are compared.
    :ivar judged: whether it is said which change explains each.
    :ivar remarks: what was left out, and how to see it.
    """

    title: str
    pieces: tuple[Evidence, ...]
    facts: tuple[tuple[str, str], ...] = ()
    sides: tuple[str, str] | None = None
    judged: bool = False
    remarks: tuple[str, ...] = ()

    def by_file(self) -> list[tuple[str, list[Evidence]]]:
        """The pieces by the path that they are about."""
        ordered = sorted(self.pieces, key=lambda piece: piece.path or "")
        return [(path, list(found)) for path, found in groupby(ordered, key=lambda piece: piece.path or "")]


def differences_of_host(host: str, found: Sifted[Evidence]) -> Differences:
    """What ``diff HOST`` found."""
    telling = [piece for piece in found if not piece.noise]
    unlogged = sum(piece.unlogged for piece in telling)
    said = f"{evidence_counts(telling)}, {unlogged or 'none'} unlogged" if telling else "no difference"
    said += " but noise" if not telling and (found or found.suppressed) else ""
    remarks = (f"Left out: {noise_words(found.suppressed)}; to see them: add --noise",) if found.suppressed else ()
    return Differences(f"{printable(host)}: {said}", tuple(found), judged=True, remarks=remarks)


def differences_of_files(old: str, new: str, deltas: Sequence[Delta]) -> Differences:
    """What ``diff --files`` found."""
    said = count(len(deltas), "difference") if deltas else "no difference"
    return Differences(f"{printable(old)} and {printable(new)}: {said}", tuple(shown_as_evidence(delta) for delta in deltas))


def differences_of_comparison(found: Comparison, zone: tzinfo = UTC, now: datetime | None = None) -> Differences:
    """What ``compare`` found."""
    sides = (found.left.host, found.right.host)
    facts = tuple((printable(side.host), seen_words(side, zone, now)) for side in (found.left, found.right))
    title = f"{printable(sides[0])} and {printable(sides[1])}: {comparison_words(found)}"
    return Differences(title, found.evidence, facts, sides, remarks=remarks_of_comparison(found))


def comparison_words(found: Comparison) -> str:
    """``3 differences``, or that there are none but those that were left out."""
    if found.evidence:
        return count(len(found.evidence), "difference")
    return "no difference but what was left out" if found.folded or found.suppressed else "no difference"


def seen_words(snapshot: Snapshot, zone: tzinfo, now: datetime | None = None) -> str:
    """``as of Tue 17 Nov 14:03:05 +01:00``, and what that look lacks."""
    unread = f", {count(len(snapshot.unread), 'path')} not read" if snapshot.unread else ""
    return f"as of {clock(snapshot.at, zone, now)}{unread}"


def remarks_of_comparison(found: Comparison) -> tuple[str, ...]:
    """What was folded and what was left out as noise, and the option that shows it."""
    folded = (f"{folded_words(found.folded)}; --raw shows them",) if found.folded else ()
    noise = (f"Left out: {noise_words(found.suppressed)}; to see them: add --noise",) if found.suppressed else ()
    return (*folded, *noise)


def folded_words(folded: Sequence[Folded]) -> str:
    """``12 differences of name and address folded``."""
    kinds = list(dict.fromkeys(kind for each in sorted(folded, key=lambda each: -each.count) for kind in each.kinds))
    return f"{count(sum(each.count for each in folded), 'difference')} of {listed(kinds)} folded"


def about(piece: Evidence) -> str:
    """What of its file a difference is about, where it has no key."""
    return "metadata" if piece.op is Op.METADATA else "the whole file"


def line_words(piece: Evidence) -> str:
    """``line 12``, where the key does not say so itself."""
    return f"line {piece.line}" if piece.line and not (piece.key or "").startswith("line") else ""


def both_sides(piece: Evidence) -> tuple[Any, Any]:
    """What each host has; metadata as ``mode 0644, owner root``."""
    if piece.op is not Op.METADATA:
        return piece.before, piece.after
    old, new = (", ".join(f"{name} {value}" for name, value in (side or {}).items()) for side in (piece.before, piece.after))
    return old or None, new or None


def remark_on(piece: Evidence) -> str:
    """The note, where it says more than the two sides do."""
    return "" if piece.op is Op.METADATA else piece.note
