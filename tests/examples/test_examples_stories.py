"""The two stories of change management: the partner's move, and the bank's maintenance window."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from changelog_ledger import Ledger
from tests.examples.test_examples import EXAMPLES, load, run


@pytest.fixture(scope="module")
def move(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return load("the_partners_move").investigate(tmp_path_factory.mktemp("move"))


class TestThePartnersMove:
    def test_the_move_comes_first_and_its_checklist_says_firewall(self, move: Any) -> None:
        suspect = move.report.suspects[0]
        assert (suspect.kind, suspect.title) == ("change", "Move the order automation to auto-02")
        unticked = next(reason for reason in suspect.reasons if reason.code == "unticked-relevant")
        assert unticked.text == "the symptom is about what was not ticked: firewalls"
        assert unticked.weight > 0, "an item that the complaint is about speaks for it"
        assert move.report.unlogged == (), "everything was logged: it is the checklist that gives it away"

    def test_the_new_server_lacks_the_rule_that_the_old_one_has(self, move: Any) -> None:
        (piece,) = move.missing
        assert (piece.path, str(piece.op)) == ("/etc/nftables.conf", "removed")
        assert "198.51.100.7" in str(piece.before)

    def test_the_old_server_stays(self, move: Any) -> None:
        assert "auto-01" in move.way_back
        assert "2026-03-31" in move.way_back

    def test_it_runs_as_a_process_and_leaves_a_home_to_ask(self, tmp_path: Path) -> None:
        done = run(EXAMPLES / "the_partners_move.py", tmp_path)
        assert (done.returncode, done.stderr) == (0, "")
        assert "the symptom is about what was not ticked: firewalls" in " ".join(done.stdout.split())
        with Ledger.open(tmp_path / "home") as ledger:
            (change,) = ledger.changes()
            assert [item.text.split()[0].lower() for item in change.open_items] == ["firewalls:"]
            assert ledger.verify() == ()


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    told: list[str] = load("the_maintenance_window").tell(tmp_path_factory.mktemp("window"))
    return told


class TestTheMaintenanceWindow:
    def test_two_sundays_are_not_free_and_the_third_is(self, said: list[str]) -> None:
        assert said[0].startswith("2026-09-27: FRZ-")
        assert "'quarter end' freezes changes" in said[0]
        assert "Patch the database" in said[1]
        assert said[2] == "2026-10-11: nothing speaks against it"

    def test_the_customers_are_told_three_times_in_their_own_time(self, said: list[str]) -> None:
        before, start, end = (text for text in said if text.startswith("Planned maintenance"))
        assert "Sunday 11 October 2026, 02:00 to 04:00 +02:00 (Europe/Berlin)" in before
        assert "begins" in start
        assert "rolled back" in end
        assert all("servicedesk@bank.example" in text and "online-banking" in text for text in (before, start, end))

    def test_at_twenty_to_four_there_are_five_minutes_left(self, said: list[str]) -> None:
        assert "2026-10-11T01:40Z: can go back until 01:45 UTC, 5 minutes left" in said

    def test_afterwards_the_files_are_what_they_were(self, tmp_path: Path) -> None:
        done = run(EXAMPLES / "the_maintenance_window.py", tmp_path)
        assert (done.returncode, done.stderr) == (0, "")
        assert "version = 7.1" in (tmp_path / "hosts/pay-01/etc/payments/gateway.conf").read_text()
        with Ledger.open(tmp_path / "home") as ledger:
            assert [change.outcome for change in ledger.changes() if change.title.startswith("Upgrade")].count("rolled-back") == 1
            assert ledger.verify() == ()
