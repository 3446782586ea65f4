"""What needs no change: an author that the policy names, an edit of comments or form alone."""

from __future__ import annotations

from collections.abc import Sequence

from changelog_ledger.model.evidence import Delta, Op
from changelog_ledger.model.gate import GatePolicy, Person, Stand

_BOTH = "comments and white space only"
_COMMENTS = ("comments only", _BOTH)
_FORMS = (_BOTH, "line ends only", "final newline only", "white space only")
"""How the notes of deltas begin that show no difference of keys. Another order is not among them, nor is another spelling of the same values, nor
another encoding: in many formats they mean something."""


def exempt_author(policy: GatePolicy, author: Person) -> str:
    """Why an author's commits need no change, or empty."""
    for written in policy.exempt_authors:
        if any(_fits(written.casefold(), name.casefold()) for name in (author.name, author.address, str(author))):
            return f"{written} is exempt"
    return ""


def exempt_edit(policy: GatePolicy, deltas: Sequence[Delta]) -> str:
    """Why an edit needs no change by what it alters, or empty.

    :param deltas: whose notes count; what reads like a comment and means something has another note (:mod:`changelog_ledger.gate.form`).
    """
    if len(deltas) != 1 or deltas[0].op is not Op.OPAQUE or deltas[0].key is not None:
        return ""
    note = deltas[0].note
    stands = [stand for known, stand in ((_COMMENTS, policy.comments_only), (_FORMS, policy.format_only)) if note.startswith(known)]
    return note if stands and Stand.REFUSE not in stands else ""


def names_of(policy: GatePolicy, person: Person, actor: str) -> frozenset[str]:
    """Every name that somebody who commits goes by in the ledger.

    :param actor: who acts as the ledger knows it, or empty where only git is to be believed.
    """
    known = {person.name, person.address, person.address.partition("@")[0], actor} - {""}
    mapped = {there for here, there in policy.people if here.casefold() in {name.casefold() for name in known}}
    return frozenset(name.casefold() for name in known | mapped)


def _fits(pattern: str, text: str) -> bool:
    """``*`` stands for any text, everything else for itself: ``renovate[bot]`` has brackets in its name."""
    first, *others = pattern.split("*")
    if not others:
        return pattern == text
    *middle, last = others
    if not text.startswith(first) or not text.endswith(last) or len(first) + len(last) > len(text):
        return False
    rest = text[len(first) : len(text) - len(last)]
    for piece in middle:
        _, found, rest = rest.partition(piece) if piece else ("", "*", rest)
        if not found:
            return False
    return True
