"""journalctl, asked for what is used; and files of what it wrote."""

from __future__ import annotations

import stat
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from shutil import which

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changelog_ledger.model.ingestion import Gap
from changelog_ledger.observations.journal.entries import FIELDS, matches
from changelog_ledger.sources import journal as source
from changelog_ledger.sources.journal import Journal, JournalQuery, file_lines, whole_lines

QUERY = JournalQuery(("MESSAGE",), ("_PID=1",))
Play = Callable[[str], Path]


@pytest.fixture
def play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Play:
    """A program in journalctl's place, by its script; it notes what it was asked."""

    def played(script: str) -> Path:
        program = tmp_path / "journalctl"
        program.write_text(f'#!/bin/sh\nfor word; do echo "$word"; done >>"{tmp_path}/asked"\n{script}\n')
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setattr(source, "which", lambda *_arguments, **_options: str(program))
        return tmp_path / "asked"

    return played


def image(folder: Path) -> Path:
    place = folder / "image/var/log/journal/0123456789abcdef"
    place.mkdir(parents=True)
    (place / "system.journal").write_bytes(b"not a journal, but its name is right")
    return folder / "image"


def test_what_it_is_asked(play: Play, tmp_path: Path) -> None:
    asked = play("printf '{}\\n{}\\n'")
    gaps: list[Gap] = []
    query = JournalQuery(("MESSAGE", "UNIT"), ("_PID=1", "+", "A=b"), since=datetime(2025, 6, 1, tzinfo=UTC))
    assert list(Journal(str(image(tmp_path)), gaps).lines(query)) == [b"{}", b"{}"]
    words = asked.read_text().splitlines()
    assert words[:5] == ["-o", "json", "--no-pager", "--quiet", "--output-fields=MESSAGE,UNIT"]
    assert words[5:] == [f"--directory={tmp_path}/image/var/log/journal", "--since=@1748736000", "_PID=1", "+", "A=b"]
    assert gaps == []


def test_a_cursor_is_asked_for_without_a_time(play: Play) -> None:
    asked = play("echo '{}'")
    list(Journal("/", []).lines(JournalQuery(("MESSAGE",), (), "s=1;i=2", datetime(2025, 6, 1, tzinfo=UTC))))
    assert [word for word in asked.read_text().splitlines() if word.startswith(("--after", "--since"))] == ["--after-cursor=s=1;i=2"]


def test_a_cursor_that_is_not_known_any_more_means_from_the_beginning(play: Play) -> None:
    play('case "$*" in *after-cursor*) echo "Failed to seek to cursor: Invalid argument" >&2; exit 1;; esac; echo "{}"')
    gaps: list[Gap] = []
    assert list(Journal("/", gaps).lines(JournalQuery(("MESSAGE",), (), "gone"))) == [b"{}"]
    assert gaps == []


def test_what_fails_is_a_gap_and_what_came_before_is_given(play: Play) -> None:
    play('echo "{}"; echo "Failed to iterate through journal: Bad message" >&2; exit 1')
    gaps: list[Gap] = []
    journal = Journal("/", gaps)
    assert list(journal.lines(QUERY)) == [b"{}"]
    assert gaps == [Gap("journalctl", "Failed to iterate through journal: Bad message")]
    assert not journal.is_whole


def test_what_hangs_is_ended(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "_LONGEST_SILENCE", 0.3)
    play('echo "{}"; exec sleep 60')
    gaps: list[Gap] = []
    assert list(Journal("/", gaps).lines(QUERY)) == [b"{}"]
    assert "said nothing" in gaps[0].why


def test_whoever_stops_reading_ends_it(play: Play) -> None:
    play("while :; do echo '{}'; done")
    lines = Journal("/", []).lines(QUERY)
    assert next(iter(lines)) == b"{}"
    lines.close()  # type: ignore[attr-defined] - or the test would never end


def test_there_is_no_journal_without_files(play: Play, tmp_path: Path) -> None:
    play("exit 0")
    assert not Journal(str(tmp_path), []).is_there
    assert Journal(str(image(tmp_path)), []).is_there


def test_a_file_of_lines(tmp_path: Path) -> None:
    place = tmp_path / "a.json"
    place.write_bytes(b'{"a": 1}\n\n{"b": 2}\n{"torn')
    assert list(file_lines(str(place), [])) == [b'{"a": 1}', b'{"b": 2}', b'{"torn']


def test_a_line_that_is_too_long_is_passed_over_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "LONGEST_LINE", 10)
    gaps: list[Gap] = []
    assert list(whole_lines(iter([b"ab\n" + b"x" * 20, b"y" * 20 + b"\ncd\n"]), gaps, "f")) == [b"ab", b"cd"]
    assert len(gaps) == 1


@given(st.lists(st.binary(max_size=8), max_size=12))
def test_pieces_make_the_same_lines_however_they_are_cut(pieces: list[bytes]) -> None:
    assert list(whole_lines(iter(pieces), [], "f", last=True)) == [line for line in b"".join(pieces).split(b"\n") if line]


@pytest.mark.skipif(which("journalctl") is None, reason="no journalctl here")
def test_the_real_journalctl_understands_what_it_is_asked(tmp_path: Path) -> None:
    gaps: list[Gap] = []
    journal = Journal(str(image(tmp_path)), gaps)
    assert list(journal.lines(JournalQuery(FIELDS, matches(), since=datetime(2025, 6, 1, tzinfo=UTC)))) == []
    assert not any(word in gap.why.lower() for gap in gaps for word in ("match", "option", "argument", "timestamp", "usage"))
