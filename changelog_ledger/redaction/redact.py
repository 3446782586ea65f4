"""The engine: finds where secrets are and puts fingerprints in their place.

Lines stay lines, quotes stay quotes: a masked file is still what its format says. Masking what is masked already changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from changelog_ledger.model import globs
from changelog_ledger.redaction import rules
from changelog_ledger.redaction.keyed import Presence, keyed_values
from changelog_ledger.redaction.rules import PLACEHOLDER, Rule

Span = tuple[int, int]
Fingerprint = Callable[[bytes], str]

_OPENING = b"<secret:"
_MOST_PASSES = 8


@dataclass(frozen=True, slots=True)
class Redacted:
    """Content that may go to git.

    :ivar content: the same number of lines as the original, except for a binary file that is secret as a whole.
    :ivar secrets: how many values were masked; 0 means that ``content`` is the original.
    """

    content: bytes
    secrets: int


def redact(path: str, content: bytes, fingerprint: Fingerprint, extra_rules: Sequence[Rule] = ()) -> Redacted:
    """Mask every secret of a file. Takes any bytes, raises nothing, in linear time.

    :param path: the file's path on the host: some rules hold for some paths only.
    :param fingerprint: a keyed digest of a secret, short lower-case hex (at least two characters).
    :param extra_rules: the home's own.
    """
    if not content or PLACEHOLDER.fullmatch(content.rstrip(b"\r\n")):
        return Redacted(content, 0)
    sort = _sort_of(path)
    if sort is _ORDINARY and not extra_rules and _is_clean(content):
        return Redacted(content, 0)
    if sort.private and b"\0" in content[:8192]:
        return Redacted(_placeholder(content, fingerprint) + b"\n", 1)
    done = once = _redacted_once(path, content, sort, fingerprint, extra_rules)
    for _ in range(_MOST_PASSES):  # a placeholder holds a colon, and so may complete a pattern that was none before
        if not once.secrets:
            break
        once = _redacted_once(path, once.content, sort, fingerprint, extra_rules)
        done = Redacted(once.content, done.secrets + once.secrets)
    return done


def _redacted_once(path: str, content: bytes, sort: _Sort, fingerprint: Fingerprint, extra_rules: Sequence[Rule]) -> Redacted:
    """One pass over a text."""
    presence = Presence(content.lower())
    spans = _merged(_unmasked(content, _spans(content, presence, sort, extra_rules, path)))
    blocks = tuple(_pem_blocks(content)) if presence.holds(b"private key") or presence.holds(b"static key") else ()
    if sort.private and not blocks:
        spans = list(_unmasked(content, _every_line(content)))
    return _masked(content, spans, blocks, fingerprint)


def _is_clean(content: bytes) -> bool:
    """Whether nothing that any rule looks for is in it: the quick way out for most files."""
    lowered = content.lower()
    for needle in _ALL_NEEDLES:  # noqa: SIM110 - a third quicker than any() on small files
        if needle in lowered:
            return False
    return True


@dataclass(frozen=True, slots=True)
class _Sort:
    """What a path says about its file."""

    private: bool
    holds_key: bool
    has_names: bool
    rules: tuple[Rule, ...]


_ORDINARY = _Sort(private=False, holds_key=False, has_names=True, rules=tuple(rule for rule in rules.RULES if not rule.paths))

_ALL_NEEDLES = rules.NEEDLES + tuple(
    needle for rule in _ORDINARY.rules for needle in rule.needles if not any(name in needle for name in rules.NEEDLES)
)


@lru_cache(maxsize=4096)
def _sort_of(path: str) -> _Sort:
    if not rules.SPECIAL.fullmatch(path if path.startswith("/") else "/" + path):
        return _ORDINARY
    public = globs.covers(rules.PUBLIC_FILES, path)
    return _Sort(
        private=not public and globs.covers(rules.PRIVATE_FILES, path),
        holds_key=not public and globs.covers(rules.KEY_FILES, path),
        has_names=not globs.covers(rules.NOT_THESE_PATHS, path),
        rules=tuple(rule for rule in rules.RULES if globs.covers(rule.paths, path)),
    )


def _spans(content: bytes, presence: Presence, sort: _Sort, extra_rules: Sequence[Rule], path: str) -> Iterator[Span]:
    """Every secret, in no order; they may overlap."""
    applying = (*sort.rules, *(rule for rule in extra_rules if globs.covers(rule.paths, path)))
    for rule in applying:
        if not rule.needles or any(presence.holds(needle) for needle in rule.needles):
            yield from (match.span("secret") for match in rule.pattern.finditer(content))
    if sort.holds_key and b"-----BEGIN" not in content:
        yield from (match.span("secret") for match in rules.LONE_SECRET.finditer(content))
    if sort.has_names:
        yield from keyed_values(content, presence)


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
        place = end.start() if end else len(content)
        body = content[begin.end() : place]
        yield _Block((begin.start(), place), body, tuple((begin.end() + start, begin.end() + finish) for start, finish in _body_lines(body)))


def _body_lines(body: bytes) -> Iterator[Span]:
    """The lines of a PEM body that hold key material, without indentation."""
    for start, finish in _every_line(body):
        line = body[start:finish]
        indent = len(line) - len(line.lstrip(b" \t#>;\"'"))
        if line[indent:] and not rules.PEM_HEADER.fullmatch(line) and not PLACEHOLDER.search(line):
            yield start + indent, finish


def _unmasked(content: bytes, spans: Iterable[Span]) -> Iterator[Span]:
    """Without those that are masked already (or would eat a part of a placeholder)."""
    for start, end in spans:
        inside = content.startswith(_OPENING, start - len(_OPENING)) if start >= len(_OPENING) else False
        if end > start and not inside and not PLACEHOLDER.match(content, start):
            yield start, end


def _merged(spans: Iterable[Span]) -> list[Span]:
    """In order, overlapping ones as one."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _masked(content: bytes, spans: Sequence[Span], blocks: Sequence[_Block], fingerprint: Fingerprint) -> Redacted:
    """The content with each span replaced; the lines of one key all carry the fingerprint of the whole."""
    alone = list(_outside(content, spans, [block.span for block in blocks]))
    replaced = [(span, _placeholder(content[span[0] : span[1]], fingerprint)) for span in alone]
    for block in blocks:
        if block.lines:
            mask = _placeholder(block.body, fingerprint)
            replaced += [(line, mask) for line in block.lines]
    if not replaced:
        return Redacted(content, 0)
    out, place = [], 0
    for (start, end), mask in sorted(replaced):
        out += [content[place:start], mask]
        place = end
    return Redacted(b"".join([*out, content[place:]]), len(alone) + sum(bool(block.lines) for block in blocks))


def _outside(content: bytes, spans: Sequence[Span], blocks: Sequence[Span]) -> Iterator[Span]:
    """The spans, or what of them lies before a block that they reach into. Both are in order."""
    following = iter([*blocks, (len(content), len(content))])
    block = next(following)
    for start, end in spans:
        while block[1] <= start < len(content):
            block = next(following)
        end = start + len(content[start : min(end, block[0])].rstrip()) if end > block[0] else end
        if end > start:
            yield start, end


def _placeholder(secret: bytes, fingerprint: Fingerprint) -> bytes:
    return _OPENING + fingerprint(secret).encode("ascii", "replace") + b">"
