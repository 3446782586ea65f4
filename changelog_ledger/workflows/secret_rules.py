"""Where the rules of redaction meet: the universal ones, those of the formats, and the home's own."""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec

from changelog_ledger.errors import SettingsError
from changelog_ledger.formats.secrets import CATALOGUE
from changelog_ledger.model.rules import SecretRule
from changelog_ledger.redaction import RuleSet, second_net
from changelog_ledger.settings import Settings

BUILT_IN = RuleSet(CATALOGUE)
"""The rules where there is no home."""


def ruleset(settings: Settings) -> RuleSet:
    """The rules of a home, made ready once.

    :raises SettingsError: if detect-secrets is wanted and not installed: rather no snapshot than one that was looked at less closely.
    """
    return _ruleset(settings.secret_rules, settings.detect_secrets)


@lru_cache(maxsize=16)
def _ruleset(own: tuple[SecretRule, ...], with_net: bool) -> RuleSet:
    if with_net and find_spec("detect_secrets") is None:
        raise SettingsError(
            "ledger.toml says snapshot.detect_secrets = true, and detect-secrets is not installed",
            "install it with: pip install 'changelog-ledger[secrets]' (or set it to false)",
        )
    return RuleSet(CATALOGUE, own, second_net.spans if with_net else None) if own or with_net else BUILT_IN
