"""What is known about secrets, as frozen data: the noun that formats (which know products) and redaction (which knows none) share."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from enum import Enum
from functools import cache


class Spelling(Enum):
    """How a file writes a secret. It is undone before the fingerprint is taken, so that the same secret has one fingerprint everywhere."""

    WRITTEN = "written"
    """As its quotes say: ``"…"`` with backslashes, ``'…'`` as it is, bare as it is."""
    BARE = "bare"
    BACKSLASH = "backslash before what would end it"
    DOUBLE = "double quotes"
    SINGLE = "single quotes"
    SHELL = "shell word"
    XML = "XML"
    PERCENT = "percent-encoding"
    BASE64 = "base64"
    CISCO_7 = "Cisco type 7"
    INDENTED = "indented lines"
    FOLDED = "folded lines"


@dataclass(frozen=True, slots=True)
class SecretPattern:
    """A regular expression whose group ``secret`` is masked.

    If it has a group ``name`` too, it holds only where that name says secret (``proxy_set_header X-Api-Key …``). Expressions are compiled when
    they are first tried: compiling all of them takes longer than a snapshot, and most are never tried on one host's files.

    :ivar name: for people.
    :ivar expression: over bytes; ``^`` and ``$`` mean a line. No nested repetition, and a bound on whatever comes before the secret.
    :ivar words: the pattern is tried only if one of these stands in the content as a word of its own: lower case, letters and digits only
        (``curl``; of ``ghp_x1`` the word is ``ghp``).
    :ivar needles: or if the lower-cased content holds one of these anywhere. Each costs time on every file, words cost none. A pattern
        without words and needles is always tried (then give ``paths``).
    :ivar paths: globs of the paths it holds for (:mod:`changelog_ledger.model.globs`); none means any.
    :ivar lead_expression: what the line (and those that it continues) must hold before the pattern: the command before its options.
    :ivar head_expression: the pattern is looked for only between what this one finds and the next that ``end_expression`` finds (or the end of
        the file).
    """

    name: str
    expression: bytes
    words: frozenset[bytes] = frozenset()
    needles: tuple[bytes, ...] = ()
    paths: tuple[str, ...] = ()
    spelling: Spelling = Spelling.WRITTEN
    lead_expression: bytes = b""
    head_expression: bytes = b""
    end_expression: bytes = b""

    @property
    def pattern(self) -> re.Pattern[bytes]:
        """The expression, compiled."""
        return _compiled(self.expression)

    @property
    def lead(self) -> re.Pattern[bytes] | None:
        """What must stand before it, compiled."""
        return _compiled(self.lead_expression) if self.lead_expression else None

    @property
    def bounds(self) -> tuple[re.Pattern[bytes], re.Pattern[bytes]] | None:
        """Head and end, compiled."""
        return (_compiled(self.head_expression), _compiled(self.end_expression)) if self.head_expression else None

    @property
    def needs_name(self) -> bool:
        """Whether it holds only where its group ``name`` says secret."""
        return b"(?P<name>" in self.expression


@cache
def _compiled(expression: bytes) -> re.Pattern[bytes]:
    return re.compile(expression, re.MULTILINE)


def secret_pattern(
    name: str,
    pattern: bytes,
    needles: tuple[bytes, ...] = (),
    paths: tuple[str, ...] = (),
    spelling: Spelling = Spelling.WRITTEN,
    *,
    words: str = "",
    lead: bytes = b"",
) -> SecretPattern:
    """A :class:`SecretPattern` in one line."""
    return SecretPattern(name, pattern, frozenset(words.encode().split()), needles, paths, spelling, lead)


def secret_block(name: str, head: bytes, end: bytes, pattern: bytes, needles: tuple[bytes, ...], paths: tuple[str, ...] = ()) -> SecretPattern:
    """A pattern that holds between a head and an end: the lines of a list, the words of a line."""
    return SecretPattern(name, pattern, needles=needles, paths=paths, head_expression=head, end_expression=end)


VALUE = rb"(?P<secret>\"(?:[^\"\\\n]|\\.)*+\"|'[^'\n]*+'|[^\s\"'<][^\s\"'<]*+)"
"""A quoted string, or a word: what most patterns end in."""


@dataclass(frozen=True, slots=True)
class SecretObject:
    """Objects of which whole parts are secret, whatever the names in them are: a Kubernetes Secret.

    :ivar name: for people.
    :ivar kind: what the object's ``kind`` says.
    :ivar parts: the keys below which every value is secret, and how it is written there.
    """

    name: str
    kind: bytes
    parts: tuple[tuple[bytes, Spelling], ...]


@dataclass(frozen=True, slots=True)
class SecretCatalogue:
    """Everything that one module, or all of them, know.

    :ivar private_files: globs of files that are secret as a whole.
    :ivar key_files: globs of files that hold keys as text: a PEM block, or a line that is the key.
    :ivar public_files: globs of files that are neither, whatever the two above say.
    :ivar nameless_files: globs of files of which the names say password and the values never are one (PAM, sudoers).
    """

    patterns: tuple[SecretPattern, ...] = ()
    objects: tuple[SecretObject, ...] = ()
    private_files: tuple[str, ...] = ()
    key_files: tuple[str, ...] = ()
    public_files: tuple[str, ...] = ()
    nameless_files: tuple[str, ...] = ()


def joined(*catalogues: SecretCatalogue) -> SecretCatalogue:
    """Several catalogues as one, in order."""
    return SecretCatalogue(*(tuple(entry for one in catalogues for entry in getattr(one, field.name)) for field in fields(SecretCatalogue)))


_ATOM = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]")
_INNERMOST = re.compile(r"\((?:\?(?:P<\w+>|[:=!>]|<[=!]|[aiLmsux-]+:))?([^()]*)\)")
_UNBOUNDED = re.compile(r"(?<![*+?}])[*+](?!\+)|\{\d*,\}(?!\+)")


_MOST_REPETITIONS = 2
_ANYTHING = re.compile(r"\.(?:[*+]|\{\d*,\})\??(?!\+)")


def may_take_forever(pattern: str) -> bool:
    """Whether a pattern may take years on one short line: a repetition or a choice inside a repetition (``(a+)+``), or ``.*`` more than twice.

    Each ``.*`` more multiplies the time by the length of the line.
    """
    text = _ATOM.sub("x", pattern)
    if len(_ANYTHING.findall(text)) > _MOST_REPETITIONS:
        return True
    while group := _INNERMOST.search(text):
        endless = "|" in group[1] or _UNBOUNDED.search(group[1]) is not None
        if endless and _UNBOUNDED.match(text, group.end()):
            return True
        text = text[: group.start()] + ("x+y" if endless else "x") + text[group.end() :]
    return False
