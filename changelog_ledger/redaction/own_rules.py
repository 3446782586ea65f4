"""The home's own rules (``[[redaction]]`` in ``ledger.toml``), made ready: names as a pattern, the pattern over one line at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from changelog_ledger.model import globs
from changelog_ledger.model.rules import SecretRule
from changelog_ledger.model.secret_rules import Spelling
from changelog_ledger.redaction.dialects import Dialect
from changelog_ledger.redaction.keyed import named_values
from changelog_ledger.redaction.values import Found, narrowed

_LONGEST_LINE = 4096
"""A pattern of the home sees no more of a line at a time: a bad one takes long, but not for ever."""
_OVERLAP = 1024
_SEPARATORS = re.compile(r"[-_]+")
_ANY = r"[\w.-]{0,64}"


@dataclass(frozen=True, slots=True)
class OwnRule:
    """One rule, compiled."""

    rule: SecretRule
    names: re.Pattern[bytes] | None
    pattern: re.Pattern[bytes] | None

    def holds_for(self, path: str) -> bool:
        """Whether the rule speaks of that file."""
        return globs.covers(self.rule.paths, path)

    def found(self, content: bytes, dialect: Dialect) -> Iterator[Found]:
        """What it names."""
        if self.names:
            yield from named_values(content, (match.span() for match in self.names.finditer(content)), dialect)
        if self.pattern:
            yield from _by_line(self.pattern, content, dialect)


def own_rule(rule: SecretRule) -> OwnRule:
    """A rule made ready."""
    names = "|".join(_name(key) for key in rule.keys)
    return OwnRule(
        rule,
        re.compile(rf"(?<![\w.-])(?:--?)?(?:{names})(?![\w-])".encode(), re.IGNORECASE) if names else None,
        re.compile(rule.pattern.encode(), re.MULTILINE) if rule.pattern else None,
    )


def _name(key: str) -> str:
    """A name with ``*`` for any part; ``-``, ``_`` and nothing between its words are the same."""
    return _ANY.join("[-_]?".join(re.escape(word) for word in _SEPARATORS.split(part)) for part in key.split("*"))


def _by_line(pattern: re.Pattern[bytes], content: bytes, dialect: Dialect) -> Iterator[Found]:
    start = 0
    while start < len(content):
        end = content.find(b"\n", start)
        end = end if end >= 0 else len(content)
        for begin in range(start, max(end, start + 1), _LONGEST_LINE - _OVERLAP):
            for match in pattern.finditer(content[begin : min(begin + _LONGEST_LINE, end)]):
                low, high = match.span("secret")
                if high > low >= 0:
                    yield narrowed(content, begin + low, begin + high, Spelling.WRITTEN, dialect)
        start = end + 1
