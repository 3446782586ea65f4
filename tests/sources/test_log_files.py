"""Logs and their rotations, read on from where they were read last time."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from changelog_ledger.sources.log_files import LogCursor, LogFiles
from changelog_ledger.sources.log_names import rotations
from changelog_ledger.sources.log_streams import LONGEST_LINE

LOG = "/var/log/x.log"


class Logs:
    """The files of one log below a root, and a reader that remembers."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / "var/log"
        self.folder.mkdir(parents=True)
        self.cursor = LogCursor()
        self.gaps = []
        self.log = None

    def path(self, rest: str = "") -> Path:
        return self.folder / f"x.log{rest}"

    def write(self, text: str | bytes, rest: str = "") -> None:
        self.path(rest).write_bytes(text.encode() if isinstance(text, str) else text)

    def append(self, text: str, rest: str = "") -> None:
        with self.path(rest).open("a") as file:
            file.write(text)

    def read(self) -> list[str]:
        """The lines that are new; the cursor goes through JSON as it does on the disk."""
        self.gaps = []
        self.log = LogFiles(str(self.root), LOG, self.cursor, self.gaps)
        found = [line.text.decode() for line in self.log.lines()]
        self.cursor = LogCursor.of(self.log.cursor().document())
        return found


@pytest.fixture
def logs(tmp_path: Path) -> Logs:
    return Logs(tmp_path)


def test_how_rotations_are_called():
    names = [
        "x.log",
        "x.log.1",
        "x.log.10.gz",
        "x.log.2.gz",
        "x.log.2",
        "x.log-20250601",
        "x.log-20250501.xz",
        "x.log.old",
        "xx.log",
        "x.log.1.gz.tmp",
    ]
    assert rotations("x.log", names) == ["x.log-20250501.xz", "x.log-20250601", "x.log.10.gz", "x.log.2", "x.log.2.gz", "x.log.1", "x.log"]


def test_oldest_first_whatever_the_compression(logs):
    logs.write(bz2.compress(b"1\n"), ".4.bz2")
    logs.write(lzma.compress(b"2\n"), ".3.xz")
    logs.write(gzip.compress(b"3\n"), ".2.gz")
    logs.write("4\n", ".1")
    logs.write("5\n")
    assert logs.read() == ["1", "2", "3", "4", "5"]
    assert logs.read() == []
    assert not logs.gaps


def test_lines_tell_where_they_are_from(logs):
    logs.write(gzip.compress(b"a\nbb\n"), ".1.gz")
    logs.write("c\n")
    lines = list(LogFiles(str(logs.root), LOG, LogCursor(), []).lines())
    assert [(line.text, line.source, line.place) for line in lines] == [(b"a", f"{LOG}.1.gz", 0), (b"bb", f"{LOG}.1.gz", 2), (b"c", LOG, 5)]


def test_an_incomplete_last_line_is_left(logs):
    logs.write("a\nb")
    assert logs.read() == ["a"]
    logs.append("c\n")
    assert logs.read() == ["bc"]
    assert not logs.gaps


def test_renamed_and_gone_on(logs):
    logs.write("a\n")
    assert logs.read() == ["a"]
    logs.append("b\n")
    logs.path().rename(logs.path(".1"))
    logs.write("c\n")
    assert logs.read() == ["b", "c"]


def test_copied_and_truncated(logs):
    """logrotate's copytruncate: the inode stays, the content goes."""
    logs.write("a\nb\n")
    logs.read()
    logs.append("c\n")
    logs.write(logs.path().read_bytes(), ".1")
    logs.write("d\n" * 100)
    assert logs.read() == ["c", *["d"] * 100]


def test_a_copy_that_is_there_twice_is_read_once(logs):
    logs.write("a\nb\n", ".1")
    logs.write(gzip.compress(b"a\nb\n"), ".1.gz")
    logs.write("a\nb\nc\n")
    assert logs.read() == ["a", "b", "c"]


def test_rewritten_is_read_anew(logs):
    logs.write("head\n" * 2000 + "a\n" * 3000)
    logs.read()
    logs.write("head\n" * 2000 + "b\n" * 3000)
    assert len(logs.read()) == 5000


