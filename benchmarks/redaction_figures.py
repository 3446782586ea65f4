"""Recall and precision on the labelled corpus."""

from __future__ import annotations

import base64
import hmac
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote
from xml.sax.saxutils import escape

from benchmarks.redaction_corpus import Case
from changelog_ledger.redaction import RuleSet, redact

_RUN = 6
"""So many bytes in a row of a secret must not remain."""


@dataclass(frozen=True)
class Verdict:
    """What became of one case.

    :ivar leaked: a run of bytes of a secret is still there.
    :ivar right: how many masked values are secrets; ``wrong``: are none.
    :ivar kept: whether each secret's fingerprint is that of the secret itself, without quotes and escapes.
    """

    case: Case
    leaked: bool
    right: int
    wrong: int
    kept: bool
    output: bytes


def judged(case: Case, ruleset: RuleSet) -> Verdict:
    """Mask one case and look at what remains and at what was masked."""
    seen: set[bytes] = set()

    def fingerprint(secret: bytes) -> str:
        seen.add(secret)
        return hmac.digest(b"corpus", secret, "sha256").hex()[:12]

    output = redact(case.path, case.content.encode(), fingerprint, ruleset).content
    secrets = [secret.encode() for secret in case.secrets]
    forms = sorted((form for secret in secrets for form in written(secret)), key=len, reverse=True)
    around = case.content.encode()
    for form in forms:
        around = around.replace(form, b"\0")
    leaked = any(run in output and run not in around for form in forms for run in _runs(form))
    right = sum(any(_shares(value, secret) for secret in secrets) or _encoded(value, case) for value in seen)
    kept = all(secret in seen or any(secret in value for value in seen) for secret in secrets)
    return Verdict(case, leaked, right, len(seen) - right, kept, output)


def written(secret: bytes) -> tuple[bytes, ...]:
    """A secret as it is, in base64, percent-encoded, as a JSON string, in XML, and in the quotes of YAML and of shells."""
    text = secret.decode()
    quoted = (json.dumps(text)[1:-1], escape(text), text.replace("'", "''"), text.replace("'", "'\"'\"'"), re.sub(r'([\\"$`])', r"\\\1", text))
    forms = (secret, base64.b64encode(secret).rstrip(b"="), quote(text, safe="").encode(), *(form.encode() for form in quoted))
    return tuple(dict.fromkeys(forms))


def _runs(secret: bytes) -> Iterable[bytes]:
    width = min(_RUN, len(secret))
    return (secret[place : place + width] for place in range(len(secret) - width + 1))


def _shares(value: bytes, secret: bytes) -> bool:
    return value in secret or any(run in value for run in _runs(secret))


def _encoded(value: bytes, case: Case) -> bool:
    """Whether a masked value is what a labelled base64 text stands for."""
    import base64

    texts = (base64.b64encode(value).rstrip(b"=").decode(),)
    return any(text and text in secret for text in texts for secret in case.secrets)


@dataclass(frozen=True)
class Figures:
    """Counts of many cases."""

    cases: int
    with_secrets: int
    recalled: int
    right: int
    wrong: int

    @property
    def recall(self) -> float:
        """The share of cases of which nothing remains."""
        return self.recalled / self.with_secrets if self.with_secrets else 1.0

    @property
    def precision(self) -> float:
        """The share of masked values that are secrets."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0


def figures(verdicts: Iterable[Verdict]) -> Figures:
    """Sum up."""
    several = list(verdicts)
    with_secrets = [one for one in several if one.case.secrets]
    return Figures(
        len(several),
        len(with_secrets),
        sum(not one.leaked for one in with_secrets),
        sum(one.right for one in several),
        sum(one.wrong for one in several),
    )
