"""Whose rules say what is noise: the built-in ones and the home's own."""

from __future__ import annotations

from functools import lru_cache

from changelog_ledger.formats.noise import BUILT_IN
from changelog_ledger.investigation.noise import NoiseJudge
from changelog_ledger.model.rules import NoiseRule
from changelog_ledger.workflows.workspace import Workspace


def noise_judge(workspace: Workspace) -> NoiseJudge:
    """The judge of a home. Its own rules come first, and one with the name of a built-in rule takes that rule's place."""
    return _judge(workspace.settings.noise_rules)


@lru_cache(maxsize=8)
def _judge(own: tuple[NoiseRule, ...]) -> NoiseJudge:
    names = {rule.name for rule in own}
    return NoiseJudge((*own, *(rule for rule in BUILT_IN if rule.name not in names)))