def test_rotated_in_mid_read(logs):
    logs.write("a\n")
    logs.write("b\n", ".1")
    log = LogFiles(str(logs.root), LOG, LogCursor(), [])
    lines = log.lines()
    assert next(lines).text == b"b"
    logs.path(".1").rename(logs.path(".2"))
    logs.path().rename(logs.path(".1"))
    logs.write("c\n")
    assert sorted(line.text for line in lines) == [b"a", b"c"]


def test_held_places_are_read_again(logs):
    logs.write("a\nb\n", ".1")
    logs.write("c\nd\n")
    log = LogFiles(str(logs.root), LOG, LogCursor(), [])
    place = {line.text: line.place for line in log.lines()}[b"b"]
    log.hold(place)
    logs.cursor = LogCursor.of(log.cursor().document())
    assert logs.read() == ["b", "c", "d"]
    assert logs.read() == []


def test_held_altogether_nothing_is_forgotten_of_before(logs):
    logs.write("a\n")
    logs.read()
    logs.append("b\n")
    log = LogFiles(str(logs.root), LOG, logs.cursor, [])
    assert [line.text for line in log.lines()] == [b"b"]
    log.hold_all()
    logs.cursor = log.cursor()
    assert logs.read() == ["b"]


def test_a_truncated_gz_is_read_as_far_as_it_goes(logs):
    whole = "".join(f"line {number} {os.urandom(20).hex()}\n" for number in range(20_000))
    logs.write(gzip.compress(whole.encode())[:-5000], ".1.gz")
    logs.write("last\n")
    found = logs.read()
    assert found[-1] == "last"
    assert found[:-1] == whole.splitlines()[: len(found) - 1]
    assert len(found) > 10_000
    assert [gap.source for gap in logs.gaps] == [f"{LOG}.1.gz"]
    assert "truncated or damaged after line" in logs.gaps[0].why


def test_a_truncated_gz_that_is_whole_next_time_gives_the_rest(logs):
    whole = "".join(f"line {number} {os.urandom(20).hex()}\n" for number in range(20_000))
    packed = gzip.compress(whole.encode())
    logs.write(packed[:-5000], ".1.gz")
    first = logs.read()
    logs.write(packed, ".1.gz")
    assert first + logs.read() == whole.splitlines()


@pytest.mark.parametrize("content", [b"", b"\x1f\x8b", b"\x1f\x8b\x08\x00garbage", b"\xfd7zXZ\x00garbage", b"BZh9garbage", b"\x5d\x00\x00garbage"])
def test_damaged_beginnings(logs, content):
    logs.write(content, ".1.gz")
    logs.write("a\n")
    assert logs.read() == ["a"]
    assert bool(logs.gaps) == bool(content)


@pytest.mark.skipif(find_spec("compression") is not None, reason="this Python reads zstd")
def test_zstd_that_cannot_be_read_is_named(logs):
    logs.write(b"\x28\xb5\x2f\xfd\x00", ".1.zst")
    logs.write("a\n")
    assert logs.read() == ["a"]
    assert "zstd" in logs.gaps[0].why


def test_nul_bytes_are_left_out_and_told(logs):
    logs.write(b"a\n\0\0\0\0b\nc\n")
    assert logs.read() == ["a", "b", "c"]
    assert [gap.source for gap in logs.gaps] == [LOG]
    assert "NUL" in logs.gaps[0].why


def test_a_line_that_is_too_long_is_cut_and_told(logs):
    logs.write(b"a\n" + b"x" * (3 * LONGEST_LINE) + b"\nb\n")
    found = logs.read()
    assert [len(text) for text in found] == [1, LONGEST_LINE, 1]
    assert "line 2 is longer" in logs.gaps[0].why
    logs.append("c\n")
    assert logs.read() == ["c"]


def test_a_line_that_has_no_end_takes_no_memory(logs):
    logs.write(gzip.compress(b"a\n" + bytes(64 * LONGEST_LINE)), ".1.gz")
    assert logs.read() == ["a"]
    assert any("longer" in gap.why for gap in logs.gaps)


def test_a_directory_in_place_of_the_log(logs):
    logs.path().mkdir()
    logs.write("a\n", ".1")
    assert logs.read() == ["a"]
    assert [(gap.source, gap.why) for gap in logs.gaps] == [(LOG, "not a file but a directory")]


