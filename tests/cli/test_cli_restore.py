"""``restore`` and ``change roll-back`` from the outside: what they print, ask, refuse, and how they end."""

from __future__ import annotations

import os
import pty
import select
import time
from pathlib import Path

from ..workflows.world import HOST, process
from .conftest import Desk, day


def wrecked(desk: Desk) -> Desk:
    """As it was at 10:00, and then somebody came."""
    desk.snapshot("10:00")
    desk("good", HOST, "--at", day("10:05"))
    desk.machine.edit("/etc/nginx/nginx.conf", "worker_processes 4", "worker_processes 8")
    desk.machine.edit("/etc/app.ini", "battery-staple", "battery-changed")
    desk.machine.write("/etc/new.conf", "x\n")
    desk.machine.path("/etc/hosts").unlink()
    return desk


def where(desk: Desk) -> list[str]:
    return ["--root", str(desk.machine.root)]


def test_a_dry_run_shows_the_differences_from_now_to_then(desk: Desk) -> None:
    said = wrecked(desk)("restore", HOST, "/etc", "--from", "last-good", "--dry-run", "--delete", *where(desk)).out
    assert "8 → 4" in said
    assert "create    /etc/hosts" in said
    assert "remove    /etc/new.conf" in said
    assert "replace   /etc/app.ini" in said
    assert "Nothing was altered" in said
    assert "battery" not in said
    assert "<secret:" in said
    assert desk.machine.path("/etc/new.conf").exists()


def test_it_restores_proves_and_tells_how_to_take_it_back(desk: Desk) -> None:
    said = wrecked(desk)("restore", HOST, "/etc", "--from", "last-good", "--yes", "--delete", *where(desk)).out
    assert "5 paths proven equal; all as it was then" in " ".join(said.split())
    assert "worker_processes 4" in desk.machine.path("/etc/nginx/nginx.conf").read_text()
    assert "battery-staple" in desk.machine.path("/etc/app.ini").read_text()
    assert not desk.machine.path("/etc/new.conf").exists()
    assert f"To take it back: ledger restore {HOST} /etc --from" in said
    before = desk("snapshots", HOST, "--json").json["snapshots"][-2]["id"]
    desk("restore", HOST, "/etc", "--from", before, "--delete", "--yes", *where(desk))
    assert "worker_processes 8" in desk.machine.path("/etc/nginx/nginx.conf").read_text()
    assert desk.machine.path("/etc/new.conf").exists()
    desk("verify")


def test_the_json_says_it_all(desk: Desk, tmp_path: Path) -> None:
    wrecked(desk)
    plan = desk("restore", HOST, "/etc", "--from", "last-good", "--dry-run", "--json", *where(desk)).json
    assert plan["schema"] == "changelog-ledger/restore/1"
    assert (plan["dry_run"], plan["before"], plan["extra"]) == (True, None, ["/etc/new.conf"])
    steps = {step["path"]: (step["action"], step["aspects"]) for step in plan["steps"]}
    assert steps["/etc/hosts"] == ("create", [])
    assert steps["/etc/nginx/nginx.conf"][1][0] == "content"
    done = desk("restore", HOST, "/etc", "--from", "last-good", "--yes", "--json", *where(desk)).json
    assert (done["complete"], done["proven"], done["unrestored"]) == (True, 5, [])
    snapshots = [snapshot["id"] for snapshot in desk("snapshots", HOST, "--json").json["snapshots"]]
    assert [done["from"]["id"], done["before"], done["after"]] == snapshots
    assert desk("change", "show", done["change"], "--json").json["change"]["outcome"] == "succeeded"
    (tmp_path / "copy").mkdir()
    copy = desk("restore", HOST, "/etc/hosts", "--from", "last-good", "--to", str(tmp_path / "copy"), "--json").json
    assert (copy["copy"], copy["change"], copy["proven"]) == (True, None, 1)
    assert (tmp_path / "copy/etc/hosts").read_text() == "127.0.0.1 localhost\n"


def test_without_a_terminal_it_wants_a_yes(desk: Desk) -> None:
    wrecked(desk)
    said = desk.refused("restore", HOST, "/etc", "--from", "last-good", *where(desk))
    assert "nobody said yes" in said
    assert "--yes" in said
    assert not desk.machine.path("/etc/hosts").exists()


def test_what_cannot_be_asked_is_refused(desk: Desk, tmp_path: Path) -> None:
    wrecked(desk)
    refusals = {
        ("/etc", "--from", "last-good", "--to", str(tmp_path), "--root", str(tmp_path)): "--to and --root",
        ("/opt", "--from", "last-good", *where(desk)): "does not know /opt",
        ("/etc/new.conf", "--from", "last-good", *where(desk)): "did not exist",
        ("etc", "--from", "last-good", *where(desk)): "cannot restore 'etc'",
        ("/etc", "--from", "yonder", *where(desk)): "yonder",
        ("/etc", "--from", day("09:00"), *where(desk)): "had no snapshot yet",
        ("/etc", "--from", "last-good", "--to", str(tmp_path / "nowhere")): "there is no directory",
        ("/etc", "--from", "last-good", "--yes", "--change", "CHG-NONE", *where(desk)): "CHG-NONE",
    }
    for arguments, reason in refusals.items():
        assert reason in desk.refused("restore", HOST, *arguments)
    assert desk("restore", HOST, "/etc", code=2).err
    assert desk("restore", HOST, "--from", "now", code=2).err


