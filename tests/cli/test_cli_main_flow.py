"""The main flow as somebody types it, and what they read."""

from __future__ import annotations

import sys

import pytest

from ..workflows.world import HOST, START
from .conftest import Desk, day


def change_of(desk: Desk) -> str:
    (change,) = desk("change", "list", "--json").json["changes"]
    return str(change["id"])


def test_the_answer_names_the_logged_change_and_the_unlogged_edit(either_troubled: Desk) -> None:
    text = either_troubled("what-changed", HOST).out
    change = change_of(either_troubled)
    head, _, rest = text.partition("SUSPECTS")
    assert "no change explains 1 difference" in head
    suspects, _, below = rest.partition("Window")
    question, _, evidence = below.partition("EVIDENCE")
    assert "last seen good" in " ".join(question.split())
    assert "the onset" in question
    assert f"{change} logged  Raise worker limit" in suspects
    assert "UNLOGGED" in suspects
    assert "/etc/app.ini" in suspects
    assert "db-01 → db-02" in suspects
    assert "db-01 → db-02" in evidence


def test_the_answer_proposes_the_commands_that_come_next(troubled: Desk) -> None:
    """They are commands that work: each ``ledger …`` line that needs no judgement is run as it stands."""
    text = troubled("what-changed", HOST).out
    proposed = [line.split("#")[0].split() for line in text.splitlines() if line.strip().startswith("ledger ")]
    runnable = [words[1:] for words in proposed if words[1] in ("recent", "diff", "show") or "--dry-run" in words or words[1:3] == ["change", "show"]]
    assert len(runnable) >= 2, text
    for words in runnable:
        troubled(*words)


def test_drift_shows_what_no_change_explains_and_explain_settles_it(either_troubled: Desk) -> None:
    (piece,) = either_troubled("drift", HOST, "--json").json["evidence"]
    assert (piece["path"], piece["explained_by"], piece["confidence"]) == ("/etc/app.ini", None, "none")
    text = either_troubled("drift").out
    assert "UNLOGGED" in text
    assert piece["id"] in text
    said = either_troubled("explain", piece["id"], change_of(either_troubled)).out
    assert piece["id"] in said
    assert either_troubled("drift", HOST).out.strip() == "no unlogged evidence"
    explained = either_troubled("what-changed", HOST, "--json").json["evidence"]
    assert {entry["confidence"] for entry in explained} == {"scope", "explicit"}


def test_recent_is_a_log_in_the_order_of_time(either_troubled: Desk) -> None:
    lines = either_troubled("recent", HOST, "--since", day("09:30"), "--until", day("13:00")).out
    order = [lines.index(word) for word in ("good ", "started", "succeeded", "bad ")]
    assert order == sorted(order)
    assert lines.count("UNLOGGED") >= 1
    assert "1 UNLOGGED" in lines


def test_logging_after_the_fact_settles_drift_and_is_marked(troubled: Desk) -> None:
    path = ["--path", "/etc/app.ini"]
    logged = troubled("change", "log", "Moved the database", "--on", HOST, "--at", day("11:01"), "--until", day("11:03"), *path).out.strip()
    assert troubled("drift", HOST).out.strip() == "no unlogged evidence"
    assert troubled("change", "show", logged, "--json").json["change"]["logged_after"] is True
    assert "afterwards" in troubled("recent", HOST, "--since", day("09:30")).out


def test_run_wraps_a_command_and_passes_its_code_on(desk: Desk) -> None:
    desk.snapshot("10:00")
    root = str(desk.machine.root)
    change = desk("change", "plan", "Raise worker limit", "--on", HOST).out.strip()
    edit = f"import pathlib; p = pathlib.Path({str(desk.machine.path('/etc/nginx/nginx.conf'))!r}); p.write_text(p.read_text().replace('4', '8'))"
    desk("run", change, "--root", root, "--", sys.executable, "-c", edit)
    (piece,) = desk("diff", HOST, "--json").json["evidence"]
    assert (piece["key"], piece["after"], piece["explained_by"], piece["confidence"]) == ("worker_processes", "8", change, "explicit")
    failing = desk("change", "plan", "Breaks", "--on", HOST).out.strip()
    desk("run", failing, "--root", root, "--", "sh", "-c", "exit 42", code=42)
    shown = desk("change", "show", failing, "--json").json["change"]
    assert (shown["status"], shown["outcome"]) == ("failed", "failed")


