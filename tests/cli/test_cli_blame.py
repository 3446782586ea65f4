"""``ledger blame``: what it prints, for people and for programs."""

from __future__ import annotations

import pytest

from .conftest import HOST, START, Desk, day

CONF = "/etc/nginx/nginx.conf"


def test_keys_stand_below_the_change_that_set_them(either_troubled: Desk) -> None:
    desk = either_troubled
    said = desk("blame", HOST, CONF).out
    (change,) = desk("change", "list", "--json").json["changes"]
    assert f"{change['id']}  Raise worker limit, by alex\n  between Mon 2 Jun" in said
    assert "    worker_processes  8  was 4\n" in said
    assert "SINCE THE FIRST SNAPSHOT, taken by alex: first look\n" in said
    assert said.index("Raise worker limit") < said.index("SINCE THE FIRST"), "what was set last comes first"
    assert max(map(len, said.splitlines())) <= 80


def test_the_document(either_troubled: Desk) -> None:
    desk = either_troubled
    document = desk("blame", HOST, "/etc/app.ini", "db/host", "--json").json
    assert document["schema"] == "changelog-ledger/blame/1"
    (key,) = document["keys"]
    assert (key["key"], key["kind"], key["value"], key["before"], key["origin"]) == ("db/host", "key", "db-02", "db-01", "unlogged")
    assert (key["not_before"], key["not_after"], key["seen_at"]) == tuple(day(at).replace("Z", ":00Z") for at in ("10:00", "11:20", "11:02"))
    drift = desk("drift", HOST, "--json").json["evidence"]
    assert key["evidence"] == drift[0]["id"]


def test_what_is_gone(troubled: Desk) -> None:
    troubled.machine.edit("/etc/app.ini", "pool = 20\n", "", at=START.replace(hour=13))
    troubled.snapshot("13:10")
    said = troubled("blame", HOST, "/etc/app.ini", "db/pool").out
    assert "db/pool is not there any more" in said
    assert "db/pool  removed, was 20" in said
    before = troubled("blame", HOST, "/etc/app.ini", "db/pool", "--at", day("12:00"), "--json").json
    assert (before["removed"], before["keys"][0]["value"]) == (False, "20")


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        ([HOST, "/etc/nginx.conf"], CONF),
        ([HOST, CONF, "listen"], "http/server[shop.example]/listen"),
        (["web-99", CONF], "did you mean web-01?"),
        ([HOST, "etc/hosts"], "/etc/hosts"),
    ],
)
def test_refusals_help(troubled: Desk, arguments: list[str], hint: str) -> None:
    assert hint in troubled.refused("blame", *arguments)
