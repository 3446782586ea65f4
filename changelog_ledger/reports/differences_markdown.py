"""``diff`` and ``compare`` as Markdown, for tickets and chats."""

from __future__ import annotations

from collections.abc import Iterator

from changelog_ledger.model.evidence import Evidence, Op
from changelog_ledger.reports.differences import Differences, both_sides, remark_on
from changelog_ledger.reports.markdown import alteration, code, inline
from changelog_ledger.reports.values import alteration_word, attribution, has_values, value_pair

_VALUE = 200
_MOST = 500


def render_differences_markdown(found: Differences) -> str:
    """The differences file by file. Nothing in a path, key or value becomes markup."""
    lines = [f"# {inline(found.title)}", "", *_facts(found), *_files(found), *(f"{inline(remark)}\n" for remark in found.remarks)]
    return "\n".join(lines).rstrip("\n") + "\n"


def _facts(found: Differences) -> Iterator[str]:
    yield from (f"- **{inline(label)}** {inline(words)}" for label, words in found.facts)
    if found.facts:
        yield ""


def _files(found: Differences) -> Iterator[str]:
    left = _MOST
    for path, pieces in found.by_file():
        if left <= 0:
            break
        yield f"## {code(path)}"
        yield ""
        yield from (f"- {_piece(piece, found)}" for piece in pieces[:left])
        yield ""
        left -= len(pieces)
    if left < 0 or len(found.pieces) > _MOST:
        yield f"{len(found.pieces) - _MOST:,} more: `--format json`"
        yield ""


def _piece(piece: Evidence, found: Differences) -> str:
    key = f"{code(piece.key)}: " if piece.key else "metadata: " if found.sides and piece.op is Op.METADATA else ""
    said = _compared(piece, found.sides) if found.sides else alteration(piece)
    return f"{key}{said}{_judged(piece) if found.judged else ''}"


def _compared(piece: Evidence, sides: tuple[str, str]) -> str:
    note = f" ({inline(piece.note)})" if remark_on(piece) else ""
    left, right = map(inline, sides)
    if piece.op in (Op.ADDED, Op.REMOVED):
        value = piece.after if piece.op is Op.ADDED else piece.before
        shown = f": {code(value_pair(value, value, _VALUE)[0])}" if value is not None else ""
        return f"only {right if piece.op is Op.ADDED else left} has it{shown}{note}"
    if not has_values(piece):
        return f"{alteration_word(piece)} {inline(piece.note or piece.summary)}".strip()
    before, after = value_pair(*both_sides(piece), _VALUE)
    return f"{left} {code(before)}, {right} {code(after)}{note}"


def _judged(piece: Evidence) -> str:
    if piece.noise:
        return f"; noise: {inline(piece.noise)}"
    judged = f"**{attribution(piece)}**" if piece.unlogged else attribution(piece)
    return f"; {judged}, {code(piece.id)}{', changed back since' if piece.transient else ''}"