def test_run_hands_options_of_the_command_through(desk: Desk) -> None:
    change = desk("change", "plan", "Options", "--on", HOST).out.strip()
    root = str(desk.machine.root)
    desk("run", change, "--root", root, "--", "sh", "-c", "test $# -eq 2 && test $1 = --json", "sh", "--json", "-v")
    assert desk("change", "show", change, "--json").json["change"]["status"] == "succeeded"


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        ((), (), {"worker_processes", "db/host"}),
        ((day("10:00"),), (day("11:30"),), {"worker_processes", "db/host"}),
        (("FIRST",), ("SECOND",), {"worker_processes", "db/host"}),
        (("CHANGE",), (), {"worker_processes", "db/host"}),
        (("last-good",), ("now",), {"worker_processes", "db/host"}),
        (("last-good",), ("onset",), {"worker_processes", "db/host"}),
        (("FIRST",), (day("11:00"),), set()),
    ],
    ids=["last-two", "times", "snapshot-ids", "change-id", "last-good", "onset", "before-the-edit"],
)
def test_diff_from_and_to(troubled: Desk, since: tuple[str, ...], until: tuple[str, ...], expected: set[str]) -> None:
    """FROM and TO are times, snapshots, a change (its start), the last good mark, the onset."""
    first, second = (entry["id"] for entry in troubled("snapshots", HOST, "--json").json["snapshots"])
    meant = {"FIRST": first, "SECOND": second, "CHANGE": change_of(troubled)}
    words = [meant.get(word, word) for word in (*since, *until)]
    assert {piece["key"] for piece in troubled("diff", HOST, *words, "--json").json["evidence"]} == expected


def test_diff_by_path_as_text_and_with_exit_code(troubled: Desk) -> None:
    unified = troubled("diff", HOST, "--text", "--path", "/etc/nginx/**").out
    assert "-worker_processes 4;" in unified.splitlines()
    assert "+worker_processes 8;" in unified.splitlines()
    assert "app.ini" not in unified
    troubled("diff", HOST, "--exit-code", code=1)
    troubled("diff", HOST, "--exit-code", "--path", "/etc/hosts")
    assert troubled("diff", HOST, "--path", "/etc/hosts").out.strip() == "no difference"


def test_diff_the_wrong_way_round_says_what_to_do(troubled: Desk) -> None:
    first, second = (entry["id"] for entry in troubled("snapshots", HOST, "--json").json["snapshots"])
    assert "exchange" in troubled.refused("diff", HOST, second, first)


def test_diff_of_two_files_needs_no_ledger(desk: Desk) -> None:
    old = desk.machine.write("/old.yaml", "services:\n  web:\n    image: shop:1.10\n    replicas: 2\n")
    new = desk.machine.write("/new.yaml", "services:\n  web:\n    replicas: 2\n    image: shop:1.9\n")
    desk_without_home = Desk(desk.home / "nowhere", desk.machine, desk.capsys)
    pieces = desk_without_home("diff", "--files", str(old), str(new), "--json").json["evidence"]
    assert [(piece["key"], piece["op"], piece["before"], piece["after"]) for piece in pieces if piece["op"] == "changed"] == [
        ("services.web.image", "changed", "shop:1.10", "shop:1.9")
    ]
    desk_without_home("diff", "--files", str(old), str(new), "--exit-code", code=1)
    desk_without_home("diff", "--files", str(old), str(old), "--exit-code")
    added = desk_without_home("diff", "--files", "-", str(new), "--json").json["evidence"]
    assert {piece["op"] for piece in added} == {"added"}
    assert "-    image: shop:1.10" in desk_without_home("diff", "--files", str(old), str(new), "--text").out.splitlines()


def test_diff_of_two_files_as_another_format(desk: Desk) -> None:
    """What the name does not tell, ``--as`` does; ``--path`` gives a name that tells."""
    old = desk.machine.write("/one", "[server]\nport = 80\n")
    new = desk.machine.write("/two", "[server]\nport = 8080\n")
    for options in (["--as", "ini"], ["--path", "/etc/app.ini"]):
        (piece,) = desk("diff", "--files", str(old), str(new), *options, "--json").json["evidence"]
        assert (piece["key"], piece["before"], piece["after"]) == ("server/port", "80", "8080")
    assert "cobol" in desk.refused("diff", "--files", str(old), str(new), "--as", "cobol")
    assert "/three" in desk.refused("diff", "--files", str(old), str(desk.machine.path("/three")))


