"""Names that git's index refuses."""

from __future__ import annotations

import pytest

from changelog_ledger.sources.git_names import is_refused


@pytest.mark.parametrize(
    "path",
    [
        "..", "../x", "a/../b", ".", "a/./b", "", "a//b", "/a", "a/",
        ".git/config", ".GIT/config", "a/.Git/hooks/x", "git~1/config", "GIT~1", ".git. /x", ".git::$INDEX_ALLOCATION/x",
        ".g\u200cit/config", "\ufeff.git/x", "a\\.git\\config",
    ],
)  # fmt: skip
def test_what_leads_elsewhere(path: str) -> None:
    assert is_refused(path)


@pytest.mark.parametrize(
    "path", [".gitignore", ".github/x", "a..b", "...", "git", "dot.git/config", "a.git", "git~2", ".gitx", "a:b", "..a/b", "x\udcff"]
)
def test_what_is_a_name(path: str) -> None:
    assert not is_refused(path)
