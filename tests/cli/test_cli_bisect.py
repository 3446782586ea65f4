"""``ledger bisect``: the command."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import HOST, Answer, Desk, day

BREAKS = 'grep -q "pool = 20" $LEDGER_ROOT/etc/app.ini'


@pytest.fixture
def searched(desk: Desk) -> Desk:
    """It worked at 10:00; the pool is broken since 10:03, in a snapshot with two more differences."""
    desk.snapshot("10:00")
    desk("good", f"host:{HOST}", "--at", day("10:00"))
    for number in range(1, 6):
        desk.machine.edit("/etc/hosts", "localhost", f"localhost a{number}")
        if number == 3:
            desk.machine.edit("/etc/app.ini", "pool = 20", "pool = 2")
            desk.machine.edit("/etc/app.ini", "[db]", "[db]  ; main")
        desk.snapshot(f"10:0{number}")
    desk.machine.clock.now = desk.machine.clock.now.replace(hour=10, minute=30)
    return desk


def state_of(desk: Desk) -> list[Path]:
    return sorted((desk.home / "bisect").glob("*/*"))


def masked(text: str, desk: Desk) -> str:
    """Without ids that hold randomness."""
    for snapshot in desk("snapshots", HOST, "--json").json["snapshots"]:
        text = text.replace(snapshot["id"], f"SNAPSHOT-{snapshot['at'][11:16]}")
    return text.replace(str(desk.home), "HOME")


class TestProbe:
    def test_it_is_found(self, searched: Desk) -> None:
        answer = searched("bisect", HOST, "--probe", BREAKS, code=None)
        assert answer.code == 0, answer.err
        shown = masked(answer.out, searched)
        assert "FIRST BAD SNAPSHOT\n  SNAPSHOT-10:03  Mon 2 Jun 2025 10:03:00 +00:00  by alex\n" in shown
        assert "    -pool = 20\n    +pool = 2\n" in shown
        assert "No change explains it." in shown
        assert f"ledger restore --dry-run {HOST} /etc/app.ini \\\n      --from SNAPSHOT-10:02\n" in shown, "what is copied still runs"
        assert max(map(len, shown.splitlines())) <= 80
        assert "about 5 probes to go" in answer.err
        assert state_of(searched) == []

    def test_the_commands_that_it_names_work(self, searched: Desk) -> None:
        found = searched("bisect", HOST, "--probe", BREAKS, "--json", code=None).json
        for command in found["next"]:
            words = command.split()[1:]
            if words[0] == "explain":
                words[-1] = searched("change", "log", "Pool", "--on", f"host:{HOST}", "--at", day("10:02")).out.strip()
            searched(*words, *(("--to", str(searched.machine.root)) if words[0] == "restore" else ()), code=None)

    def test_json(self, searched: Desk) -> None:
        answer = searched("bisect", HOST, "--probe", f"echo noise; {BREAKS}", "--json", code=None)
        found = answer.json
        assert (found["schema"], found["host"], found["differences"]) == ("changelog-ledger/bisect/1", HOST, 3)
        (cause,) = found["causes"]
        assert (cause["path"], cause["part"], cause["lines"]) == ("/etc/app.ini", "hunk", [3, 3])
        assert [piece["key"] for piece in cause["evidence"]] == ["db/pool"]
        assert found["found"]["at"] == day("10:03").replace("Z", ":00Z")

    def test_skips_that_leave_several_are_a_partial_result(self, searched: Desk) -> None:
        answer = searched("bisect", HOST, "--probe", f"grep -q 'localhost a[234]' $LEDGER_ROOT/etc/hosts && exit 125; {BREAKS}", code=None)
        assert answer.code == 3
        assert "NOT UNIQUE: one of 4 snapshots" in answer.out

    def test_an_end_that_is_wrong(self, searched: Desk) -> None:
        answer = searched("bisect", HOST, "--probe", "false", code=4)
        assert "ledger: the trouble shows with the configuration of last-good (the snapshot of Mon 2 Jun 2025 10:00:00 +00:00) as well" in answer.err
        assert "hint: " in answer.err

    @pytest.mark.parametrize(
        ("probe", "said"), [("exit 127", "is not there"), ("exit 126", "cannot be executed"), ("exit 128", "gave up with exit code 128")]
    )
    def test_no_answer(self, searched: Desk, probe: str, said: str) -> None:
        assert said in searched("bisect", HOST, "--probe", probe, code=4).err

    def test_too_slow(self, searched: Desk) -> None:
        for limit in ("nan", "inf"):
            assert f"a probe cannot be given {limit} seconds" in searched("bisect", HOST, "--probe", BREAKS, "--timeout", limit, code=None).err
        assert "took longer than 0.2 seconds" in searched("bisect", HOST, "--probe", "sleep 20", "--timeout", "0.2", code=4).err


class TestByHand:
    def test_from_beginning_to_end(self, searched: Desk) -> None:
        answer: Answer = searched("bisect", HOST)
        for _ in range(20):
            if "Look at" not in answer.out:
                break
            (root,) = (desk_root for desk_root in state_of(searched) if desk_root.is_dir())
            assert str(root) in answer.out.replace("\n    ", "")
            answer = searched("bisect", "good" if "pool = 20" in (root / "etc/app.ini").read_text() else "bad")
        assert "+pool = 2\n" in answer.out
        assert state_of(searched) == []

    def test_status_and_reset(self, searched: Desk) -> None:
        searched("bisect", HOST)
        assert "Look at" in searched("bisect", "status").out
        assert searched("bisect", "status", HOST, "--json").json["pending"]["left"] > 0
        searched("bisect", "reset", HOST)
        assert state_of(searched) == []
        assert "no bisection is under way" in searched.refused("bisect", "good")

    def test_an_answer_to_nothing(self, searched: Desk) -> None:
        searched("bisect", HOST, "--probe", "exit 127", code=4)
        answer = searched.refused("bisect", "good")
        assert "nothing was shown" in answer
        assert f"hint: look first: ledger bisect {HOST}" in answer
        assert f"To see its files: ledger bisect {HOST}" in " ".join(searched("bisect", "status").out.split())

    def test_several_under_way_have_to_be_named(self, searched: Desk) -> None:
        searched("host", "add", "good")
        for number, text in enumerate(("a", "b")):
            searched.machine.write("/etc/x", text)
            searched("snapshot", "good", "--root", str(searched.machine.root), "--at", day(f"10:1{number}"))
        searched("bisect", HOST)
        searched("bisect", "start", "good", "--since", day("10:10"))
        assert "2 bisections are under way" in searched.refused("bisect", "status")
        assert "Look at" in searched("bisect", "good", "good").out
        assert "does not show with the configuration of" in searched("bisect", "good", "good", code=4).err
        assert "Look at" in searched("bisect", "status").out


class TestUsage:
    def test_help_is_not_a_host(self, desk: Desk) -> None:
        assert "Commands:" in desk("bisect", "--help").out
        assert "--probe" in desk("bisect", "start", "--help").out

    def test_errors(self, searched: Desk) -> None:
        assert "there is no host" in searched.refused("bisect", "nowhere", "--probe", "true")
        assert "of a host's configuration or of a repository" in searched.refused("bisect", "--probe", "true")
        assert "are not of a bisection of a host" in searched.refused("bisect", HOST, "--good", "HEAD")
        searched("bisect", HOST, "--by", "day", code=2)
        assert "--to is where somebody looks" in searched.refused("bisect", HOST, "--probe", "true", "--to", "x")
        assert "--timeout is for a probe" in searched.refused("bisect", HOST, "--timeout", "3")

    def test_a_state_that_cannot_be(self, searched: Desk) -> None:
        searched("bisect", HOST)
        (file,) = (place for place in state_of(searched) if place.is_file())
        file.write_text(file.read_text().replace('"verdicts": [', '"verdicts": [[7, "good"], '))
        assert f"hint: begin anew: ledger bisect reset {HOST}" in searched.refused("bisect", "status")
        searched("bisect", "reset", HOST)
        assert state_of(searched) == []