def test_cat_shows_a_file_as_it_was_and_a_folder_as_a_list(troubled: Desk) -> None:
    assert "worker_processes 4;" in troubled("cat", HOST, "/etc/nginx/nginx.conf", "--at", day("10:30")).out
    assert "worker_processes 8;" in troubled("cat", HOST, "/etc/nginx/nginx.conf").out
    assert troubled("cat", HOST, "/etc/").out.split() == ["/etc/app.ini", "/etc/hosts", "/etc/nginx/nginx.conf"]


def test_the_window_can_be_given(troubled: Desk) -> None:
    window = troubled("what-changed", HOST, "--since", day("11:30"), "--until", day("13:00"), "--json").json["window"]
    assert (window["since_basis"], window["until_basis"]) == ("given", "given")
    assert troubled("what-changed", HOST, "--since", day("11:30"), "--until", day("13:00"), "--json").json["evidence"] == []
    assert troubled("what-changed", HOST, "--until", "now", "--json").json["window"]["until_basis"] == "now"
    assert troubled("what-changed", HOST, "--since", "last-good", "--until", "onset", "--json").json["window"]["since_basis"] == "last-good"


def test_without_a_target_it_is_about_this_machine(troubled: Desk) -> None:
    assert troubled("what-changed", "--json").json["target"] == {"kind": "host", "name": HOST}
    assert troubled("what-changed", "all", "--json").json["target"]["kind"] == "all"


def test_first_look_second_look_and_nothing_new(desk: Desk) -> None:
    assert "first snapshot" in desk.snapshot("10:00").out
    assert "nothing new" in desk.snapshot("10:01").out
    desk.machine.write("/etc/hosts", "127.0.0.1 localhost web-01\n", at=START.replace(hour=11))
    assert "changed since the last one" in desk.snapshot("10:02").out


def test_a_partial_snapshot_is_said_and_ends_with_3(desk: Desk) -> None:
    answer = desk("snapshot", HOST, "--root", str(desk.machine.root), "--path", "/etc/hosts", "--path", "/etc/gone", code=3)
    assert "/etc/gone" in answer.err
    assert "1 not read" in answer.out


def test_verify_rebuild_status(either_troubled: Desk) -> None:
    assert "all is well" in either_troubled("verify").out
    assert either_troubled("verify", "--json").json["findings"] == []
    assert either_troubled("verify", "--quick").code == 0
    assert "rebuilt from" in either_troubled("rebuild").out
    assert "all is well" in either_troubled("verify").out
    status = either_troubled("status", "--json").json
    assert (status["hosts"], status["services"], status["unlogged"]) == (1, 1, 0)
    assert either_troubled("status").out


def test_lists_of_what_is_known(troubled: Desk) -> None:
    assert HOST in troubled("host", "list").out
    assert HOST in troubled("host", "show", HOST).out
    assert "shop" in troubled("service", "list").out
    assert HOST in troubled("service", "show", "shop").out
    assert "Raise worker limit" in troubled("change", "list").out
    assert troubled("change", "list", "--open", "--json").json["changes"] == []
    assert "first look" in troubled("snapshots", HOST).out
    assert [entry["reason"] for entry in troubled("snapshots", HOST, "--json").json["snapshots"]] == ["first look", None]


def test_a_note_and_a_review_stay_with_the_change(troubled: Desk) -> None:
    change = change_of(troubled)
    troubled("change", "note", change, "partner informed by phone")
    troubled("change", "review", change, "--note", "went well")
    notes = troubled("change", "show", change, "--json").json["change"]["notes"]
    assert [(note["step"], note["text"]) for note in notes][-2:] == [(None, "partner informed by phone"), ("reviewed", "went well")]


def test_retired_hosts_keep_their_history(troubled: Desk) -> None:
    troubled("host", "retire", HOST)
    assert len(troubled("snapshots", HOST, "--json").json["snapshots"]) == 2
    assert troubled("host", "show", HOST, "--json").json["host"]["retired_at"]
