"""The way in: a first look, and the engine where there may be something. It is not even imported for files without a trace of a secret."""

from __future__ import annotations

import codecs
import re
from dataclasses import replace

from changelog_ledger.redaction.presence import Presence
from changelog_ledger.redaction.redacted import Fingerprint, Redacted
from changelog_ledger.redaction.rules import PLACEHOLDER
from changelog_ledger.redaction.ruleset import UNIVERSAL, FileRules, RuleSet

_UTF_16 = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_NO_ZEROS = re.compile(rb"[^\0]{6,}")
_MOST_PASSES = 8


def redact(path: str, content: bytes, fingerprint: Fingerprint, ruleset: RuleSet = UNIVERSAL) -> Redacted:
    """Mask every secret of a file. Takes any bytes, raises nothing, in linear time.

    :param path: the file's path on the host: some rules hold for some paths only.
    :param fingerprint: it is asked for the secret itself, without the quotes and escapes of the file's language.
    :param ruleset: what is known beside the universal rules: products, the home's own rules.
    """
    if not content or PLACEHOLDER.fullmatch(content.rstrip(b"\r\n")):
        return Redacted(content, 0)
    known = ruleset.for_path(path)
    for mark, encoding in _UTF_16:
        if content.startswith(mark):
            return _redacted_marked(content, encoding, known, fingerprint)
    return _redacted(content, known, fingerprint)


def _redacted(content: bytes, known: FileRules, fingerprint: Fingerprint) -> Redacted:
    """Bytes as they are."""
    presence = Presence(content.lower())
    if not content or not _may_hold_secrets(content, presence, known):
        return Redacted(content, 0)
    from changelog_ledger.redaction.engine import masked

    return masked(content, presence, known, fingerprint)


def _may_hold_secrets(content: bytes, presence: Presence, known: FileRules) -> bool:
    """Whether anything could be found: a name, a key, a rule for this path, a pattern that matches."""
    if presence.names or known.private or known.holds_key or known.own or known.net or b"-----begin " in presence.lowered:
        return True
    return any(pattern.bounds or pattern.pattern.search(content) for pattern in known.patterns.worth_trying(presence))


def _redacted_marked(content: bytes, encoding: str, known: FileRules, fingerprint: Fingerprint) -> Redacted:
    """What begins with the mark of UTF-16: such text, other text, or both in a row (what a program that knows of no mark appends)."""
    mark, text = content[:2], content[2:]
    if b"\0" not in text:  # not a letter of it is UTF-16
        once = _redacted(text or (mark if known.private else b""), known, fingerprint)
        return Redacted(mark + once.content if text else once.content or mark, once.secrets)
    secrets = 0
    for _ in range(_MOST_PASSES):  # what was masked may shift what follows to where it can be read
        once = _redacted_utf_16(text, encoding, known, fingerprint)
        if known.private and not (secrets or once.secrets or "<secret:".encode(encoding) in text):
            return _redacted(content, known, fingerprint)
        rest = _redacted_between(once.content, known, fingerprint)
        if not (found := once.secrets + rest.secrets):
            break
        text, secrets = rest.content, secrets + found
    return Redacted(mark + text if secrets else content, secrets)


def _redacted_utf_16(text: bytes, encoding: str, known: FileRules, fingerprint: Fingerprint) -> Redacted:
    """Text as Windows writes it. The last byte stays as it is if it is half of a letter."""
    even = len(text) - len(text) % 2
    once = _redacted(text[:even].decode(encoding, "surrogatepass").encode("utf-8", "surrogatepass"), known, fingerprint)
    if not once.secrets:
        return Redacted(text, 0)
    try:
        masked = once.content.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:  # a rule that ends after so many bytes ended within a letter
        masked = once.content.decode("utf-8", "replace")
    return Redacted(masked.encode(encoding, "surrogatepass") + text[even:], once.secrets)


def _redacted_between(text: bytes, known: FileRules, fingerprint: Fingerprint) -> Redacted:
    """What stands as ordinary text between UTF-16, which has a zero in every letter of ASCII."""
    runs = list(_NO_ZEROS.finditer(text))
    once = _redacted(b"\n".join(run[0] for run in runs), replace(known, private=False), fingerprint)
    if not once.secrets:
        return Redacted(text, 0)
    lines, number, out, place = once.content.split(b"\n"), 0, [], 0
    for run in runs:  # lines stay lines, so they tell which run is which
        count = run[0].count(b"\n") + 1
        out += [text[place : run.start()], b"\n".join(lines[number : number + count])]
        place, number = run.end(), number + count
    return Redacted(b"".join([*out, text[place:]]), once.secrets)
