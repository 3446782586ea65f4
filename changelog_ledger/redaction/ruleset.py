"""Everything that is known about secrets, made ready once, and what of it holds for one path."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from changelog_ledger.model import globs
from changelog_ledger.model.rules import SecretRule
from changelog_ledger.model.secret_rules import SecretCatalogue, SecretObject, SecretPattern
from changelog_ledger.redaction import rules, words
from changelog_ledger.redaction.presence import Presence

if TYPE_CHECKING:
    from changelog_ledger.redaction.dialects import Dialect
    from changelog_ledger.redaction.own_rules import OwnRule

Net = Callable[[bytes], Iterable[tuple[int, int]]]
"""A second opinion: where else in a text there may be secrets."""


_PIECE = re.compile(rb"[a-z0-9]+")
_Needles = tuple[tuple[bytes, frozenset[int]], ...]


class PatternIndex:
    """Patterns by the words and needles without which they need not be tried: most files hold few of them."""

    def __init__(self, patterns: Iterable[SecretPattern]) -> None:
        self._patterns = tuple(patterns)
        self._always = frozenset(number for number, pattern in enumerate(self._patterns) if not pattern.words and not pattern.needles)
        self._by_word = _numbers_by((word, number) for number, pattern in enumerate(self._patterns) for word in pattern.words)
        needles = _numbers_by((needle, number) for number, pattern in enumerate(self._patterns) for needle in pattern.needles)
        self._below_word = _grouped({needle: needles[needle] for needle in needles if _whole_word(needle)}, _whole_word)
        pieces = _grouped({needle: needles[needle] for needle in needles if not _whole_word(needle)}, _longest_piece).items()
        names = {piece: next((name for name in words.NEEDLES if name in piece), b"") for piece, _ in pieces}
        self._below_name = {name: tuple(one for one in pieces if names[one[0]] == name) for name in (b"", *words.NEEDLES)}
        self._words = frozenset(self._by_word) | frozenset(self._below_word)

    def worth_trying(self, presence: Presence) -> Sequence[SecretPattern]:
        """Those that may find something, in order."""
        numbers = set(self._always)
        for word in self._words & presence.words:
            numbers |= self._by_word.get(word, frozenset())
            for needle, wanting in self._below_word.get(word, ()):
                if needle in presence.lowered:
                    numbers |= wanting
        for name in (b"", *presence.names):  # a needle need not be looked for where a part of it is not
            for piece, below in self._below_name[name]:
                if piece in presence.packed:
                    for needle, wanting in below:
                        if needle in presence.lowered:
                            numbers |= wanting
        return [self._patterns[number] for number in sorted(numbers)] if numbers else ()


def _whole_word(needle: bytes) -> bytes:
    """The longest word of a needle that stands in it between signs: the content must hold it as a word."""
    inner = (piece for piece in _PIECE.finditer(needle) if piece.start() > 0 and piece.end() < len(needle))
    return max((piece[0] for piece in inner), key=len, default=b"")


def _longest_piece(needle: bytes) -> bytes:
    return max(_PIECE.findall(needle), key=len, default=b"")


def _grouped(needles: dict[bytes, frozenset[int]], by: Callable[[bytes], bytes]) -> dict[bytes, _Needles]:
    grouped: dict[bytes, _Needles] = {}
    for needle, wanting in needles.items():
        grouped[by(needle)] = (*grouped.get(by(needle), ()), (needle, wanting))
    return grouped


_WILD = re.compile(r"[*?/]|\[[^\]]*\]")


def _few(pieces: Iterable[str]) -> tuple[str, ...]:
    """Without those that hold another one."""
    several = frozenset(pieces)
    return tuple(sorted(piece for piece in several if not any(other in piece for other in several - {piece})))


def _numbers_by(pairs: Iterable[tuple[bytes, int]]) -> dict[bytes, frozenset[int]]:
    numbers: dict[bytes, frozenset[int]] = {}
    for key, number in pairs:
        numbers[key] = numbers.get(key, frozenset()) | {number}
    return numbers


@dataclass(frozen=True, slots=True)
class FileRules:
    """What holds for one path.

    :ivar private: the file is secret as a whole.
    :ivar holds_key: a line that is a word is a key.
    :ivar has_names: names say what is secret.
    """

    path: str
    private: bool
    holds_key: bool
    has_names: bool
    patterns: PatternIndex
    objects: tuple[SecretObject, ...]
    own: tuple[OwnRule, ...]
    exempting: tuple[OwnRule, ...]
    net: Net | None

    @property
    def dialect(self) -> Dialect:
        """How such a file quotes; worked out only where something was found."""
        from changelog_ledger.redaction.dialects import dialect_of

        return dialect_of(self.path)


class RuleSet:
    """Universal rules, those of the formats, and the home's own. Immutable; make it once and keep it."""

    def __init__(
        self,
        catalogue: SecretCatalogue,
        own_rules: Sequence[SecretRule] = (),
        net: Net | None = None,
        universal: tuple[SecretPattern, ...] = rules.PATTERNS,
    ) -> None:
        self._catalogue = catalogue
        self._own = _made_ready(own_rules)
        self._net = net
        self._patterns = (*catalogue.patterns, *universal)
        self._known = lru_cache(maxsize=65536)(self._made)

    @classmethod
    def only(cls, net: Net) -> RuleSet:
        """The second opinion alone: to compare."""
        return cls(SecretCatalogue(nameless_files=("/**",)), net=net, universal=())

    def for_path(self, path: str) -> FileRules:
        """What holds for one path (most are ordinary, and that is decided once)."""
        return self._known(path)

    def without_names(self) -> RuleSet:
        """The same, but names and paths say nothing: for prose."""
        return self._for_prose

    @cached_property
    def _for_prose(self) -> RuleSet:
        patterns = tuple(pattern for pattern in self._catalogue.patterns if not pattern.paths and not pattern.needs_name)
        return RuleSet(SecretCatalogue(patterns=patterns, nameless_files=("/**",)))

    @cached_property
    def _anywhere(self) -> PatternIndex:
        return PatternIndex(pattern for pattern in self._patterns if not pattern.paths)

    @cached_property
    def _special(self) -> re.Pattern[str]:
        """What is in every path for which something special holds. Quick to make and to try, and most paths have nothing of it."""
        catalogue = self._catalogue
        somewhere = (glob for pattern in self._patterns for glob in pattern.paths)
        special = (*somewhere, *catalogue.private_files, *catalogue.key_files, *catalogue.public_files, *catalogue.nameless_files)
        return re.compile("|".join(re.escape(piece) for piece in _few(_literal(glob) for glob in special)))

    def _made(self, path: str) -> FileRules:
        catalogue = self._catalogue
        absolute = path if path.startswith("/") else "/" + path
        special = self._special.search(absolute) is not None
        own = tuple(rule for rule in self._own if rule.holds_for(path))
        public = special and _covers(catalogue.public_files, absolute)
        private = special and not public and _covers(catalogue.private_files, absolute)
        holds_key = special and not public and _covers(catalogue.key_files, absolute)
        patterns = self._anywhere
        if special and any(_covers(pattern.paths, absolute) for pattern in self._patterns):
            patterns = PatternIndex(pattern for pattern in self._patterns if not pattern.paths or _covers(pattern.paths, absolute))
        return FileRules(
            path=path,
            private=private,
            holds_key=holds_key,
            has_names=not (special and _covers(catalogue.nameless_files, absolute)),
            patterns=patterns,
            objects=catalogue.objects,
            own=tuple(rule for rule in own if rule.rule.secret),
            exempting=tuple(rule for rule in own if not rule.rule.secret),
            net=self._net,
        )


def _made_ready(own_rules: Sequence[SecretRule]) -> tuple[OwnRule, ...]:
    if not own_rules:
        return ()
    from changelog_ledger.redaction.own_rules import own_rule

    return tuple(own_rule(rule) for rule in own_rules)


def _covers(patterns: tuple[str, ...], path: str) -> bool:
    """Whether one of the globs covers an absolute path. Globs are compiled only where their literal part is in the path."""
    return any(_literal(glob) in path and globs.matches(glob, path) for glob in patterns)


@lru_cache(maxsize=4096)
def _literal(glob: str) -> str:
    """The longest piece of a glob that every path it covers must hold."""
    return max(_WILD.split(glob), key=lambda piece: (piece != "" and not piece.startswith("."), len(piece)))


UNIVERSAL = RuleSet(SecretCatalogue())
"""What is secret by its look or by its name, anywhere."""
