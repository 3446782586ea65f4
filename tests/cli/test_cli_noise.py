"""Noise at the command: counted in every answer, shown on request, and no difference for a script that asks by exit code."""

from __future__ import annotations

import pytest

from ..workflows.world import HOST
from .conftest import Desk, day

NFT = "table inet filter {\n\tchain input {\n\t\ttcp dport 22 counter packets 1 bytes 2 accept\n\t}\n}\n"
LEFT_OUT = {"rule": "nftables counters", "host": HOST, "path": "/etc/nftables.conf", "count": 1, "last_at": day("11:00:00")}


@pytest.fixture
def counted(desk: Desk) -> Desk:
    """Seen working; since then a counter went on, and nothing else."""
    desk.machine.write("/etc/nftables.conf", NFT)
    desk.snapshot("10:00")
    desk("good", f"host:{HOST}", "--at", day("10:05"))
    desk.machine.edit("/etc/nftables.conf", "packets 1 bytes 2", "packets 3 bytes 4")
    desk.snapshot("11:00")
    return desk


def words(text: str) -> str:
    return " ".join(text.split())


def test_what_changed_does_not_say_that_nothing_did(counted: Desk) -> None:
    for form in ("text", "markdown", "html"):
        said = words(counted("what-changed", HOST, "--format", form).out)
        assert "but noise: 1 difference left out" in said
        assert "1 difference as noise: 1 nftables counters" in said
        assert f"ledger diff {HOST} last-good now --noise" in said


@pytest.mark.parametrize(("command", "nothing"), [("drift", "no unlogged evidence"), ("recent", ""), ("diff", "no difference but noise")])
def test_lists_end_with_what_was_left_out(counted: Desk, command: str, nothing: str) -> None:
    since = ("--since", day("09:00")) if command == "recent" else ()
    said = counted(command, HOST, *since).out
    assert said.startswith(nothing)
    assert "Left out 1 difference as noise: 1 nftables counters" in words(said)
    assert "--noise" in said


def test_the_command_that_is_named_shows_it(counted: Desk) -> None:
    shown = counted("diff", HOST, "last-good", "now", "--noise").out
    assert "packets 3 bytes 4" in shown
    assert "noise: nftables counters" in shown
    assert "UNLOGGED" not in shown
    assert "Left out" not in shown


def test_every_document_counts_it(counted: Desk) -> None:
    for command in (("what-changed", HOST), ("drift", HOST), ("diff", HOST), ("recent", HOST, "--since", day("09:00"))):
        assert counted(*command, "--json").json["suppressed"] == [LEFT_OUT], command
    (piece,) = counted("diff", HOST, "--noise", "--json").json["evidence"]
    assert (piece["noise"], piece["path"]) == ("nftables counters", "/etc/nftables.conf")


def test_noise_is_no_difference_for_a_script_unless_asked_for(counted: Desk) -> None:
    counted("diff", HOST, "--exit-code")
    counted("diff", HOST, "--exit-code", "--noise", code=1)


def test_a_rule_that_will_not_do_is_refused(desk: Desk) -> None:
    settings = desk.home / "ledger.toml"
    sound = settings.read_text()
    for rule in (
        'name = "nothing"',
        'name = "empty"\nlines = []',
        'paths = ["/etc/**"]',
        'name = "bad"\nparts = ["("]',
        'name = "x"\nline = ["a"]',
        'name = "all"\nparts = [""]',
    ):
        settings.write_text(f"{sound}\n[[noise]]\n{rule}\n")
        assert "[[noise]] tables" in desk.refused("drift"), rule
