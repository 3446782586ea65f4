"""Values whose name says that they are secret, as configuration spells it: ``name = value``, ``name: value``, ``name value``, JSON, XML, shell.

The search goes from name to name by plain substring search, so a file without any costs next to nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from changelog_ledger.redaction import rules
from changelog_ledger.redaction.names import Says, allows_space, says

Span = tuple[int, int]

_NAME_BYTES = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-"
_LONGEST_NAME = 128
_LONGEST_LEAD = 160

# what may stand between a name and its value
_ASSIGNS = re.compile(rb"[\"']?\]?[ \t]{0,64}(?:=>|:=|::|\+=|=|:)(?!/)[ \t]{0,64}")
_DEFINE = re.compile(rb"(?i:define|constant|setenv|putenv|set)[ \t]{0,8}\([ \t]{0,8}[\"']\Z")
_OPENING = (b'"', b"'", b" ", b"\t", b":", b"=")
_COMMA = re.compile(rb"[\"'][ \t]{0,8},[ \t]{0,64}")
_ELEMENT = re.compile(rb"[\"']?[ \t]{0,16}>(?P<value>[^<\n]++)</")
_SIBLING = re.compile(rb"[\"']?,?[ \t\r]{0,64}\n?[ \t]{0,200}[\"']?[vV]alue[\"']?[ \t]{0,16}[:=][ \t]{0,64}")
_SPACE = re.compile(rb"[ \t]{1,64}(?:(?:[0-9]{1,2}|encrypted|sha512|md5|plaintext|ciphertext|hash)[ \t]{1,16})?(?=[^\s=:{#])")
_BLOCK = re.compile(rb"[|>][+-]?[0-9]?[ \t]*\r?\n")
_AFTER_NAME_KEY = re.compile(rb"(?i:\bname|key)[\"']?[ \t]{0,16}[:=][ \t]{0,16}[\"']?\Z")
_LINE_LEAD = re.compile(
    rb"[ \t]*(?:[#;!*]+[ \t]*|//[ \t]*|--[ \t]+)?"
    rb"(?:(?:-|export|set|setenv|local|readonly|declare|env)[ \t]+)*[\"'$@]?\Z"
)
_COMMENT = re.compile(rb"[ \t]*(?:#|;|//|!)")

# values
_QUOTED = {
    ord('"'): re.compile(rb'"((?:[^"\\\n]|\\.)*+)"'),
    ord("'"): re.compile(rb"'((?:[^'\\\n]|\\.)*+)'"),
    ord("`"): re.compile(rb"`([^`\n]*+)`"),
}
_SCHEME = re.compile(rb"\{[A-Za-z0-9-]{2,20}\}[^\s,}]")  # {SSHA}…, as LDAP and dovecot write hashes
_BARE = re.compile(rb"[^\s,;&\"'<>(){}\[\]|\\]+")
_REST = re.compile(rb"[^\r\n]+")
_WORD = re.compile(rb"[^\s;\"'<{]+")
_VARIABLE = re.compile(rb"[\"']?\$(?![0-9]|y\$|apr1\$|argon|2[aby]\$)")
_REMARK = re.compile(rb"[ \t]*(?:\A|[ \t]|(?<=\w))#[ \t]")
_TRAILING = b" \t,;"


class _Lines:
    """Where the present line begins and ends, remembered: on one endless line it must not be searched for again and again."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self.begin = 0
        self.end = -1

    def move_to(self, place: int) -> None:
        """Make the line of ``place`` the present one; places only ever grow."""
        if place < self.end:
            return
        before = self._content.rfind(b"\n", max(self.end, 0), place)
        if before >= 0:
            self.begin = before + 1
        after = self._content.find(b"\n", place)
        self.end = after if after >= 0 else len(self._content)


class Presence:
    """What a content holds, each needle searched for once at most."""

    def __init__(self, lowered: bytes) -> None:
        self.lowered = lowered
        self.names = tuple(needle for needle in rules.NEEDLES if needle in lowered)
        self._absent = tuple(needle for needle in rules.NEEDLES if needle not in self.names)

    def holds(self, needle: bytes) -> bool:
        """Whether ``needle`` (lower case) is in it."""
        return not any(absent in needle for absent in self._absent) and needle in self.lowered


def keyed_values(content: bytes, presence: Presence) -> Iterator[Span]:
    """Where the values are whose name says secret, in order."""
    lines, done = _Lines(content), 0
    for hit in _hits(presence):
        if hit < done:
            continue
        if placeholder := rules.PLACEHOLDER.match(content, max(hit - 1, 0)):
            done = placeholder.end()
            continue
        start, stop = _name_at(content, hit, done)
        done = stop
        if stop - start > _LONGEST_NAME:
            continue
        lines.move_to(hit)
        for span in _values(content, start, stop, lines):
            yield span
            done = max(done, span[1])


def _hits(presence: Presence) -> list[int]:
    """Every place where a name that may say secret is, ascending."""
    found: list[int] = []
    lowered = presence.lowered
    for needle in presence.names:
        place = lowered.find(needle)
        while place >= 0:
            found.append(place)
            place = lowered.find(needle, place + len(needle))
    found.sort()
    return found


