"""What is mistyped, missing, foreign or locked: exit 4, one line that says what, one that says what to do, and nothing recorded."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from changelog_ledger.cli import questions
from changelog_ledger.cli.main import run

from ..workflows.world import HOST, object_ids, refs
from .conftest import Desk, day

# ---- names


@pytest.mark.parametrize(
    "command",
    [
        ["what-changed", "host:web-10"],
        ["what-changed", "web-10"],
        ["recent", "web-10"],
        ["drift", "web-10"],
        ["diff", "web-10"],
        ["snapshots", "web-10"],
        ["snapshot", "web-10"],
        ["cat", "web-10", "/etc/hosts"],
        ["good", "web-10"],
        ["bad", "host:web-10"],
        ["observe", "seen", "--on", "web-10"],
        ["change", "plan", "T", "--on", "web-10"],
        ["change", "log", "T", "--on", "web-10", "--at", "1h"],
        ["change", "list", "--on", "web-10"],
        ["host", "show", "web-10"],
        ["host", "retire", "web-10"],
        ["service", "add", "shop", "--depends-on", "host:web-10"],
    ],
    ids=" ".join,
)
def test_an_unknown_host_is_named_and_the_nearest_is_proposed(desk: Desk, command: list[str]) -> None:
    said = desk.refused(*command)
    assert "web-10" in said
    assert "web-01" in said


@pytest.mark.parametrize("command", [["what-changed", "service:shop"], ["good", "service:shop"], ["service", "show", "shop"]], ids=" ".join)
def test_an_unknown_service(desk: Desk, command: list[str]) -> None:
    assert "shop" in desk.refused(*command)


def test_a_bare_name_of_a_host_and_a_service_has_to_be_said_in_full(desk: Desk) -> None:
    desk("host", "add", "shop")
    desk("service", "add", "shop", "--runs-on", HOST)
    for command in (["what-changed", "shop"], ["good", "shop"], ["change", "plan", "T", "--on", "shop"]):
        said = desk.refused(*command)
        assert "host:shop" in said
        assert "service:shop" in said
    desk("good", "service:shop")


@pytest.mark.parametrize("target", ["host:", "server:web-01", "host:web 01", "host:../../etc", "host:-rf", ":", ""])
def test_what_is_no_target(desk: Desk, target: str) -> None:
    desk.refused("good", target)


@pytest.mark.parametrize("name", ["all", "a/b", "..", "-x", "x.lock", "", "ümlaut", "a b", "x" * 300])
def test_what_cannot_name_a_host(desk: Desk, name: str) -> None:
    desk.refused("host", "add", "--", name)


def test_an_unknown_or_ambiguous_change(desk: Desk) -> None:
    ids = [desk("change", "plan", f"Change {number}", "--on", HOST).out.strip() for number in range(40)]
    assert "CHG-" in desk.refused("change", "show", "CHG-ZZZZZZ")
    first = next(first for first in {change[4] for change in ids} if sum(change[4] == first for change in ids) > 1)
    said = desk.refused("change", "start", f"chg-{first}")
    assert sum(change in said for change in ids) >= 2, said
    desk.refused("change", "show", "not an id")
    desk.refused("change", "show", "")


# ---- times


@pytest.mark.parametrize(
    "time",
    ["2025-06-02T10:00", "2025-06-02", "10:00", "2025-02-30T10:00Z", "1234-01-01T00:00Z", "9999-12-31T23:59Z", "2025-13-01T00:00Z",
     "soon-ish", "", "2x", "-1h",
     "99999999999d", "2025-06-02T25:00Z", "2025-06-02T10:00+99:00", "CHG-ZZZZZZ", "01JZZZZZZZ", "last-good", "onset"],
)  # fmt: skip
def test_a_time_that_cannot_be(desk: Desk, time: str) -> None:
    """Without an offset, not in the calendar, out of all bounds, of a change or snapshot or mark that is not there."""
    desk.refused("good", HOST, "--at", time)
    desk.refused("recent", HOST, "--since", time)
    desk.refused("change", "log", "T", "--on", HOST, "--at", time)


def test_a_good_mark_in_the_future(desk: Desk) -> None:
    assert "has not come yet" in desk.refused("good", HOST, "--at", "2199-01-01T00:00Z")
    assert "has not come yet" in desk.refused("bad", HOST, "--at", "2199-01-01T00:00Z")
    assert "has not come yet" in desk.refused("observe", "x", "--on", HOST, "--at", "2199-01-01T00:00Z")


def test_a_snapshot_before_the_last_one_or_in_the_future(desk: Desk) -> None:
    desk.snapshot("10:00")
    root = ["--root", str(desk.machine.root)]
    for at in (day("09:59"), day("10:00")):
        assert "10:00" in desk.refused("snapshot", HOST, *root, "--at", at)
    assert "has not come yet" in desk.refused("snapshot", HOST, *root, "--at", "2199-01-01T00:00Z")


@pytest.mark.parametrize(
    "options",
    [
        ["--start", day("12:00"), "--end", day("11:00")],
        ["--end", day("11:00")],
        ["--for", "2h"],
        ["--start", day("12:00"), "--end", day("13:00"), "--for", "2h"],
        ["--start", day("12:00"), "--for", "a while"],
    ],
    ids=" ".join,
)
def test_a_window_that_cannot_be(desk: Desk, options: list[str]) -> None:
    desk.refused("change", "plan", "T", "--on", HOST, *options)


def test_ends_before_it_begins(desk: Desk) -> None:
    desk.snapshot("10:00")
    desk.refused("change", "log", "T", "--on", HOST, "--at", day("12:00"), "--until", day("11:00"))
    for command in ("what-changed", "recent"):
        desk.refused(command, HOST, "--since", day("12:00"), "--until", day("11:00"))


def test_what_is_logged_after_the_fact_has_happened(desk: Desk) -> None:
    assert "change plan" in desk.refused("change", "log", "T", "--on", HOST, "--at", "2199-01-01T00:00Z")


# ---- changes


@pytest.mark.parametrize(
    "arguments",
    [
        ["", "--on", HOST],
        [" \t\n ", "--on", HOST],
        ["x" * 501, "--on", HOST],
        ["T", "--on", HOST, "--path", "../etc"],
        ["T", "--on", HOST, "--path", ""],
        ["T", "--on", HOST, "--rollback-to", "the good old days"],
        ["T", "--on", HOST, "--affects", "nobody"],
    ],
    ids=lambda arguments: " ".join(arguments)[:40],
)
def test_a_change_that_says_nothing_sensible(desk: Desk, arguments: list[str]) -> None:
    desk.refused("change", "plan", *arguments)


def test_an_observation_or_note_that_says_nothing(desk: Desk) -> None:
    change = desk("change", "plan", "T", "--on", HOST).out.strip()
    desk.refused("observe", " ", "--on", HOST)
    desk.refused("observe", "x", "--on", HOST, "--kind", " ")
    desk.refused("change", "note", change, " ")


def test_the_lifecycle_says_what_is_allowed_instead(desk: Desk) -> None:
    change = desk("change", "plan", "T", "--on", HOST).out.strip()
    for step in ("finish", "fail", "roll-back", "review"):
        said = desk.refused("change", step, change)
        assert "it is planned" in said
        assert f"ledger change start {change}" in said
    desk("change", "cancel", change, "--note", "not needed")
    for step in ("approve", "start", "finish", "cancel"):
        assert "it is cancelled" in desk.refused("change", step, change)


def test_steps_do_not_go_back_in_time(desk: Desk) -> None:
    change = desk("change", "plan", "T", "--on", HOST).out.strip()
    desk("change", "start", change, "--at", day("11:00"))
    assert "11:00" in desk.refused("change", "finish", change, "--at", day("10:59"))


def test_run_of_a_finished_change_runs_nothing(desk: Desk, tmp_path: Path) -> None:
    change = desk("change", "plan", "T", "--on", HOST).out.strip()
    desk("change", "start", change)
    desk("change", "finish", change)
    desk.refused("run", change, "--root", str(desk.machine.root), "--", "touch", str(tmp_path / "ran"))
    assert not (tmp_path / "ran").exists()


def test_run_of_a_command_that_is_not_there(desk: Desk) -> None:
    change = desk("change", "plan", "T", "--on", HOST).out.strip()
    assert "no-such-command" in desk.refused("run", change, "--root", str(desk.machine.root), "--", "no-such-command", code=127)
    assert desk("change", "show", change, "--json").json["change"]["status"] == "planned"


def test_explain_of_what_is_not_there(desk: Desk) -> None:
    change = desk("change", "plan", "T", "--on", HOST).out.strip()
    assert "drift" in desk.refused("explain", "EV-0000000000", change)
    desk.refused("explain", "what", change)


# ---- files


def test_a_root_that_cannot_be_read(desk: Desk) -> None:
    before = object_ids(desk.home)
    assert "/no/such/root" in desk.refused("snapshot", HOST, "--root", "/no/such/root")
    file = desk.machine.write("/plain", "x")
    desk.refused("snapshot", HOST, "--root", str(file))
    assert (object_ids(desk.home), refs(desk.home)) == (before, {})


def test_a_root_that_vanished_is_not_the_removal_of_every_file(desk: Desk) -> None:
    """A mount that is not mounted today must not become "all files were removed" in tomorrow's answer."""
    desk.snapshot("10:00")
    shutil.move(desk.machine.root, desk.machine.root.with_name("unmounted"))
    desk.refused("snapshot", HOST, "--root", str(desk.machine.root), "--at", day("10:10"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_root_without_permission(desk: Desk) -> None:
    desk.machine.root.chmod(0)
    desk.refused("snapshot", HOST, "--root", str(desk.machine.root))


def test_cat_and_diff_of_what_is_not_there(desk: Desk) -> None:
    assert "ledger snapshot" in desk.refused("cat", HOST, "/etc/hosts")
    desk.snapshot("10:00")
    desk.refused("cat", HOST, "/etc/nothing")
    desk.refused("cat", HOST, "etc/hosts")
    desk.refused("cat", HOST, "/.ledger/manifest")
    desk.refused("cat", HOST, "/etc/hosts", "--at", day("09:00"))
    assert "only one snapshot" in desk.refused("diff", HOST)
    desk.refused("diff", HOST, day("09:00"), day("10:00"))
    desk.refused("diff", "--files", "/no/old", "/no/new")


# ---- the home


def test_a_home_that_is_not_there(desk: Desk) -> None:
    missing = Desk(desk.home / "elsewhere", desk.machine, desk.capsys)
    for command in (["status"], ["snapshot"], ["good", HOST], ["change", "plan", "T", "--on", HOST], ["verify"], ["export"]):
        said = missing.refused(*command)
        assert "ledger init" in said
    assert not missing.home.exists()


def test_init_twice_leaves_the_first_as_it_is(desk: Desk) -> None:
    before = (desk.home / "ledger.toml").read_bytes(), (desk.home / "keys/sealing.key").read_bytes()
    assert str(desk.home) in desk.refused("init", "--host", "other")
    assert ((desk.home / "ledger.toml").read_bytes(), (desk.home / "keys/sealing.key").read_bytes()) == before


@pytest.mark.parametrize(
    "options",
    [
        ["--host", "a b"],
        ["--watch", "etc"],
        ["--database", "mysql://localhost/x"],
        ["--database", "nonsense"],
        ["--database", "postgresql://127.0.0.1:1/x"],
    ],
    ids=" ".join,
)
def test_init_that_is_refused_leaves_nothing_behind(tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str]) -> None:
    place = tmp_path / "fresh"
    place.mkdir()
    assert run(["--home", str(place / "home"), "init", "--host", "web-01", *options]) == 4
    assert len(capsys.readouterr().err.splitlines()) == 2
    assert list(place.iterdir()) == []


def test_init_in_a_folder_that_is_in_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters/dear.txt").write_text("dear")
    assert run(["--home", str(tmp_path / "letters"), "init", "--host", "web-01"]) == 4
    assert "in use" in capsys.readouterr().err
    assert [file.name for file in (tmp_path / "letters").iterdir()] == ["dear.txt"]


# ---- the database


def test_another_programs_database(desk: Desk) -> None:
    database = desk.home / "ledger.db"
    database.unlink()
    with sqlite3.connect(database) as connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")
    content = database.read_bytes()
    assert "another program" in desk.refused("status")
    assert database.read_bytes() == content


@pytest.mark.parametrize("garbage", [b"this is no database at all, but long enough to be looked at\n" * 40, b"SQLite format 3\x00" + b"\xff" * 4080])
def test_garbage_for_a_database(desk: Desk, garbage: bytes) -> None:
    (desk.home / "ledger.db").write_bytes(garbage)
    assert "backup" in desk.refused("status")
    assert (desk.home / "ledger.db").read_bytes() == garbage


def test_a_truncated_database(desk: Desk) -> None:
    database = desk.home / "ledger.db"
    database.write_bytes(database.read_bytes()[: 4096 * 3])
    for command, code in ((["status"], 4), (["good", HOST], 75), (["verify"], 4)):
        desk.refused(*command, code=code)


def test_a_database_that_is_gone_or_empty(desk: Desk) -> None:
    """Never a new, empty ledger in its place: that would say that nothing ever happened."""
    database = desk.home / "ledger.db"
    database.unlink()
    assert "ledger.db" in desk.refused("status")
    assert not database.exists()
    database.touch()
    desk.refused("status")


def test_a_newer_schema(desk: Desk) -> None:
    with sqlite3.connect(desk.home / "ledger.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    said = desk.refused("status")
    assert "newer" in said
    assert "--upgrade" in said


def test_a_database_locked_by_another_process(desk: Desk) -> None:
    """A real process holds the lock; the ledger waits as long as it is told to, and not a moment longer."""
    toml = desk.home / "ledger.toml"
    toml.write_text("lock_timeout = 0.3\n" + toml.read_text())
    script = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None); c.execute('BEGIN EXCLUSIVE');"
        " print('held', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", script, str(desk.home / "ledger.db")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        for arguments, code in ((["good", HOST], 75), (["status"], 4), (["snapshot", HOST, "--root", str(desk.machine.root)], 4)):
            answer = desk(*arguments, code=code)
            assert "locked" in answer.err
            assert answer.err.splitlines()[1].startswith("hint: ")
            assert answer.out == ""
        holder.communicate("")
    desk("good", HOST)
    assert len(desk("recent", HOST, "--json").json["entries"]) == 2, "the mark from the spool, and this one"
    desk("verify")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a repository away")
def test_a_repository_of_somebody_else(desk: Desk) -> None:
    """Its configuration could make git run commands, so it is not even opened."""
    os.chown(desk.home / "snapshots.git", 65534, 65534)
    assert "65534" in desk.refused("snapshot", HOST, "--root", str(desk.machine.root))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_a_home_of_somebody_else(desk: Desk) -> None:
    """As an ordinary user at root's home: refused in words."""
    script = """if True:
        import os, sys
        from changelog_ledger.ledger import ledger
        from changelog_ledger.reports import escape  # before the step down: an ordinary user may not be able to read this Python
        from changelog_ledger.cli import main, questions
        from changelog_ledger.reports import escape
        os.setgid(65534), os.setuid(65534)
        sys.exit(main.run(sys.argv[1:]))
    """
    for folder in (desk.home, *desk.home.parents):  # the way there is open, the home itself is not
        if folder != desk.home and folder.stat().st_uid == 0 and str(folder).startswith("/tmp/"):
            folder.chmod(folder.stat().st_mode | 0o011)
    command = [sys.executable, "-c", script, "--home", str(desk.home), "status"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd="/", env={**os.environ, "HOME": "/nonexistent"})
    assert ended.returncode == 4, ended.stderr
    assert len(ended.stderr.splitlines()) == 2
    assert "Traceback" not in ended.stderr


def test_a_key_that_is_gone(desk: Desk) -> None:
    """Without it secrets cannot be compared: no snapshot rather than one with other fingerprints, or with the secret."""
    (desk.home / "keys/fingerprint.key").unlink()
    assert "fingerprint.key" in desk.refused("snapshot", HOST, "--root", str(desk.machine.root))
    assert refs(desk.home) == {}


def test_a_key_that_is_none(desk: Desk) -> None:
    (desk.home / "keys/fingerprint.key").write_text("not hexadecimal\n")
    desk.refused("snapshot", HOST, "--root", str(desk.machine.root))
    (desk.home / "keys/fingerprint.key").write_text("ab" * 32 + "\n")
    (desk.home / "keys/sealing.key").write_text("not an age key\n")
    desk.refused("snapshot", HOST, "--root", str(desk.machine.root))
    assert refs(desk.home) == {}


# ---- usage and bugs


@pytest.mark.parametrize(
    "arguments",
    [["--no-such-option"], ["no-such-command"], ["good"], ["good", HOST, "--no-such"], ["what-changed", "--limit", "0"],
     ["what-changed", "--format", "pdf"],
     ["change", "plan", "T"], ["change", "plan", "T", "--on", "x", "--type", "daring"], ["host", "add", "x", "--attr", "novalue"],
     ["diff"], ["run", "CHG-1"]],
    ids=" ".join,
)  # fmt: skip
def test_wrong_usage_ends_with_2(desk: Desk, arguments: list[str]) -> None:
    answer = desk(*arguments, code=2)
    assert answer.out == ""
    assert "Error:" in answer.err or "Usage:" in answer.err
    assert "Traceback" not in answer.err


def test_a_bug_ends_with_70_and_names_a_log_file(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: object, **_options: object) -> None:
        raise RuntimeError("something nobody foresaw \x1b[31m")

    monkeypatch.setattr(questions.recent, "callback", broken)
    answer = desk("recent", code=70)
    assert "Traceback" not in answer.err
    assert "\x1b" not in answer.err
    assert len(answer.err.splitlines()) == 2
    log = Path(answer.err.splitlines()[1].split()[-1])
    text = log.read_text()
    log.unlink()
    assert "Traceback" in text
    assert "something nobody foresaw" in text
    assert "recent" in text.partition("command:")[2].splitlines()[0]


def test_a_bug_in_a_home_with_secrets_keeps_them_out_of_the_log(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: object, **_options: object) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr(questions.recent, "callback", broken)
    log = Path(desk("recent", code=70).err.splitlines()[1].split()[-1])
    assert log.stat().st_mode & 0o077 == 0, "a log may hold what was typed: it is its owner's alone"
    log.unlink()
