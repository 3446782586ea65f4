"""The engine: finds where secrets are and puts fingerprints in their place.

Lines stay lines, quotes stay quotes: a masked file is still what its format says. Masking what is masked already changes nothing.
Imported where a first look (:mod:`~changelog_ledger.redaction.redact`) says that there may be something.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from changelog_ledger.model.secret_rules import SecretPattern, Spelling
from changelog_ledger.redaction import harmless, rules
from changelog_ledger.redaction.keyed import keyed_values
from changelog_ledger.redaction.names import Says, says
from changelog_ledger.redaction.objects import object_secrets
from changelog_ledger.redaction.presence import Presence
from changelog_ledger.redaction.redacted import Fingerprint, Redacted
from changelog_ledger.redaction.rules import PLACEHOLDER
from changelog_ledger.redaction.ruleset import FileRules
from changelog_ledger.redaction.spelling import pem_letters, plain
from changelog_ledger.redaction.tables import is_table, table_secrets
from changelog_ledger.redaction.values import Found, narrowed

Span = tuple[int, int]

_OPENING = b"<secret:"
_LONGEST_PLACEHOLDER = len(_OPENING) + 65
_MOST_PASSES = 8
_LINE_ENDS = re.compile(rb"(?:\\[nr]|[\s\"'])*+")
_LONGEST_LEAD = 400


def masked(content: bytes, presence: Presence, known: FileRules, fingerprint: Fingerprint) -> Redacted:
    """Mask every secret of a text, or of a binary file that is secret as a whole. Linear in its length.

    :param presence: of ``content``.
    """
    if known.private and b"\0" in content[:8192]:
        return Redacted(_placeholder(content, Spelling.BARE, fingerprint) + b"\n", 1)
    done = once = _redacted_once(content, presence, known, fingerprint)
    for _ in range(_MOST_PASSES):  # a placeholder holds a colon, and so may complete a pattern that was none before
        if not once.secrets:
            break
        once = _redacted_once(once.content, Presence(once.content.lower()), known, fingerprint)
        done = Redacted(once.content, done.secrets + once.secrets)
    return done


def _redacted_once(content: bytes, presence: Presence, known: FileRules, fingerprint: Fingerprint) -> Redacted:
    """One pass over a text."""
    found = _merged(_found(content, presence, known))
    blocks = tuple(_pem_blocks(content)) if b"-----begin " in presence.lowered else ()
    if known.private and not blocks:
        found = [(start, end, Spelling.BARE) for start, end in _every_line(content)]
    exempt = [span for rule in known.exempting for span in rule.found(content, known.dialect)]
    if exempt:
        found = [one for one in found if not _overlaps(one[:2], exempt)]
        blocks = tuple(block for block in blocks if not _overlaps(block.span, exempt))
    if _OPENING in content:
        found = list(_unmasked(content, found))
    return _masked(content, found, blocks, fingerprint)


def _found(content: bytes, presence: Presence, known: FileRules) -> Iterator[Found]:
    """Every secret, in no order; they may overlap. Of two that are the same place the first one's spelling counts."""
    for rule in known.own:
        yield from rule.found(content, known.dialect)
    for pattern in known.patterns.worth_trying(presence):
        if pattern.bounds or pattern.pattern.search(content):
            yield from _matches(content, pattern, known)
    if known.objects and b"secret" in presence.names:
        yield from object_secrets(content, presence.lowered, known.objects)
    has_blocks = b"{\n" in content and b"\n}" in content  # rndc.key: there names say which value is a secret
    if known.holds_key and b"-----BEGIN" not in content and not has_blocks:
        yield from ((*match.span("secret"), Spelling.BARE) for match in rules.LONE_SECRET.finditer(content))
    if known.has_names and presence.names:
        if is_table(known.path):
            yield from table_secrets(content)
        yield from keyed_values(content, presence, known.dialect)
    if known.net is not None:
        yield from ((start, end, Spelling.BARE) for start, end in known.net(content))


def _matches(content: bytes, pattern: SecretPattern, known: FileRules) -> Iterator[Found]:
    """What a pattern finds, but for references to a secret that is elsewhere (``${PASSWORD}``)."""
    lead = pattern.lead
    for begin, end in _ranges(content, pattern):
        for match in pattern.pattern.finditer(content, begin, end):
            if pattern.needs_name and says(match["name"]) is not Says.SECRET:
                continue
            if lead and not lead.search(_lead(content, match.start())):
                continue
            one = narrowed(content, *match.span("secret"), pattern.spelling, known.dialect)
            value = content[one[0] : one[1]].strip(b" \t\"'")
            if len(value) > harmless.LONGEST or not (harmless.REFERENCE.fullmatch(value) or harmless.SHELL_VARIABLE.fullmatch(value)):
                yield one


def _lead(content: bytes, place: int) -> bytes:
    """What stands before a place in its line, and in the lines that it continues."""
    begin = max(place - _LONGEST_LEAD, 0)
    end = content.rfind(b"\n", begin, place)
    while end >= 0 and content[max(end - 2, 0) : end].rstrip(b"\r").endswith(b"\\"):
        end = content.rfind(b"\n", begin, end)
    return content[max(end + 1, begin) : place]


def _ranges(content: bytes, pattern: SecretPattern) -> Iterator[Span]:
    """Where a pattern is to be looked for: everywhere, or from each head to its end."""
    if pattern.bounds is None:
        yield 0, len(content)
        return
    begins, ends = pattern.bounds
    place = 0
    while head := begins.search(content, place):
        end = ends.search(content, head.end())
        place = end.start() if end else len(content)
        yield head.end(), place
        if end is None:
            return