def _name_at(content: bytes, hit: int, done: int) -> Span:
    """The identifier around ``hit``, not before ``done``; longer than a name if it is none."""
    lead = content[max(done, hit - _LONGEST_NAME) : hit]
    start = hit - (len(lead) - len(lead.rstrip(_NAME_BYTES)))
    stop, step = hit, _LONGEST_NAME
    while True:  # to the end of the identifier, in growing steps: usually one
        piece = content[stop : stop + step]
        rest = piece.lstrip(_NAME_BYTES)
        stop += len(piece) - len(rest)
        if rest or not piece:
            break
        step *= 4
    while stop > hit and content[stop - 1] in b".-":
        stop -= 1
    return start, stop


def _values(content: bytes, start: int, stop: int, lines: _Lines) -> Iterator[Span]:
    """The secret value that follows a name, if there is one; several where it is a list or a block."""
    name = content[start:stop].lstrip(b"-.")
    verdict = says(name)
    if verdict is Says.NOTHING:
        return
    lead = content[max(lines.begin, start - _LONGEST_LEAD) : start]
    whole_line = start - lines.begin <= _LONGEST_LEAD and _LINE_LEAD.match(lead) is not None
    for span in _located(content, start, stop, lines, lead, whole_line):
        value = content[span[0] : span[1]]
        if _is_secret(value, verdict):
            yield span


def _located(content: bytes, start: int, stop: int, lines: _Lines, lead: bytes, whole_line: bool) -> Iterator[Span]:
    """Where the value of the name is, by the separator that follows it."""
    near = lead[-40:]
    opening = near[-1:] in _OPENING
    sibling = opening and _AFTER_NAME_KEY.search(near) and _SIBLING.match(content, stop)
    if sibling:
        yield from _value_at(content, sibling.end(), False, None, lines.begin)
        return
    assigned = _ASSIGNS.match(content, stop) or (opening and _DEFINE.search(near) and _COMMA.match(content, stop))
    if assigned:
        opened = content[start - 1] if start > 0 and content[start - 1] in b"\"'" and content[stop : stop + 1] not in (b'"', b"'") else None
        yield from _value_at(content, assigned.end(), whole_line, opened, lines.begin)
        return
    element = _ELEMENT.match(content, stop)
    if element:
        yield element.span("value")
        return
    if allows_space(content[start:stop].lstrip(b"-.")) and (spaced := _SPACE.match(content, stop)):
        yield from _spaced(content, spaced.end(), lines, lead)


def _value_at(content: bytes, place: int, whole_line: bool, opened: int | None, line_begin: int) -> Iterator[Span]:
    """The value that begins at ``place``: quoted, to the quote that was open before the name, a block, the rest of the line, or one word."""
    if place >= len(content):
        return
    if opened is not None:
        close = content.find(bytes([opened]), place, place + 65536)
        line_end = content.find(b"\n", place, place + 65536)
        if close >= 0 and (line_end < 0 or close < line_end):
            yield place, close
            return
    quoted = _QUOTED.get(content[place])
    if quoted is not None and (match := quoted.match(content, place)):
        yield match.span(1)
        return
    if block := _BLOCK.match(content, place):
        yield from _block_lines(content, block.end(), line_begin)
        return
    if content[place] in b"{[" and not _SCHEME.match(content, place):
        yield from _listed(content, place)
        return
    match = (_REST if whole_line else _BARE).match(content, place)
    if match:
        yield place, place + len(match[0].rstrip(_TRAILING if whole_line else b""))


def _listed(content: bytes, place: int) -> Iterator[Span]:
    """The quoted items of a list on one line: ``["a", "b"]``."""
    end = content.find(b"]", place, place + 4096)
    if content[place] != ord("[") or end < 0:
        return
    for match in _QUOTED[ord('"')].finditer(content, place, end):
        yield match.span(1)


def _block_lines(content: bytes, place: int, line_begin: int) -> Iterator[Span]:
    """The lines of a YAML block scalar: those indented more than the line that it belongs to."""
    outer = _indentation(content, line_begin)
    while place < len(content):
        end = content.find(b"\n", place)
        end = end if end >= 0 else len(content)
        line = content[place:end].rstrip(b"\r")
        inner = len(line) - len(line.lstrip(b" "))
        if line.strip():
            if inner <= outer:
                return
            yield place + inner, place + len(line)
        place = end + 1


def _indentation(content: bytes, begin: int) -> int:
    line = content[begin : begin + 512]
    return len(line) - len(line.lstrip(b" "))


def _spaced(content: bytes, place: int, lines: _Lines, lead: bytes) -> Iterator[Span]:
    """One word after a name and white space: in a directive, not in prose."""
    if lead and (lead[-1:] not in b" \t#;!" or len(lead.split()) > 5):
        return  # a part of something else: a MIME type, a section's head, a sentence
    quoted = _QUOTED.get(content[place])
    word = (quoted.match(content, place) if quoted else None) or _WORD.match(content, place)
    if word is None or _VARIABLE.match(content, place):
        return
    rest = content[word.end() : min(lines.end, word.end() + 64)].strip(_TRAILING + b"\r")
    if _COMMENT.match(lead) and (rest or lead.strip(b" \t#;!/")):
        return  # prose: "# the password must be changed"
    yield word.span(word.lastindex or 0)


def _is_secret(value: bytes, verdict: Says) -> bool:
    """Whether a value may be the secret that its name promises."""
    value = value.strip(b" \t\"'")
    if not value:
        return False
    if len(value) > rules.LONGEST_HARMLESS:
        return True
    if rules.PLACEHOLDER.fullmatch(value) or rules.HARMLESS_VALUE.fullmatch(_REMARK.split(value, maxsplit=1)[0]):
        return False
    return verdict is Says.SECRET or rules.OPAQUE.fullmatch(value) is not None
