"""A piece of evidence within HTML: where it is, what was there before and after."""

from __future__ import annotations

from changelog_ledger.model.evidence import Evidence, Op
from changelog_ledger.reports.html_escape import escaped
from changelog_ledger.reports.values import alteration_word, file_place, has_values, place, value_pair

_VALUE = 1200


def where(piece: Evidence) -> str:
    """Host, file and line, key."""
    file = f" <code>{escaped(file_place(piece))}</code>" if piece.path else f" {escaped(piece.kind, 40)}"
    key = f" <code>{escaped(piece.key)}</code>" if piece.key else ""
    return f'<p class="where">{escaped(place(piece.target))}{file}{key}</p>'


def alteration(piece: Evidence) -> str:
    """What was there before and after, and the note."""
    word, note = alteration_word(piece), f" ({escaped(piece.note)})" if piece.note else ""
    if piece.op is Op.OBSERVED:
        return f"<p>{escaped(piece.summary)}</p>"
    if not has_values(piece):
        return f"<p>{word} {escaped(piece.note or piece.summary)}</p>"
    before, after = (escaped(value, _VALUE) for value in value_pair(piece.before, piece.after, _VALUE))
    old = f'<del><span class="sign">−</span>{before}</del>' if piece.op is not Op.ADDED else ""
    new = f'<ins><span class="sign">+</span>{after}</ins>' if piece.op is not Op.REMOVED else ""
    said = f"<p>{word}{note}</p>" if word not in ("", "added", "removed") or note else ""
    return f'<div class="values">{old}{new}</div>{said}'
