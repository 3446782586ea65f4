"""``ledger adopt`` and ``ledger search`` as somebody at a terminal meets them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from ..workflows.foreign import Foreign
from ..workflows.world import HOST, START
from .conftest import Desk, day


@pytest.fixture
def etc(tmp_path: Path) -> Foreign:
    """Two commits of an ``/etc`` under etckeeper."""
    made = Foreign.make(tmp_path / "etc")
    made.write("hosts", "127.0.0.1 localhost\n")
    made.keep_books()
    made.commit("Initial commit", START - timedelta(days=2))
    made.write("hosts", "127.0.0.1 localhost\n10.0.0.1 db\n")
    made.commit("Point at the new database\n\nSee OPS-99 \x1b[31m", START - timedelta(days=1))
    return made


class TestAdopt:
    def test_it_says_what_it_did(self, desk: Desk, etc: Foreign) -> None:
        said = desk("adopt", str(etc.place), "--host", "old-01").out
        assert said == "adopted 2 snapshots of old-01 from 2 commits, 2025-05-31 to 2025-06-01\nnew in the ledger: old-01\n"
        assert desk("adopt", str(etc.place), "--host", "old-01").out == "nothing new in 2 commits\n"
        (piece,) = desk("diff", "old-01", "--json").json["evidence"]
        assert (piece["path"], piece["op"]) == ("/etc/hosts", "added")

    def test_as_json(self, desk: Desk, etc: Foreign) -> None:
        told = desk("adopt", str(etc.place), "--host", "old-01", "--json").json
        assert told == {
            "schema": "changelog-ledger/adopt/1", "commits": 2, "snapshots": 2, "recovered": 0, "bent": 0, "hosts": ["old-01"], "added": ["old-01"],
            "first": "2025-05-31T09:00:00Z", "last": "2025-06-01T09:00:00Z", "shallow": False, "left_out": {},
        }  # fmt: skip

    def test_what_was_odd_is_told(self, desk: Desk, tmp_path: Path) -> None:
        made = Foreign.make(tmp_path / "devices")
        made.write("core/core-1", "mtu 1500\n")
        made.write("\x1b[31m", "x\n")
        made.commit("update core-1", START - timedelta(days=2))
        made.write("core/core-1", "mtu 9000\n")
        made.commit("update core-1", START + timedelta(days=99 * 365))
        told = " ".join(desk("adopt", str(made.place), "--host-from-path").out.split())
        assert told.startswith("adopted 2 snapshots of core-1 from 2 commits")
        assert "1 commit has a time out of order" in told
        assert "left out: \\x1b[31m ('\\x1b[31m' cannot name a host" in told

    def test_errors_say_what_to_do(self, desk: Desk, etc: Foreign, tmp_path: Path) -> None:
        assert "give either --host NAME" in desk.refused("adopt", str(etc.place))
        assert "give either --host NAME" in desk.refused("adopt", str(etc.place), "--host", "a", "--host-from-path", "{host}")
        assert "work tree with .git" in desk.refused("adopt", str(tmp_path), "--host", "a")
        assert "its branches: main" in desk.refused("adopt", str(etc.place), "--host", "a", "--branch", "none")
        assert "use letters, digits" in desk.refused("adopt", str(etc.place), "--host", "a b")
        assert "write {host} once" in desk.refused("adopt", str(etc.place), "--host-from-path", "{group}")
        desk.snapshot("10:00")
        assert f"--host {HOST}-history" in desk.refused("adopt", str(etc.place), "--host", HOST)


class TestSearch:
    def test_a_commit_message_is_found(self, desk: Desk, etc: Foreign) -> None:
        desk("adopt", str(etc.place), "--host", "old-01")
        told = desk("search", "ops-99").out.splitlines()
        assert told[0].startswith("Sun 1 Jun 2025 09:00:00 +00:00  snapshot  ")
        assert "Point at the new database" in " ".join(told)
        assert told[-2].strip() == "Point at the new database See OPS-99 \\x1b[31m"
        assert told[-1] == "1 hit"

    def test_as_json(self, troubled: Desk) -> None:
        (hit,) = troubled("search", "502", "--json").json["results"]
        assert hit.pop("id")
        assert hit == {
            "kind": "mark", "at": "2025-06-02T12:00:00Z", "targets": [f"host:{HOST}"],
            "title": "customers get 502", "text": "customers get 502", "actor": "alex",
        }  # fmt: skip
        assert troubled("search", "502", "--json").json["schema"] == "changelog-ledger/search/1"
        assert troubled("search", "nobody", "wrote", "--json").json["results"] == []

    def test_several_words_and_the_limit(self, troubled: Desk) -> None:
        assert troubled("search", "WORKER", "limit").out.splitlines()[-1] == "1 hit"
        assert len(troubled("search", HOST, "--limit", "2", "--json").json["results"]) == 2
        assert troubled("search", "x", "nothing-like-this").out == "Nothing holds x nothing-like-this.\n"

    def test_since_and_on(self, troubled: Desk) -> None:
        assert {hit["kind"] for hit in troubled("search", "worker", "--since", day("11:30"), "--json").json["results"]} == {"change"}, (
            "planned just now"
        )
        assert {hit["kind"] for hit in troubled("search", "worker", "--on", HOST, "--json").json["results"]} == {"change", "delta"}
        assert "there is no host" in troubled.refused("search", "x", "--on", "nowhere")
        troubled("search", code=2)
        assert "nothing to search for" in troubled.refused("search", " ")
