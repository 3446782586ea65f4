"""What the snapshots use: the universal rules and those of the formats."""

from changelog_ledger.formats.secrets import CATALOGUE
from changelog_ledger.redaction import RuleSet
from changelog_ledger.redaction import redact as bare_redact

RULES = RuleSet(CATALOGUE)


def redact(path, content, fingerprint, ruleset=RULES):
    return bare_redact(path, content, fingerprint, ruleset)
