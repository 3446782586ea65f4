"""wtmp."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changelog_ledger.model.ingestion import Seen
from changelog_ledger.observations.journal.login_table import LoginReading, LoginTable

from .journals import HOST, kinds
from .login_tables import BOOT, NARROW, NEW_TIME, OLD_TIME, USER, WIDE, day, record, working_day


def read(*pieces: bytes) -> list[Seen]:
    table, reading = LoginTable(), LoginReading(HOST)
    return [seen for piece in pieces for each in table.records(piece) for seen in reading.read(each, "/var/log/wtmp")]


@pytest.mark.parametrize("form", [NARROW, WIDE])
def test_a_working_day(form: str) -> None:
    found = read(working_day(form))
    assert kinds(found) == ["reboot", "login", "logout", "shutdown", "reboot", "login", "reboot"]
    first, login, logout, _shutdown, second, _login, third = found
    assert first.data == {"kernel": "6.1.0-38-amd64"}
    assert (login.data["from"], login.data["tty"], login.at) == ("10.0.0.5", "pts/0", day("03:10:00"))
    assert logout.data["session"] == login.data["session"]
    assert (second.data["unclean"], third.data["unclean"]) == (False, True)


def test_records_in_pieces_are_the_same() -> None:
    content = working_day()
    assert read(*(content[place : place + 100] for place in range(0, len(content), 100))) == read(content)


def test_a_clock_that_was_set() -> None:
    content = record(OLD_TIME, day("01:00:00"), "", "|") + record(NEW_TIME, day("01:05:00"), "", "{")
    [seen] = read(content)
    assert (seen.what, seen.data) == ("clock-jump", {"seconds": 300.0})


def test_an_address_of_ipv6() -> None:
    [seen] = read(record(USER, day("03:10:00"), "alex", "pts/0", "gw.example.org", "2001:db8::5", 1))
    assert seen.data["from"] == "2001:db8::5"


def test_a_truncated_table_leaves_a_rest() -> None:
    table = LoginTable()
    assert len(list(table.records(working_day()[:-10]))) == 7
    assert table.rest == 374


def test_what_is_no_table_is_seen_to_be_none() -> None:
    table = LoginTable()
    assert list(table.records(b"this is a text, and a long one. " * 100)) == []
    assert table.is_table is False


def test_a_time_before_1970_is_passed_over() -> None:
    content = bytearray(record(BOOT, day("01:00:00"), "reboot"))
    content[340:344] = b"\xff\xff\xff\xff"
    assert read(bytes(content)) == []


@given(st.binary(max_size=1500), st.integers(0, 2000))
def test_no_bytes_raise(noise: bytes, place: int) -> None:
    content = working_day()
    read(noise)
    read(content[:place] + noise + content[place:])
