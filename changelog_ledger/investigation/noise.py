"""Which differences change by themselves. A judgement, not a fact: everything is stored, and judged when it is read.

So a new rule holds for the past as well, and a rule that says too much loses nothing. ::

    judge = NoiseJudge([NoiseRule("chrony drift", paths=("chrony/drift",))])
    judge.rule_of(delta)  ->  "chrony drift", or empty for what is no noise

Where in doubt, a difference is no noise: one whose text was cut short, one that is noise in part, and whatever is no difference of content.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property, lru_cache

from changelog_ledger.investigation.key_globs import key_pattern
from changelog_ledger.model import globs
from changelog_ledger.model.evidence import Delta, Op, RecordedDelta
from changelog_ledger.model.report import Suppressed
from changelog_ledger.model.rules import NoiseRule

_LINES = re.compile(r"lines? \d+(?:-\d+)?")
"""The keys of differences by lines."""

_CUT_SHORT = (" lines more)", " characters in all)")
"""How a text ends of which a delta holds the beginning only."""

_LONGEST_KEY = 500
"""Characters of a key beyond which no glob is tried: files come from anywhere."""

_MASKS = 0xF0000
"""The first of the characters that stand for parts: a plane of Unicode that nobody writes in."""

_KNOWN_PATHS = 8_192


class NoiseJudge:
    """Rules, ready to be asked about many differences. Patterns are compiled when they are first needed."""

    def __init__(self, rules: Iterable[NoiseRule]) -> None:
        """Of several rules that take part in a difference, the first names it."""
        self._rules = tuple(_Compiled(rule) for rule in rules)
        self._covering = lru_cache(maxsize=_KNOWN_PATHS)(self._rules_of)
        self._together = lru_cache(maxsize=_KNOWN_PATHS)(_Rules)

    def rule_of(self, delta: Delta) -> str:
        """The name of the rule that makes all of a difference noise, or empty. Lines of one difference may be noise by several rules."""
        return self._covering(delta.path).name_of(delta) if _is_of_content(delta) else ""

    def names(self, path: str) -> bool:
        """Whether a rule says something about this path in particular."""
        return self._covering(path).name_the_file

    def _rules_of(self, path: str) -> _Rules:
        return self._together(tuple(rule for rule in self._rules if rule.covers(path)))


def sifted(deltas: Iterable[RecordedDelta], judge: NoiseJudge) -> tuple[tuple[RecordedDelta, ...], tuple[Suppressed, ...]]:
    """The differences that are evidence, in the order given, and the others in numbers."""
    kept: list[RecordedDelta] = []
    noisy: dict[tuple[str, str, str], list[RecordedDelta]] = {}
    for recorded in deltas:
        rule = judge.rule_of(recorded.delta)
        group = noisy.setdefault((recorded.host, recorded.delta.path, rule), []) if rule else kept
        group.append(recorded)
    return tuple(kept), tuple(
        Suppressed(rule, host, path, len(found), max(recorded.not_after for recorded in found))
        for (host, path, rule), found in sorted(noisy.items(), key=lambda entry: entry[0])
    )


class _Compiled:
    """A rule with its patterns."""

    def __init__(self, rule: NoiseRule) -> None:
        self.rule = rule
        self.is_of_whole_files = bool(rule.paths) and not (rule.keys or rule.lines or rule.parts)

    def covers(self, path: str) -> bool:
        return not self.rule.paths or self._paths.fullmatch(path) is not None

    @cached_property
    def _paths(self) -> re.Pattern[str]:
        return globs.any_of(self.rule.paths)

    @cached_property
    def keys(self) -> re.Pattern[str] | None:
        return re.compile("|".join(key_pattern(glob) for glob in self.rule.keys)) if self.rule.keys else None

    @cached_property
    def lines(self) -> tuple[re.Pattern[str], ...]:
        return tuple(re.compile(pattern) for pattern in self.rule.lines)

    @cached_property
    def parts(self) -> tuple[re.Pattern[str], ...]:
        return tuple(re.compile(pattern) for pattern in self.rule.parts)


class _Rules:
    """The rules that cover a path, their patterns side by side, each with the place of its rule."""

    def __init__(self, rules: tuple[_Compiled, ...]) -> None:
        self._names = tuple(rule.rule.name for rule in rules)
        self._whole = next((rule.rule.name for rule in rules if rule.is_of_whole_files), "")
        self.name_the_file = any(rule.rule.paths for rule in rules)
        self._rules = rules

    @cached_property
    def _keys(self) -> tuple[tuple[int, re.Pattern[str]], ...]:
        return tuple((number, rule.keys) for number, rule in enumerate(self._rules) if rule.keys is not None)

    @cached_property
    def _lines(self) -> tuple[tuple[int, re.Pattern[str]], ...]:
        return tuple((number, pattern) for number, rule in enumerate(self._rules) for pattern in rule.lines)

    @cached_property
    def _parts(self) -> tuple[tuple[int, re.Pattern[str]], ...]:
        return tuple((number, pattern) for number, rule in enumerate(self._rules) for pattern in rule.parts)

    def name_of(self, delta: Delta) -> str:
        """The name of the first rule that takes part in making a difference of content noise, or empty if it is none."""
        if self._whole or not self._names:
            return self._whole
        by_lines = delta.key is None or _LINES.fullmatch(delta.key)
        taking_part = self._in_lines(delta) if by_lines else self._at_key(delta.key or "", delta)
        return self._names[min(taking_part)] if taking_part else ""

    def _at_key(self, key: str, delta: Delta) -> set[int]:
        """By the key itself, else by what is left of its two values."""
        if len(key) <= _LONGEST_KEY:
            for number, pattern in self._keys:
                if pattern.fullmatch(key):
                    return {number}
        if delta.before is None or delta.after is None or not _are_whole_texts(delta):
            return set()
        return self._in_parts(delta.before, delta.after)

    def _in_lines(self, delta: Delta) -> set[int]:
        """Every line that differs is noise by some rule, or differs from its counterpart in nothing but parts."""
        if not _are_whole_texts(delta):
            return set()
        taking_part: set[int] = set()
        old, new = (self._remaining(side, taking_part) for side in (delta.before, delta.after))
        if len(old) != len(new):
            return set()
        for before, after in zip(old, new, strict=True):
            parts = self._in_parts(before, after)
            if not parts:
                return set()
            taking_part |= parts
        return taking_part

    def _remaining(self, text: str | None, taking_part: set[int]) -> list[str]:
        """The lines that no rule takes as a whole; the rules that take one are added to ``taking_part``."""
        remaining = []
        for line in [] if text is None else text.split("\n"):
            taken = next((number for number, pattern in self._lines if pattern.search(line)), None)
            if taken is None:
                remaining.append(line)
            else:
                taking_part.add(taken)
        return remaining

    def _in_parts(self, before: str, after: str) -> set[int]:
        """The rules whose parts, once masked, leave two texts equal; none if they do not.

        A mask of its own stands for each part, so that one that comes, goes or becomes another is a difference.
        """
        found: set[int] = set()
        for place, (number, pattern) in enumerate(self._parts):
            before, times = pattern.subn(chr(_MASKS + place), before)
            if times:
                found.add(number)
                after = pattern.sub(chr(_MASKS + place), after)
        return found if before == after else set()


def _is_of_content(delta: Delta) -> bool:
    """Whether it is a difference within a file that was there before and after, as what it is. Anything else is always news."""
    return delta.op is not Op.METADATA and (delta.key is not None or delta.op is Op.OPAQUE)


def _are_whole_texts(delta: Delta) -> bool:
    """Whether both sides are text that was not cut short, and say different things (line ends, or an order, are in neither)."""
    sides = (delta.before, delta.after)
    texts = all(side is None or (isinstance(side, str) and not _is_cut_short(side)) for side in sides)
    return texts and delta.before != delta.after


def _is_cut_short(text: str) -> bool:
    return text.endswith(_CUT_SHORT) and "… (" in text