def test_through_a_fifo_nothing_is_read(logs):
    os.mkfifo(logs.path())
    assert logs.read() == []
    assert "FIFO" in logs.gaps[0].why


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_unreadable(logs):
    logs.write("a\n")
    logs.path().chmod(0)
    assert logs.read() == []
    assert [gap.why for gap in logs.gaps] == ["Permission denied"]


def test_links_lead_nowhere_outside_the_root(tmp_path):
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "x.log").write_text("secret\n")
    inside = tmp_path / "root"
    (inside / "var").mkdir(parents=True)
    (inside / "outside").mkdir()
    (inside / "outside" / "x.log").write_text("of the image\n")
    (inside / "var" / "log").symlink_to("../../../../outside")
    assert [line.text for line in LogFiles(str(inside), LOG, LogCursor(), []).lines()] == [b"of the image"]
    (inside / "var" / "log").unlink()
    (inside / "var" / "log").symlink_to(tmp_path / "outside")
    assert not list(LogFiles(str(inside), LOG, LogCursor(), []).lines())


def test_a_link_in_a_circle(logs):
    logs.path().symlink_to("x.log")
    assert logs.read() == []
    assert logs.gaps


def test_nothing_there(tmp_path):
    gaps = []
    log = LogFiles(str(tmp_path), LOG, LogCursor(), gaps)
    assert not list(log.lines())
    assert not log.found
    assert not gaps


@pytest.mark.parametrize(
    "document", [None, [], {}, {"generations": 1}, {"generations": [{}], "clock": ""}, {"generations": [{"head": 1}], "clock": 1}]
)
def test_a_cursor_that_is_none(document):
    assert LogCursor.of(document) == LogCursor()


class Logrotate:
    """A log that is written to and rotated, and somebody who reads it now and then."""

    def __init__(self, logs: Logs) -> None:
        self.logs, self.written, self.read = logs, [], []
        logs.write("")

    def append(self, number: int) -> None:
        half = "half " if self._is_half() else ""
        text = f"{number} " + "x" * (number % 7 * 300)
        self.logs.append(f"{text}\n")
        self.written.append(half + text)

    def half(self, _number: int) -> None:
        if not self._is_half():
            self.logs.append("half ")

    def rotate(self, _number: int) -> None:
        if not self._is_half():
            self._shift()
            self.logs.path().rename(self.logs.path(".1"))
            self.logs.write("")

    def copytruncate(self, _number: int) -> None:
        if not self._is_half():
            self._shift()
            self.logs.write(self.logs.path().read_bytes(), ".1")
            os.truncate(self.logs.path(), 0)

    def compress(self, _number: int) -> None:
        if self.logs.path(".1").exists():
            packed = gzip.compress(self.logs.path(".1").read_bytes())
            self.logs.path(".1").unlink()
            self.logs.write(packed, ".1.gz")

    def look(self, _number: int) -> None:
        self.read += self.logs.read()
        assert not self.logs.gaps

    def lose(self, _number: int) -> None:
        self.logs.cursor = LogCursor()

    def vanish(self, number: int) -> None:
        if len(names := self._names()) > 1:
            self.look(number)  # what nobody has read would be lost
            (self.logs.folder / names[0]).unlink()

    def _is_half(self) -> bool:
        return self.logs.path().read_text().endswith("half ")

    def _names(self) -> list[str]:
        return rotations("x.log", [path.name for path in self.logs.folder.iterdir()])

    def _shift(self) -> None:
        for name in self._names()[:-1]:
            number, _, rest = name.removeprefix("x.log.").partition(".")
            (self.logs.folder / name).rename(self.logs.path(f".{int(number) + 1}{'.' + rest if rest else ''}"))


STEPS = ("append", "append", "append", "half", "rotate", "copytruncate", "compress", "look", "look", "lose", "vanish")


@settings(deadline=None, max_examples=150)
@given(st.lists(st.sampled_from(STEPS), max_size=25))
def test_every_line_is_read_once_whatever_logrotate_does(tmp_path_factory, steps):
    """Unless the cursor is lost, when lines are read again."""
    logrotate = Logrotate(Logs(tmp_path_factory.mktemp("logs")))
    for number, step in enumerate([*steps, "append", "look"]):
        getattr(logrotate, step)(number)
    assert set(logrotate.read) == set(logrotate.written)
    if "lose" not in steps:
        assert logrotate.read == logrotate.written
