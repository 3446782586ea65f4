"""Which policy asks for at least as much as which, field by field and path by path."""

from __future__ import annotations

import pytest

from changelog_ledger.gate.strictness import introduced, is_as_strict, judged_alike
from changelog_ledger.model.gate import POLICY_FILE, Merges

from .made import NGINX, policy

PLAIN = policy()


@pytest.mark.parametrize(
    ("strict", "loose"),
    [
        ("", 'exempt_authors = ["*"]'),
        ("", 'generated = ["x"]'),
        ("", 'covered_by = ["planned", "started"]'),
        ("", "within_window = []"),
        ('merges = "all"', ""),
        ("", 'merges = "allow"'),
        ('actor = "same"', ""),
        ('actor = "same"', 'actor = "same"\npeople = {"a" = "b"}'),
        ('reverts = "refuse"', ""),
        ('comments_only = "refuse"', ""),
        ('format_only = "refuse"', ""),
    ],
)
def test_what_is_looser(strict: str, loose: str) -> None:
    one, other = policy(strict), policy(loose)
    assert is_as_strict(one, one)
    assert not is_as_strict(other, one)
    assert not judged_alike(other, one, POLICY_FILE)
    assert judged_alike(one, one, NGINX)


@pytest.mark.parametrize("line", ['trailer = "required"', 'when_away = "warn"', 'people = {"a" = "b"}', 'covered_by = ["started"]'])
def test_what_is_not(line: str) -> None:
    assert is_as_strict(policy(line), PLAIN)


def test_what_is_configuration_is_told_path_by_path() -> None:
    narrow = policy('generated = ["*.tf"]')
    assert judged_alike(narrow, PLAIN, NGINX)
    assert not judged_alike(narrow, PLAIN, "main.tf")
    assert not judged_alike(narrow, PLAIN, POLICY_FILE)
    assert judged_alike(PLAIN, narrow, POLICY_FILE)


def test_what_counts_of_a_policy_that_is_new() -> None:
    found = introduced(policy('exempt_authors = ["*"]\ngenerated = ["*.tf"]\nmerges = "allow"'))
    assert found == PLAIN
    assert introduced(policy('merges = "all"')).merges is Merges.ALL