def test_a_part_that_cannot_be_restored_ends_with_three(desk: Desk) -> None:
    desk.machine.write("/etc/tool", "#!/bin/sh\n").chmod(0o4755)
    wrecked(desk)
    desk.machine.write("/etc/tool", "wrecked")
    answer = desk("restore", HOST, "/etc", "--from", "last-good", "--yes", *where(desk), code=3)
    assert "NOT RESTORED" in answer.out
    assert "mode 0755 instead of 4755" in answer.out
    assert "--privileged" in answer.out
    assert desk("restore", HOST, "/etc", "--from", "last-good", "--yes", "--privileged", *where(desk)).code == 0


def test_hostile_names_do_not_reach_the_terminal(desk: Desk) -> None:
    name = "/etc/\x1b[2J\nevil\u202e"
    desk.machine.write(name, "then")
    desk.snapshot("10:00")
    desk.machine.write(name, "now")
    said = desk("restore", HOST, "/etc", "--from", "now", "--dry-run", *where(desk)).out
    assert "\x1b" not in said
    assert "\u202e" not in said
    assert "/etc/\\x1b[2J\\nevil\\u202e" in said
    assert desk("restore", HOST, "/etc", "--from", "now", "--yes", "--json", *where(desk)).json["complete"]
    assert desk.machine.path(name).read_text() == "then"


def test_taking_back_a_change(desk: Desk) -> None:
    desk.snapshot("10:00")
    change = desk("change", "plan", "Tune", "--on", HOST, "--path", "/etc/nginx/**", "--rollback-to", "latest", "--backout", "put 4 back").out.strip()
    desk("change", "start", change, "--at", day("10:10"))
    desk.machine.edit("/etc/nginx/nginx.conf", "worker_processes 4", "worker_processes 8")
    desk("change", "finish", change, "--at", day("10:20"))
    assert "nobody said yes" in desk.refused("change", "roll-back", change, *where(desk))
    dry = desk("change", "roll-back", change, "--dry-run", *where(desk)).out
    assert "8 → 4" in dry
    assert f"{change} stays succeeded" in dry
    done = desk("change", "roll-back", change, "--yes", "--note", "502s", "--json", *where(desk)).json
    assert (done["schema"], done["recorded"], done["advice"]) == ("changelog-ledger/roll-back/1", True, ["backout plan: put 4 back"])
    assert done["restore"]["complete"]
    assert done["change"]["status"] == "rolled-back"
    assert "worker_processes 4" in desk.machine.path("/etc/nginx/nginx.conf").read_text()


def test_taking_back_by_hand_only_records(desk: Desk) -> None:
    desk.snapshot("10:00")
    change = desk("change", "plan", "Tune", "--on", HOST, "--rollback-to", "latest").out.strip()
    desk("change", "start", change, "--at", day("10:10"))
    desk.machine.edit("/etc/nginx/nginx.conf", "worker_processes 4", "worker_processes 8")
    assert desk("change", "roll-back", change, "--record-only").out == f"{change} is rolled-back: Tune\n"
    assert "worker_processes 8" in desk.machine.path("/etc/nginx/nginx.conf").read_text()


def test_at_a_terminal_it_shows_the_plan_and_asks(desk: Desk) -> None:
    wrecked(desk)
    arguments = ["restore", HOST, "/etc/nginx", "--from", "last-good", *where(desk)]
    for answer, text in ((b"n\n", "worker_processes 8"), (b"y\n", "worker_processes 4")):
        said = _at_a_terminal(desk.home, arguments, answer)
        assert said.count("8 → 4") == 1
        assert ("interrupted; nothing is half written" in said) == (answer == b"n\n")
        assert "Do it? [y/N]" in said
        assert text in desk.machine.path("/etc/nginx/nginx.conf").read_text()


def test_every_field_is_documented(desk: Desk) -> None:
    page = (Path(__file__).parents[2] / "docs/reference/json.md").read_text()
    document = wrecked(desk)("restore", HOST, "/etc", "--from", "last-good", "--dry-run", "--json", *where(desk)).json
    names = {*document, *document["from"], *document["steps"][0], *document["differences"][0], "recorded", "restore", "advice", "why", "hint"}
    assert [name for name in sorted(names) if f"`{name}`" not in page] == []


def _at_a_terminal(home: Path, arguments: list[str], answer: bytes) -> str:
    """Run the command with a real terminal in front of it, type the answer when it asks."""
    ours, theirs = pty.openpty()
    said, deadline = b"", time.monotonic() + 60
    try:
        with process(home, *arguments, stdin=theirs, stdout=theirs, stderr=theirs, environment={"NO_COLOR": "1"}) as running:
            os.close(theirs)
            while time.monotonic() < deadline:
                if select.select([ours], [], [], 0.1)[0]:
                    try:
                        said += os.read(ours, 65536)
                    except OSError:  # the command has ended
                        break
                    if answer and b"[y/N]" in said:
                        os.write(ours, answer)
                        answer = b""
            assert running.wait(timeout=30) == (130 if b"interrupted" in said else 0)
    finally:
        os.close(ours)
    return said.decode()


def test_taking_back_by_hand_takes_no_word_of_how_to_restore(desk: Desk) -> None:
    desk.snapshot("10:00")
    change = desk("change", "plan", "Tune", "--on", HOST, "--rollback-to", "latest", "--path", "/etc/nginx/**").out.strip()
    desk("change", "start", change, "--at", day("10:10"))
    assert "recorded only" in desk.refused("change", "roll-back", change, "--record-only", "--dry-run")
    assert "--at says that it was taken back then" in desk.refused("change", "roll-back", change, "--at", day("10:30"), "--yes", *where(desk))
    assert desk("change", "show", change, "--json").json["change"]["status"] == "started"
    assert desk("change", "roll-back", change, "--record-only", "--at", day("10:30")).out == f"{change} is rolled-back: Tune\n"
