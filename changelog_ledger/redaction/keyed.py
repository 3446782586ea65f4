"""Values whose name says that they are secret, as configuration spells it: ``name = value``, ``name: value``, ``name value``, JSON, XML, shell.

The search goes from name to name by plain substring search, so a file without any costs next to nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from changelog_ledger.model.secret_rules import Spelling
from changelog_ledger.redaction import harmless, rules, words
from changelog_ledger.redaction.dialects import Dialect
from changelog_ledger.redaction.names import Says, allows_space, says
from changelog_ledger.redaction.presence import Presence
from changelog_ledger.redaction.spaced import spaced_value
from changelog_ledger.redaction.values import Context, Found, value_at

_NAME_BYTES = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-"
_LONGEST_NAME = 128
_LONGEST_LEAD = 160

# what may stand between a name and its value
_INDEX = rb"(?:\[[^\]\n]{0,32}\])?"
_ASSIGNS = re.compile(
    rb"\\{0,7}[\"']?\]?" + _INDEX + rb"[ \t]{0,64}(?P<sign>=>|:=|::|\+=|\?=|(?:===?|!==?|~=)(?=[ \t]{0,8}[\"'])|=(?!=)|:(?!//))[ \t]{0,64}"
)
_ASSIGNS_NEXT_LINE = re.compile(rb"[\"']?[ \t\r]{0,64}\n[ \t]{0,200}(?P<sign>:)[ \t]{1,64}")  # YAML's "? name", and below it ": value"
_ERLANG = re.compile(rb"[ \t]{0,16},[ \t]{0,16}(?:<<)?(?=\")")  # {default_pass, <<"guest">>}
_PAIR = re.compile(rb"\"[ \t]{1,16}(?=\"[^\"\n]*\"[ \t]*\r?$)", re.MULTILINE)  # device-property "S3_SECRET_KEY" "…"
_PAIR_LEAD = re.compile(rb"[ \t]*[A-Za-z][\w-]*[ \t]+\"\Z")
_YAML_KEY = re.compile(rb"^[ \t]+([\w.-]{1,128}):[ \t\r]*$", re.MULTILINE)
_SPACED_KEY = re.compile(rb"[ \t]*(?:\w+ ){1,3}\Z")
_ASSIGNS_BELOW = re.compile(rb"\"\s{0,64}(?P<sign>:)\s{0,64}")  # JSON lets a name, its colon and its value stand on three lines
_DEFINE = re.compile(rb"(?i:define|constant|setenv|putenv|set)[ \t]{0,8}\([ \t]{0,8}[\"']\Z")
_SIGN_AFTER_BLANK = frozenset([b"", *(bytes([sign]) for sign in b" \t=:+?!~\"',\\]>|{\r\n")])
_OPENING = (b'"', b"'", b" ", b"\t", b":", b"=")
_COMMA = re.compile(rb"[\"'][ \t]{0,8},[ \t]{0,64}")
_ITEM = re.compile(rb"[\"']?,[ \t\r]{0,64}\n?[ \t]{0,200}(?=[\"'])|[\"']?[ \t\r]{0,64}\n[ \t]{0,200}-[ \t]{1,16}(?!-)")
_CONTINUATION = re.compile(rb"[ \t]{0,64}\\\r?\n[ \t]{0,200}(?!-)")
_TAG_END = re.compile(rb"[\"']?[ \t]{0,16}>\s{0,200}(?:<(?:[vV]alue|string)>\s{0,200})?(?P<data><!\[CDATA\[)?")
_VALUE_ATTRIBUTE = re.compile(rb"[ \t\r\n][^<>]{0,200}?\bvalue=(?:\"(?P<double>[^\"\n]{1,1024})\"|'(?P<single>[^'\n]{1,1024})')")
_ATTRIBUTES = re.compile(rb"[ \t\r\n][^<>]{0,300}>\s{0,200}(?P<data><!\[CDATA\[)?")
_LONGEST_ELEMENT = 8192
_SIBLING = re.compile(rb"[\"']?,?[ \t\r]{0,64}\n?[ \t]{0,200}[\"']?[vV]alue[\"']?[ \t]{0,16}[:=][ \t]{0,64}")
_QUALIFIER = (
    rb"(?:[0-9]{1,2}|level[ \t]+\d{1,2}|encrypted|sha512|sha256|md5|plaintext|clear(?:text)?|ciphertext|cipher|irreversible-cipher|hash|simple"
    rb"|hmac-[\w-]{3,8}|ascii|hex|ENC|ascii-text|hexadecimal|local|remote|read|write)"
)
_SPACE = re.compile(rb"[ \t]{1,64}(?:" + _QUALIFIER + rb"[ \t]{1,16}){0,2}(?=[^\s=:{#])")
_AFTER_NAME_KEY = re.compile(rb"(?i:\bname|key)[\"']?[ \t]{0,16}[:=][ \t]{0,16}[\"']?\Z")
_LINE_LEAD = re.compile(
    rb"[ \t]*(?:[#;!*]+[ \t]*|//[ \t]*|--[ \t]+)?"
    rb"(?:(?:-|export|set|setenv|local|readonly|declare|env|typeset)[ \t]+)*[\"'$@]?\Z"
)
_DIRECTIVES = frozenset(directive.encode() for directive in words.DIRECTIVES)
_PLAIN_WORD = re.compile(rb"[a-z]+(?=[ \t.,]|$)")
_COMMENT = re.compile(rb"[ \t]*(?:#|;|//|!|--[ \t]|\*)")
_REMARK = re.compile(rb"[ \t]+#[ \t]|(?<=\w)#[ \t]|[ \t]+//[ \t]")
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


def keyed_values(content: bytes, presence: Presence, dialect: Dialect) -> Iterator[Found]:
    """Where the values are whose name says secret, in order."""
    lines, done = _Lines(content), 0
    declared: frozenset[bytes] | None = None
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
        verdict = says(content[start:stop].lstrip(b"-."))
        if verdict is Says.NOTHING:
            continue
        if dialect is Dialect.YAML and declared is None and content[start:stop] == b"secrets":
            declared = frozenset(_YAML_KEY.findall(content))
        for span in _located(content, start, stop, lines, dialect):
            if _refers(content, span, declared or frozenset()):
                done = max(done, span[1])  # nothing below it is a name
            elif _is_secret(content[span[0] : span[1]], verdict, dialect, quoted=_is_in_quotes(content, lines.begin, span[0])):
                done = max(done, span[1])
                yield span


def _refers(content: bytes, span: Found, declared: frozenset[bytes]) -> bool:
    """Whether a value is a list that was looked at (it is empty then), a reference, or an item that names what the file declares elsewhere."""
    start, end = span[0], span[1]
    if start == end or harmless.REFERENCE.fullmatch(content[start : min(end, start + harmless.LONGEST)].strip(b" \t\"'")):
        return True
    return content[start - 2 : start] == b"- " and content[start:end] in declared  # Compose: a service's list of secrets


def named_values(content: bytes, names: Iterable[tuple[int, int]], dialect: Dialect) -> Iterator[Found]:
    """The values of names that are known to be meant, wherever they stand, in order. Nothing is held to be harmless."""
    lines, done = _Lines(content), 0
    for start, stop in names:
        if start < done:
            continue
        lines.move_to(start)
        for span in _located(content, start, stop, lines, dialect, spaced=True):
            done = max(done, span[1])
            yield span


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


def _name_at(content: bytes, hit: int, done: int) -> tuple[int, int]:
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


def _is_in_quotes(content: bytes, line_begin: int, place: int) -> bool:
    """Whether a value is, or is a part of, what a programming language reads as text."""
    lead = content[max(line_begin, place - _LONGEST_LEAD) : place]
    return lead[-1:] in (b'"', b"'", b"`") or lead.endswith(b"[[") or lead.count(b'"') % 2 == 1 or lead.count(b"'") % 2 == 1


def _located(content: bytes, start: int, stop: int, lines: _Lines, dialect: Dialect, *, spaced: bool = False) -> Iterator[Found]:
    """Where the value of the name is, by what follows it."""
    lead = content[max(lines.begin, start - _LONGEST_LEAD) : start]
    name = content[start:stop]
    near = lead[-40:]
    opening = near[-1:] in _OPENING
    if near.endswith(b"${") and content.startswith(b":?", stop):
        return  # what a shell says if it is missing
    if opening and near.rstrip(b" \t\"'").endswith((b":", b"=")) and _AFTER_NAME_KEY.search(near) and (sibling := _SIBLING.match(content, stop)):
        yield from value_at(content, sibling.end(), Context(dialect, lines.begin))
        return
    after = content[stop : stop + 2]
    if after[:1] in (b" ", b"\t") and after[1:] not in _SIGN_AFTER_BLANK and b"<" not in near and not lead.endswith(b"? "):
        yield from _after_blank(content, start, stop, lines, near, lead, dialect, spaced=spaced)
        return
    assigned = _ASSIGNS.match(content, stop)
    if near.endswith(b'"') and (assigned is None or content[assigned.end() : assigned.end() + 1] in b"\r\n"):
        assigned = _ASSIGNS_BELOW.match(content, stop) or assigned
    if assigned is None and opening and _DEFINE.search(near):
        assigned = _COMMA.match(content, stop)
    if assigned is None:
        assigned = _unusual(content, stop, near, lead)
    if assigned:
        yield from _assigned(content, start, stop, assigned, lines, lead, dialect)
    elif element := _element(content, stop, near):
        yield element
    elif name.startswith(b"-") and (item := _ITEM.match(content, stop) or _CONTINUATION.match(content, stop)):
        yield from value_at(content, item.end(), Context(dialect, lines.begin, before=b" "))
    else:
        yield from _after_blank(content, start, stop, lines, near, lead, dialect, spaced=spaced)


def _after_blank(
    content: bytes, start: int, stop: int, lines: _Lines, near: bytes, lead: bytes, dialect: Dialect, *, spaced: bool
) -> Iterator[Found]:
    """The value after a name and white space."""
    name = content[start:stop]
    directive = _is_directive(near)
    quoted = directive and content[stop : stop + 1] in (b'"', b"'")
    if (spaced or directive or allows_space(name)) and (gap := _SPACE.match(content, stop + quoted)):
        yield from spaced_value(content, gap.end(), lines.end, lead, name, dialect)


def _unusual(content: bytes, stop: int, near: bytes, lead: bytes) -> re.Match[bytes] | None:
    """Between a name and its value in YAML's explicit keys, in Erlang's tuples, in directives of two strings."""
    if near.endswith(b"{"):
        return _ERLANG.match(content, stop)
    if lead.rstrip(b" \t\"'").endswith(b"?"):
        return _ASSIGNS_NEXT_LINE.match(content, stop)
    return _PAIR.match(content, stop) if near.endswith(b'"') and _PAIR_LEAD.match(lead) else None


def _assigned(content: bytes, start: int, stop: int, sign: re.Match[bytes], lines: _Lines, lead: bytes, dialect: Dialect) -> Iterator[Found]:
    """The value after ``=``, ``:``, ``=>``."""
    before = content[start - 1 : start] if start > 0 else b""
    opened = before[0] if before in (b'"', b"'") and content[stop : stop + 1] not in (b'"', b"'", b"\\") else None
    whole_line = start - lines.begin <= _LONGEST_LEAD and _LINE_LEAD.match(lead) is not None
    if dialect is Dialect.INI and _SPACED_KEY.match(lead) and content.find(b"=", sign.end(), lines.end) < 0:
        whole_line = True  # "IPSec secret=…"
    comment = lead.strip() != b"" and _COMMENT.match(lead) is not None
    if comment and not whole_line and _PLAIN_WORD.match(content, sign.end(), lines.end):
        return  # "# Keys and tokens: see below"
    colon = sign.groupdict().get("sign") == b":"
    if comment and _is_prose(content[sign.end() : min(lines.end, sign.end() + 200)]):
        return
    spelled = Spelling.BASE64 if sign.groupdict().get("sign") == b"::" or content[start:stop].endswith(b"-data") else None
    several = says(content[start:stop].lstrip(b"-.")) is not Says.PERHAPS
    context = Context(dialect, lines.begin, whole_line, before, opened, colon, several, comment)
    for begin, end, spelling in value_at(content, sign.end(), context):
        yield begin, end, spelled or spelling


@lru_cache(maxsize=1024)
def _is_directive(near: bytes) -> bool:
    """Whether what stands before a name takes a name and a value: ``proxy_set_header``, ``Header always set``."""
    if near[-1:] not in (b" ", b"\t", b'"', b"'", b"$"):
        return False
    last = near.rstrip(b" \t\"'$").lower().split()[-3:]
    return any(b" ".join(last[-count:]).lstrip(b";{") in _DIRECTIVES for count in range(1, len(last) + 1))


def _element(content: bytes, stop: int, near: bytes) -> Found | None:
    """The text of an XML element of that name, or of one with an attribute that is the name."""
    if near.endswith(b"<") and (attribute := _VALUE_ATTRIBUTE.match(content, stop)):
        return *attribute.span(attribute.lastgroup or 0), Spelling.XML
    tag = _TAG_END.match(content, stop) or (_ATTRIBUTES.match(content, stop) if near.endswith(b"<") or b"<" in near[-20:] else None)
    if tag is None:
        return None
    place = tag.end()
    end = content.find(b"]]>" if tag["data"] else b"<", place, place + _LONGEST_ELEMENT)
    if end < 0 or not (tag["data"] or content.startswith(b"</", end)):
        return None
    text = content[place:end].rstrip()
    return (place, place + len(text), Spelling.BARE if tag["data"] else Spelling.XML) if text else None


def _is_prose(rest: bytes) -> bool:
    """``# password: the one that your administrator gave you``."""
    return rest.count(b" ") >= 2 and not rest.startswith((b'"', b"'")) and harmless.SENTENCE.search(rest) is not None


def _is_secret(value: bytes, verdict: Says, dialect: Dialect, *, quoted: bool) -> bool:
    """Whether a value may be the secret that its name promises."""
    value = value.strip(b" \t\"'\r\n")
    if not value:
        return False
    if len(value) > harmless.LONGEST:
        return True
    first = _REMARK.split(value, maxsplit=1)[0].rstrip(b" ;,")
    if harmless.REFERENCE.fullmatch(first) or harmless.NO_VALUE.fullmatch(first):
        return False
    if dialect in (Dialect.SHELL, Dialect.DOTENV) and harmless.SHELL_VARIABLE.fullmatch(first):
        return False
    if dialect is Dialect.HCL and not quoted and harmless.HCL_EXPRESSION.fullmatch(first):
        return False
    if dialect is Dialect.CODE and not quoted and harmless.CODE_EXPRESSION.fullmatch(first):
        return False
    return verdict is Says.SECRET or harmless.OPAQUE.fullmatch(value) is not None
