"""Free text: titles, notes, reasons, what a command said. People write *about* passwords there; only what looks like one is masked."""

from __future__ import annotations

import re
from collections.abc import Iterator

from changelog_ledger.redaction import harmless, rules
from changelog_ledger.redaction.names import Says, says
from changelog_ledger.redaction.redact import redact
from changelog_ledger.redaction.redacted import Fingerprint
from changelog_ledger.redaction.ruleset import UNIVERSAL, RuleSet

_NAMELESS = "/prose"  # a path that no rule names
_ASSIGNED = re.compile(
    r"(?P<name>[\w.-]{2,64})(?P<sign>[\"']?[ \t]{0,2}(?:=|:)[ \t]{0,4}|[ \t]+(?:was|is|to|=>|->)[ \t]+)"
    r"(?P<value>\"[^\"\n]{1,256}\"|'[^'\n]{1,256}'|[^\s\"'<>,;]{2,256})(?P<rest>[^\n]{0,40})"
)
_OPTION = re.compile(r"(?:^|\s)--?(?P<name>[a-z][\w-]{2,40})[ \t]+(?P<value>\"[^\"\n]+\"|'[^'\n]+'|[^\s\"'<>-][^\s\"'<>]*)")
_LOOKS_SECRET = re.compile(r"(?=.*[0-9@#$%^&*+~?!])\S{4,}|.*[a-z][A-Z].*")
_PLAIN_THINGS = re.compile(r"(?:CHG-)?[0-9A-Z]{0,6}[.,)]?|\d[\d.:/-]*[.,)]?|v?\d+(?:\.\d+)*[.,)]?|<.*|\w+\?|\w+!")


def redact_text(text: str, fingerprint: Fingerprint, ruleset: RuleSet = UNIVERSAL) -> str:
    """The text without what is secret by its look: tokens, URL passwords, headers, private keys, ``password=…``. Prose stays as it is.

    :param ruleset: give that of the formats, and commands with passwords (``mysql -p…``) are masked too.
    """
    if not text.strip():
        return text
    spans = sorted(_spans(text))
    out, place = [], 0
    for start, end in spans:
        if start >= place:
            out += [text[place:start], f"<secret:{fingerprint(text[start:end].encode('utf-8', 'surrogatepass'))}>"]
            place = end
    text = "".join([*out, text[place:]])
    content = text.encode("utf-8", "surrogatepass")
    masked = redact(_NAMELESS, content, fingerprint, ruleset.without_names())
    return masked.content.decode("utf-8", "surrogatepass") if masked.secrets else text


def _spans(text: str) -> Iterator[tuple[int, int]]:
    place = 0
    while match := _ASSIGNED.search(text, place):
        place = match.end("sign")
        if rules.PLACEHOLDER.match(text[max(match.start() - 1, 0) : match.start() + 80].encode("utf-8", "replace")):
            continue  # masked already
        if says(match["name"].encode("utf-8", "surrogatepass").lstrip(b"-.")) is Says.SECRET and _is_meant(match):
            yield _inner(match)
            place = match.end("value")
    for match in _OPTION.finditer(text):
        if says(match["name"].encode("utf-8", "surrogatepass")) is Says.SECRET and not _is_reference(match["value"]):
            yield _inner(match)


def _inner(match: re.Match[str]) -> tuple[int, int]:
    """The value without its quotes and without the full stop of the sentence."""
    start, end = match.span("value")
    if match["value"][0] in "\"'" and len(match["value"]) > 1:
        return start + 1, end - 1
    return start, start + len(match["value"].rstrip(".)")) or end


def _is_meant(match: re.Match[str]) -> bool:
    """``password=hunter2`` is one, ``password: changed for bob`` is none."""
    value, sign = match["value"], match["sign"].strip(" \t\"'")
    bare = value.strip("\"'")
    if _is_reference(value) or rules.PLACEHOLDER.match(value.encode("utf-8", "surrogatepass")):
        return False
    if value[0] in "\"'" and sign in ("=", ":"):
        return True
    if sign == "=":
        return True
    if _LOOKS_SECRET.fullmatch(bare) and not _PLAIN_THINGS.fullmatch(bare):
        return True
    alone = not match["rest"].strip(" \t.;,)")
    return sign == ":" and alone and "\n" not in match.group() and not re.fullmatch(r"\w+(?:ed|en|ing|able|ible|ory|less|ly)", bare) and len(bare) > 3


def _is_reference(value: str) -> bool:
    bare = value.strip("\"'").encode("utf-8", "surrogatepass")
    return bool(harmless.REFERENCE.fullmatch(bare) or harmless.NO_VALUE.fullmatch(bare) or harmless.SHELL_VARIABLE.fullmatch(bare))
