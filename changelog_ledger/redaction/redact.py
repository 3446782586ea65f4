"""The way in: a first look, and the engine where there may be something. It is not even imported for files without a trace of a secret."""

from __future__ import annotations

import codecs

from changelog_ledger.redaction.presence import Presence
from changelog_ledger.redaction.redacted import Fingerprint, Redacted
from changelog_ledger.redaction.rules import PLACEHOLDER
from changelog_ledger.redaction.ruleset import UNIVERSAL, FileRules, RuleSet

_UTF_16 = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


def redact(path: str, content: bytes, fingerprint: Fingerprint, ruleset: RuleSet = UNIVERSAL) -> Redacted:
    """Mask every secret of a file. Takes any bytes, raises nothing, in linear time.

    :param path: the file's path on the host: some rules hold for some paths only.
    :param fingerprint: it is asked for the secret itself, without the quotes and escapes of the file's language.
    :param ruleset: what is known beside the universal rules: products, the home's own rules.
    """
    if not content or PLACEHOLDER.fullmatch(content.rstrip(b"\r\n")):
        return Redacted(content, 0)
    for mark, encoding in _UTF_16:
        if content.startswith(mark):
            return _redacted_utf_16(path, content, encoding, fingerprint, ruleset)
    known = ruleset.for_path(path)
    presence = Presence(content.lower())
    if not _may_hold_secrets(content, presence, known):
        return Redacted(content, 0)
    from changelog_ledger.redaction.engine import masked

    return masked(content, presence, known, fingerprint)


def _may_hold_secrets(content: bytes, presence: Presence, known: FileRules) -> bool:
    """Whether anything could be found: a name, a key, a rule for this path, a pattern that matches."""
    if presence.names or known.private or known.holds_key or known.own or known.net or b"-----begin " in presence.lowered:
        return True
    return any(pattern.bounds or pattern.pattern.search(content) for pattern in known.patterns.worth_trying(presence))


def _redacted_utf_16(path: str, content: bytes, encoding: str, fingerprint: Fingerprint, ruleset: RuleSet) -> Redacted:
    """Text as Windows writes it; what is no such text stays as it is."""
    text = content[2:].decode(encoding, "surrogatepass") if len(content) % 2 == 0 else ""
    masked = redact(path, text.encode("utf-8", "surrogatepass"), fingerprint, ruleset)
    if not masked.secrets:
        return Redacted(content, 0)
    return Redacted(content[:2] + masked.content.decode("utf-8", "surrogatepass").encode(encoding, "surrogatepass"), masked.secrets)
