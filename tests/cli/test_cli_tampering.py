"""The clever insider: whatever is edited behind the ledger's back, ``verify`` ends with 5 and says where."""

from __future__ import annotations

import sqlite3

import pytest

from ..workflows.world import HOST, git
from .conftest import Desk, day


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("UPDATE fact SET actor = 'nobody' WHERE seq = 3", "chain"),
        ("UPDATE fact SET body = CAST(replace(CAST(body AS TEXT), '502', '200') AS BLOB) WHERE CAST(body AS TEXT) LIKE '%502%'", "chain"),
        ("UPDATE fact SET occurred_at = occurred_at - 3600000000 WHERE seq = 3", "chain"),
        ("UPDATE fact SET occurred_at = 'yesterday' WHERE seq = 3", "chain"),
        ("DELETE FROM fact WHERE seq = 3", "chain"),
        ("DELETE FROM fact WHERE seq = (SELECT max(seq) FROM fact)", "chain"),
        ("UPDATE stream_head SET seq = seq - 1", "chain"),
        ("UPDATE change SET status = 'cancelled'", "projection"),
        ("DELETE FROM delta", "projection"),
        ("DELETE FROM mark", "projection"),
        ("UPDATE mark SET at = 'yesterday'", "projection"),
        ("UPDATE snapshot SET at = 'yesterday'", "projection"),
        ("UPDATE delta SET path = '/etc/other'", "projection"),
    ],
)
def test_an_edited_database_is_found(troubled: Desk, statement: str, code: str) -> None:
    with sqlite3.connect(troubled.home / "ledger.db") as connection:
        assert connection.execute(statement).rowcount > 0
    answer = troubled("verify", "--json", code=5)
    assert code in {finding["code"] for finding in answer.json["findings"]}
    assert troubled("verify", code=5).out.startswith(code)


def test_a_branch_that_was_set_back_is_found(troubled: Desk) -> None:
    """The edit at 11:00 is hidden by moving the host's branch to the snapshot before it."""
    git(troubled.home, "update-ref", f"refs/heads/host/{HOST}", f"refs/heads/host/{HOST}~1")
    answer = troubled("verify", "--json", code=5)
    assert "snapshot" in {finding["code"] for finding in answer.json["findings"]}


def test_a_branch_that_is_gone_is_found(troubled: Desk) -> None:
    git(troubled.home, "update-ref", "-d", f"refs/heads/host/{HOST}")
    troubled("verify", code=5)


def test_rebuild_mends_an_edited_projection_but_never_an_edited_fact(troubled: Desk) -> None:
    with sqlite3.connect(troubled.home / "ledger.db") as connection:
        connection.execute("DELETE FROM delta")
    troubled("rebuild")
    troubled("verify")
    with sqlite3.connect(troubled.home / "ledger.db") as connection:
        connection.execute("UPDATE fact SET actor = 'nobody' WHERE seq = 3")
    troubled("rebuild")
    troubled("verify", code=5)


def test_a_replaced_commit_is_found(troubled: Desk) -> None:
    """The same tree under another message: the fact names the commit that it was."""
    tip = git(troubled.home, "rev-parse", f"refs/heads/host/{HOST}").decode().strip()
    tree, parent = git(troubled.home, "rev-parse", f"{tip}^{{tree}}", f"{tip}~1").decode().split()
    identity = ("-c", "user.name=x", "-c", "user.email=x@example.org")
    forged = git(troubled.home, *identity, "commit-tree", tree, "-p", parent, "-m", "nothing happened").decode().strip()
    git(troubled.home, "update-ref", f"refs/heads/host/{HOST}", forged)
    troubled("verify", code=5)
    assert troubled("good", HOST, "--at", day("13:00")).code == 0, "recording still works"
