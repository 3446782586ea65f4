"""What holds for every journal: read in parts or at once, twice or once, whole or broken."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from changelog_ledger.observations.journal import message_ids as ids
from changelog_ledger.observations.journal.entries import entry_of_line
from changelog_ledger.observations.journal.reading import JournalReading

from .journals import HOST, MadeJournal, kinds, read_lines

UNITS = st.sampled_from(["a.service", "b.service", "c.timer", "c.service", "d.mount"])
STEPS = st.one_of(
    st.tuples(st.sampled_from(["started", "stopped", "failed"]), UNITS),
    st.tuples(st.just("tick"), st.sampled_from([0.5, 20, 59, 61, 700])),
    st.tuples(st.just("set_clock"), st.sampled_from([-100, 31, 5000])),
    st.tuples(st.just("kernel"), st.sampled_from(["Out of memory: Killed process 7 (app) total-vm:1kB"])),
    st.tuples(st.just("booted"), st.sampled_from(["b" * 32, "c" * 32])),
    st.tuples(st.just("login"), st.sampled_from([55, 56])),
    st.tuples(st.just("logout"), st.sampled_from([55, 56])),
    st.tuples(st.just("shutdown"), st.just(0)),
)


def made(steps: list[tuple[str, Any]]) -> MadeJournal:
    journal = MadeJournal()
    for name, value in steps:
        if name == "login":
            journal.says("sshd", "Accepted password for alex from 10.0.0.5 port 1 ssh2", value)
        elif name == "logout":
            journal.says("sshd", "pam_unix(sshd:session): session closed for user alex", value)
        elif name == "shutdown":
            journal.says("systemd-logind", "System is rebooting.", MESSAGE_ID=ids.SHUTDOWN)
        else:
            getattr(journal, name)(value)
    return journal


@given(st.lists(STEPS, max_size=30), st.integers(0, 90))
def test_two_parts_give_what_the_whole_gives(steps: list[tuple[str, Any]], cut: int) -> None:
    journal = made(steps)
    memory: dict[str, Any] = {}
    first = read_lines(journal.lines[:cut], memory, settled=False)
    memory = json.loads(json.dumps(memory))
    assert first + read_lines(journal.lines[cut:], memory) == journal.read()


@given(st.lists(STEPS, max_size=30))
def test_references_are_unique_and_say_the_same_the_next_time(steps: list[tuple[str, Any]]) -> None:
    journal = made(steps)
    refs = [each.ref for each in journal.read()]
    assert len(set(refs)) == len(refs)
    assert [each.ref for each in journal.read()] == refs


@given(st.lists(STEPS, max_size=20))
def test_every_entry_twice_tells_nothing_twice(steps: list[tuple[str, Any]]) -> None:
    journal = made(steps)
    doubled = [line for line in journal.lines for _ in range(2)]
    assert read_lines(doubled, {}) == journal.read()


VALUES = st.recursive(st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False), lambda inner: st.lists(inner, max_size=4))
NAMES = st.sampled_from(
    [
        "MESSAGE",
        "MESSAGE_ID",
        "SYSLOG_IDENTIFIER",
        "UNIT",
        "__REALTIME_TIMESTAMP",
        "__MONOTONIC_TIMESTAMP",
        "_BOOT_ID",
        "_PID",
        "N_RESTARTS",
        "LEADER",
    ]
)
KNOWN = st.sampled_from([*ids.OF_UNITS, *ids.OF_THE_MACHINE, "systemd", "sshd", "sudo", "kernel", "1748747520000000", "a.service"])


@given(st.lists(st.dictionaries(NAMES, KNOWN | VALUES), max_size=12))
def test_no_entry_raises(documents: list[dict[str, Any]]) -> None:
    for document in documents:
        document.setdefault("__REALTIME_TIMESTAMP", "1748747520000000")
    read_lines([json.dumps(document).encode("utf-8", "replace") for document in documents], {})


@given(st.lists(st.binary(max_size=200), max_size=10))
def test_no_line_raises(lines: list[bytes]) -> None:
    assert read_lines(lines, {}) == []


WORDS = st.sampled_from(
    [  # a message's beginnings and middles, in any order
        "Accepted ",
        "publickey",
        " for ",
        "pam_unix(",
        "sshd:session): session opened",
        " user alex",
        " : ",
        "TTY=",
        " ; ",
        "COMMAND=",
        "stepped by ",
        "1e999",
        "\0",
    ]
)


@given(st.sampled_from(["sshd", "sudo", "su", "kernel", "chronyd", "systemd", "login"]), st.lists(WORDS | st.text(max_size=5), max_size=12))
def test_no_message_raises(identifier: str, words: list[str]) -> None:
    MadeJournal().says(identifier, "".join(words)).read()


def test_a_message_of_bytes_is_read() -> None:
    entry = entry_of_line(
        json.dumps({"__REALTIME_TIMESTAMP": "1748747520000000", "MESSAGE": list("Zürich \udc80".encode("utf-8", "replace"))}).encode()
    )
    assert entry is not None
    assert entry.message.startswith("Zürich")


def test_a_message_that_was_too_long_to_be_shown_is_empty() -> None:
    entry = entry_of_line(b'{"__REALTIME_TIMESTAMP": "1748747520000000", "MESSAGE": null, "UNIT": ["a.service", "b.service"]}')
    assert entry is not None
    assert (entry.message, entry.unit) == ("", "a.service")


def test_a_field_of_a_megabyte_is_cut() -> None:
    entry = entry_of_line(json.dumps({"__REALTIME_TIMESTAMP": "1748747520000000", "MESSAGE": "x" * 1_000_000}).encode())
    assert entry is not None
    assert len(entry.message) == 4096


def test_a_time_that_cannot_be_is_no_entry() -> None:
    for time in ('"99999999999999999"', '"-5"', "null", '"now"', "1748747520000000"):
        assert entry_of_line(f'{{"__REALTIME_TIMESTAMP": {time}}}'.encode()) is None


def test_what_is_remembered_does_not_grow_for_ever() -> None:
    journal, memory = MadeJournal(), {}
    for number in range(2_500):
        journal.says("sshd", "Accepted password for alex from 10.0.0.5 port 1 ssh2", number).started(f"unit-{number}.service")
    reading = JournalReading(HOST, memory)
    for line in journal.lines:
        entry = entry_of_line(line)
        assert entry is not None
        list(reading.read(entry))
    assert len(memory["sessions"]) <= 2_000
    assert len(memory["units"]) <= 2_000


def test_timers_that_are_known_beforehand_are_left_out() -> None:
    reading = JournalReading(HOST, {}, timers=("fetch.service",))
    entries = [entry_of_line(line) for line in MadeJournal().started("fetch.service").tick(90).stopped("fetch.service").lines]
    found = [seen for entry in entries if entry for seen in reading.read(entry)]
    assert kinds([*found]) == []