def _every_line(content: bytes) -> Iterator[Span]:
    """What each line holds, without its line end."""
    start = 0
    for line in content.split(b"\n"):
        text = line.rstrip(b"\r")
        if text.strip():
            yield start, start + len(text)
        start += len(line) + 1


@dataclass(frozen=True, slots=True)
class _Block:
    """A private key in PEM: where it is with its head line, its body as a whole, and where the lines of that are."""

    span: Span
    body: bytes
    lines: tuple[Span, ...]


def _pem_blocks(content: bytes) -> Iterator[_Block]:
    """Every private key, in order. One without an end goes on to the end of the file."""
    place = 0
    while begin := rules.PEM_BEGIN.search(content, place):
        end = rules.PEM_END.search(content, begin.end())
        place = end.end() if end else len(content)
        body = content[begin.end() : end.start() if end else place]
        yield _Block((begin.start(), place), body, tuple((begin.end() + start, begin.end() + finish) for start, finish in _body_lines(body)))


def _body_lines(body: bytes) -> Iterator[Span]:
    """The lines of a PEM body that hold key material, without indentation."""
    for start, finish in _every_line(body):
        line = body[start:finish]
        indent = len(line) - len(line.lstrip(b" \t#>;\"'"))
        if line[indent:] and not rules.PEM_HEADER.fullmatch(line) and not PLACEHOLDER.search(line):
            yield start + indent, finish


def _overlaps(span: Span, others: Sequence[Found]) -> bool:
    start, end = span
    return any(other[0] < end and start < other[1] for other in others)


def _unmasked(content: bytes, found: Iterable[Found]) -> Iterator[Found]:
    """What of each is not masked already."""
    for start, end, spelling in found:
        place = start
        for placeholder in PLACEHOLDER.finditer(content, max(start - _LONGEST_PLACEHOLDER, 0), end + _LONGEST_PLACEHOLDER):
            if placeholder.end() <= place:
                continue
            if placeholder.start() >= end:
                break
            yield from _piece(content, place, placeholder.start(), spelling)
            place = placeholder.end()
        yield from _piece(content, place, end, spelling)


def _piece(content: bytes, start: int, end: int, spelling: Spelling) -> Iterator[Found]:
    """What stands before or after a placeholder, if it is more than signs and blanks."""
    if any(byte > 127 or chr(byte).isalnum() for byte in content[start:end]):
        yield start, end, spelling


def _merged(found: Iterable[Found]) -> list[Found]:
    """In order, overlapping ones as one."""
    merged: list[Found] = []
    for start, end, spelling in sorted(found, key=lambda one: (one[0], -one[1])):
        if end <= start:
            continue
        if merged and start < merged[-1][1]:
            if end > merged[-1][1]:
                merged[-1] = (merged[-1][0], end, merged[-1][2])
        else:
            merged.append((start, end, spelling))
    return merged


def _masked(content: bytes, found: Sequence[Found], blocks: Sequence[_Block], fingerprint: Fingerprint) -> Redacted:
    """The content with each secret replaced; the lines of one secret all carry the fingerprint of the whole."""
    alone = list(_outside(content, found, [block.span for block in blocks]))
    replaced: list[tuple[Span, bytes]] = []
    for start, end, spelling in alone:
        mask = _placeholder(content[start:end], spelling, fingerprint)
        replaced += [(span, mask) for span in _lines_of(content, start, end)]
    for block in blocks:
        if block.lines:
            mask = _mark(fingerprint(pem_letters(block.body)))
            replaced += [(line, mask) for line in block.lines]
    if not replaced:
        return Redacted(content, 0)
    out, place = [], 0
    for (start, end), mask in sorted(replaced):
        out += [content[place:start], mask]
        place = end
    return Redacted(b"".join([*out, content[place:]]), len(alone) + sum(bool(block.lines) for block in blocks))


def _lines_of(content: bytes, start: int, end: int) -> Iterator[Span]:
    """The lines of a secret, each without indentation and without the backslash that continues it."""
    if b"\n" not in content[start:end]:
        yield start, end
        return
    for low, high in _every_line(content[start:end]):
        line = content[start + low : start + high]
        text = line.rstrip(b" \t\\") if start + high < end else line
        indent = len(line) - len(line.lstrip(b" \t"))
        if text.strip():
            yield start + low + indent, start + low + len(text)


def _outside(content: bytes, found: Sequence[Found], blocks: Sequence[Span]) -> Iterator[Found]:
    """What was found, or what of it lies before and after the blocks that it reaches into. Both are in order."""
    number = 0
    for start, end, spelling in found:
        while number < len(blocks) and blocks[number][1] <= start:
            number += 1
        place, here = start, number
        while here < len(blocks) and blocks[here][0] < end:
            yield from _part(content, place, blocks[here][0], spelling)
            place, here = blocks[here][1], here + 1
        if here == number:
            yield start, end, spelling
        else:
            yield from _part(content, place, end, spelling)


def _part(content: bytes, start: int, end: int, spelling: Spelling) -> Iterator[Found]:
    """What stands before or after a private key, if it is more than line ends, written out or not."""
    text = content[start:end]
    if end > start and not _LINE_ENDS.fullmatch(text):
        yield start, start + len(text.rstrip()), spelling


def _placeholder(raw: bytes, spelling: Spelling, fingerprint: Fingerprint) -> bytes:
    return _mark(fingerprint(plain(raw, spelling)))


def _mark(digest: str) -> bytes:
    return _OPENING + digest.encode("ascii", "replace") + b">"
