"""``ledger ingest packages``."""

from __future__ import annotations

from .conftest import Desk

NIGHT = """\
2025-06-01 03:12:44 startup archives install
2025-06-01 03:12:45 upgrade openssl:amd64 3.0.15-1 3.0.16-1
2025-06-01 03:12:46 status installed openssl:amd64 3.0.16-1
"""


def ingest(desk: Desk, *options: str, code: int = 0):
    return desk("ingest", "packages", "--root", str(desk.machine.root), *options, code=code)


def test_what_is_new_is_shown_and_once_only(desk):
    desk.machine.write("/var/log/dpkg.log", NIGHT)
    first = ingest(desk).out
    assert "1 observation recorded" in first
    assert "openssl 3.0.15-1 → 3.0.16-1 upgraded" in first
    assert "Nothing new" in ingest(desk).out


def test_as_json(desk):
    desk.machine.write("/var/log/dpkg.log", NIGHT)
    document = ingest(desk, "--json").json
    assert document["counts"] == {"package-upgraded": 1}
    (one,) = document["newest"]
    assert (one["what"], one["at"], one["actor"]) == ("package-upgraded", "2025-06-01T03:12:44Z", None)
    assert one["data"]["outcome"] == "succeeded"


def test_what_cannot_be_read_ends_with_3_and_the_rest_is_recorded(desk):
    desk.machine.write("/var/log/dpkg.log", NIGHT)
    desk.machine.path("/var/log/dpkg.log.1").mkdir()
    answer = ingest(desk, code=3)
    assert "1 observation recorded" in answer.out
    assert "dpkg.log.1: not a file but a directory" in answer.err


def test_hostile_names_do_not_reach_the_terminal(desk):
    desk.machine.write("/var/log/dpkg.log", NIGHT.replace("openssl", "open\x1b[31mssl").encode())
    assert "\x1b" not in ingest(desk).out


def test_an_unknown_host_is_refused(desk):
    desk.refused("ingest", "packages", "--host", "nobody")
