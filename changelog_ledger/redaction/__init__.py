"""Masks secrets before bytes reach git: rules in, text out.

A masked value reads ``<secret:9f3e5a>``: the keyed fingerprint shows *that* it changed, never what it is.
"""

from changelog_ledger.redaction.redact import redact
from changelog_ledger.redaction.redacted import Redacted
from changelog_ledger.redaction.ruleset import RuleSet

__all__ = ["Redacted", "RuleSet", "redact"]
