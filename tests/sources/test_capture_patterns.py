from __future__ import annotations

import pytest

from changelog_ledger.sources.patterns import path_test


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("*.swp", "/etc/x.swp", True),
        ("*.swp", "/etc/x.swp/y", False),
        ("**/*.swp", "/x.swp", True),
        ("/etc/*", "/etc/a", True),
        ("/etc/*", "/etc/a/b", False),
        ("/etc/**", "/etc/a/b", True),
        ("/etc/**/x", "/etc/x", True),
        ("/etc/**/x", "/etc/a/b/x", True),
        ("/etc/**/x", "/etc/ax", False),
        ("nginx/*.conf", "/etc/nginx/a.conf", True),
        ("/etc/?", "/etc/ab", False),
        ("/etc/[ab]", "/etc/b", True),
        ("/etc/[!ab]", "/etc/b", False),
        ("/etc/[!ab]", "/etc/c", True),
        ("/etc/[", "/etc/[", True),
        ("/etc/a.b", "/etc/axb", False),
        ("/etc/a\nb", "/etc/a\nb", True),
        ("*", "/etc/a\nb", True),
    ],
)
def test_patterns(pattern, path, expected):
    assert path_test([pattern])(path, path.rsplit("/", 1)[1]) is expected


def test_no_pattern_matches_nothing():
    assert not path_test([])("/etc", "etc")
