"""``freeze``, ``window``, ``change conflicts``, ``change calendar`` and ``change plan --zone/--in-window`` as people type them."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
import vobject

from tests.cli.conftest import HOST, Desk

NIGHT = ("--start", "2098-12-06T02:00+01:00", "--for", "2h")


def plan(desk: Desk, title: str, *options: str) -> str:
    return desk("change", "plan", title, *(options if "--on" in options else ("--on", HOST, *options)), "--rollback-to", "latest").out.strip()


def test_a_freeze_is_added_listed_and_lifted(either_desk: Desk) -> None:
    desk = either_desk
    identity = desk("freeze", "add", "Quarter end", "--start", "1h", "--end", "in 2d").out.strip()
    assert identity.startswith("FRZ-")
    assert "IN FORCE" in desk("freeze", "list").out
    (listed,) = desk("freeze", "list", "--json").json["freezes"]
    assert (listed["id"], listed["on"], listed["lifted_at"]) == (identity, ["all"], None)
    change = plan(desk, "Raise limit")
    assert "--override" in desk.refused("change", "start", change)
    assert desk("change", "start", change, "--override", "the shop is down").err.startswith(f"warning: {identity} 'Quarter end' freezes changes")
    assert f"freeze: {identity} 'Quarter end' freezes changes" in " ".join(desk("change", "show", change).out.split())
    assert "(overridden: the shop is down)" in " ".join(desk("change", "show", change).out.split())
    assert "fits several" in desk.refused("freeze", "lift", "FRZ")
    assert "fits several" in desk.refused("change", "start", "CHG-")
    assert desk("freeze", "lift", identity, "--because", "closed early").out == f"{identity} is lifted: Quarter end\n"
    assert desk("freeze", "list").out == "There is no freeze.\n"
    assert "lifted" in desk("freeze", "list", "--all").out


def test_a_window_is_added_listed_planned_into_and_lifted(either_desk: Desk) -> None:
    desk = either_desk
    options = ("--start", "2098-12-01T02:00", "--for", "2h", "--zone", "Europe/Berlin", "--repeat", "FREQ=WEEKLY;BYDAY=SU")
    identity = desk("window", "add", "Sunday night", *options).out.strip()
    shown = desk("window", "list").out
    assert "next Sun 7 Dec 2098 01:00" in shown
    assert "FREQ=WEEKLY;BYDAY=SU in Europe/Berlin" in shown
    (listed,) = desk("window", "list", "--json").json["windows"]
    assert listed["next"] == {"start": "2098-12-07T01:00:00Z", "end": "2098-12-07T03:00:00Z"}
    change = plan(desk, "Kernel", "--in-window", "next", "--for", "45m")
    planned = desk("change", "show", change, "--json").json["change"]
    assert (planned["planned_start"], planned["planned_end"]) == ("2098-12-07T01:00:00Z", "2098-12-07T01:45:00Z")
    desk("window", "lift", identity)
    assert desk("window", "list").out == "There is no maintenance window.\n"


@pytest.mark.parametrize(
    "command",
    [
        ("freeze", "add", "x", "--start", "in 2h", "--end", "in 1h"),
        ("freeze", "add", "x", "--start", "2h", "--end", "1h"),
        ("freeze", "add", " ", "--start", "now", "--end", "in 1h"),
        ("freeze", "lift", "FRZ-000000"),
        ("freeze", "lift", "???"),
        ("window", "add", "x", "--start", "in 1h", "--for", "0s"),
        ("window", "add", "x", "--start", "in 1h", "--for", "1h", "--repeat", "FREQ=SECONDLY"),
        ("window", "add", "x", "--start", "in 1h", "--for", "1h", "--repeat", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"),
        ("window", "add", "x", "--start", "in 1h", "--for", "1h", "--zone", "Europe/Berln"),
        ("window", "lift", "MNT-000000"),
        ("change", "plan", "x", "--on", HOST, "--in-window", "next"),
        ("change", "plan", "x", "--on", HOST, "--zone", "Mars/Olympus", "--start", "2098-12-06T02:00"),
        ("change", "plan", "x", "--on", HOST, "--zone", "Europe/Berlin", "--start", "2027-03-28T02:30"),
        ("change", "plan", "x", "--on", HOST, "--start", "3h", "--end", "2h"),
        ("change", "conflicts", "CHG-000000"),
        ("change", "calendar", "--until", "1d"),
        ("change", "calendar", "--on", "nowhere"),
    ],
)
def test_what_cannot_be_is_refused_in_words(desk: Desk, command: tuple[str, ...]) -> None:
    desk.refused(*command)


def test_the_wall_clock_of_a_zone(desk: Desk) -> None:
    change = plan(desk, "Certificates", "--zone", "Europe/Berlin", "--start", "2098-12-06T02:00", "--for", "30m")
    shown = desk("change", "show", change).out
    assert "01:00:00 +00:00" in shown
    assert "02:00:00 +01:00" in shown
    assert "Europe/Berlin" in shown


def test_conflicts_name_both_changes_when_and_where(desk: Desk) -> None:
    assert desk("change", "conflicts").out == "No open changes get in each other's way.\n"
    first, second = plan(desk, "Kernel", *NIGHT), plan(desk, "Firewall", *NIGHT)
    shown = desk("change", "conflicts").out
    assert shown.startswith("Sat 6 Dec 2098 01:00 to 03:00  both on web-01\n")
    assert first in shown
    assert second in shown
    (found,) = desk("change", "conflicts", first, "--json").json["conflicts"]
    assert (found["kind"], found["shared"], found["change"]["id"], found["other"]["id"]) == ("target", [f"host:{HOST}"], first, second)
    third = desk("change", "plan", "Disk", "--on", HOST, *NIGHT, "--rollback-to", "latest")
    assert [line[:9] for line in third.err.splitlines()] == ["warning: "] * 2
    assert first in third.err


def test_what_has_no_end_is_one_entry_of_the_conflicts(desk: Desk) -> None:
    endless = plan(desk, "Endless")
    desk("change", "start", endless)
    others = [plan(desk, f"Later {day}", "--start", f"in {day}d", "--for", "2h") for day in range(1, 9)]
    shown = desk("change", "conflicts").out
    assert shown.startswith(f"{endless} has no end: 8 other changes  on web-01\n")
    assert f"meets {', '.join(others[:5])} and 3 more" in " ".join(shown.split())
    assert len(shown.splitlines()) < 7
    assert len(desk("change", "conflicts", "--json").json["conflicts"]) == 8
    status = desk("status").out
    assert status.index(endless) < status.index(others[0])


def test_a_feed_that_cannot_be_written_is_named(desk: Desk, tmp_path: Path) -> None:
    error = desk.refused("change", "calendar", "--ics", str(tmp_path / "none" / "x.ics"))
    assert f"cannot write {tmp_path / 'none' / 'x.ics'}: No such file or directory" in error
    assert "hint: " in error


def test_the_calendar_of_a_service_has_what_affects_it(desk: Desk) -> None:
    desk("host", "add", "lb-01")
    desk("service", "add", "shop", "--runs-on", HOST)
    change = desk("change", "plan", "Balancer", "--on", "lb-01", "--affects", "shop", "--start", "in 1d", "--for", "1h").out.strip()
    assert change in desk("change", "calendar", "--on", "service:shop").out
    assert change not in desk("change", "calendar", "--on", HOST).out


def test_the_calendar_as_text_json_and_ics(desk: Desk, tmp_path: Path) -> None:
    assert "Nothing is planned" in desk("change", "calendar").out
    change = plan(desk, "Kernel", "--start", "in 3d", "--for", "2h")
    desk("freeze", "add", "Quarter\r\nEND:VCALENDAR", "--start", "in 4d", "--end", "in 6d")
    shown = desk("change", "calendar").out
    assert change in shown
    assert "FREEZE" in shown
    assert all(len(line) <= 80 for line in shown.splitlines())
    assert [each["id"] for each in desk("change", "calendar", "--json").json["changes"]] == [change]
    printed = desk("change", "calendar", "--ics").out
    vobject.readOne(printed).validate(raiseException=True)
    file = tmp_path / "changes.ics"
    file.write_text("before")
    file.chmod(0o640)
    assert desk("change", "calendar", "--ics", str(file)).out == ""
    assert file.read_bytes().decode() == printed.replace("\n", "\r\n") if "\r\n" not in printed else printed
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert sorted(each.name for each in tmp_path.iterdir() if "ics" in each.name) == ["changes.ics"]


def test_what_should_be_over_is_on_top(desk: Desk) -> None:
    line = {
        "kind": "change",
        "title": "Forgotten",
        "on": [f"host:{HOST}"],
        "started_at": "2025-06-02T09:00:00Z",
        "planned_start": "2025-06-02T09:00:00Z",
        "planned_end": "2025-06-02T10:00:00Z",
    }
    (desk.home / "facts.jsonl").write_text(json.dumps(line))
    desk("import", str(desk.home / "facts.jsonl"))
    assert desk("change", "calendar").out.startswith("OVERDUE OR STUCK\n")
