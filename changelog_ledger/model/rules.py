"""Rules that people may add in ``ledger.toml`` to those that stand beside the formats: what is secret, what is noise, what is in which format."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SecretRule:
    """What is a secret, or is none.

    :ivar name: for people.
    :ivar paths: globs of the files it holds for (:mod:`changelog_ledger.model.globs`); none means every file.
    :ivar keys: names whose value is meant, as the file writes them, ``*`` for any part of a name; case, ``-`` and ``_`` do not matter.
    :ivar pattern: a regular expression (``^`` and ``$`` mean a line) with a group ``secret``; empty for none.
    :ivar secret: False where what the rule names is no secret, whatever other rules say.
    """

    name: str
    paths: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    pattern: str = ""
    secret: bool = True


@dataclass(frozen=True, slots=True)
class NoiseRule:
    """What changes by itself: it is stored like everything else, but a difference in it is no evidence.

    A difference is noise if one rule says so of all of it. Owner, mode and type, and files that come and go, are never noise.

    :ivar name: for people; reports count by it.
    :ivar paths: globs of the files it holds for (:mod:`changelog_ledger.model.globs`); none means every file.
    :ivar keys: globs of key paths as deltas show them: ``*`` for any part of a step, ``**`` across steps, ``/`` for the separator, whatever the
        format writes there: ``**/serial``, ``items[*]/updated_at``.
    :ivar lines: regular expressions, searched for in a line: where every line that differs fits one, the difference is noise.
    :ivar parts: regular expressions of what is noise within a line or a value that holds something else: where both sides are equal once these
        parts are masked, the difference is noise.

    With ``paths`` and nothing else the whole content of these files is meant.
    """

    name: str
    paths: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FormatRule:
    """Which format some files are in, whatever their names and contents say.

    :ivar paths: globs of the files it holds for (:mod:`changelog_ledger.model.globs`).
    :ivar format: the name of a known format; ``lines`` for none.
    """

    paths: tuple[str, ...]
    format: str
