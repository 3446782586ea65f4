"""The spool's files: what was written is read, whatever happened to the writer."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changelog_ledger.errors import HomeError
from changelog_ledger.model.fact import Fact, canonical
from changelog_ledger.model.spool import Waiting
from changelog_ledger.store.spool import Place, Spool, in_order, line_of, read_spool_file

NOW = datetime(2025, 6, 2, 9, tzinfo=UTC)
OWN = frozenset({os.geteuid()})

texts = st.text(max_size=20)
facts = st.builds(
    Fact,
    id=texts,
    kind=st.sampled_from(["mark", "change", "change-step"]),
    key=texts,
    occurred_at=st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),
    recorded_at=st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),
    actor=texts,
    body=st.dictionaries(texts, texts | st.integers() | st.none(), max_size=3).map(canonical),
)


def fact(number: int, at: datetime = NOW) -> Fact:
    return Fact(f"{number:026}", "mark", f"mark:{number}", at, at, "alex", canonical({"number": number}))


def spool(folder: Path) -> Spool:
    return Spool((Place(folder / "first", OWN), Place(folder / "second", OWN)))


def numbers(waiting: tuple[Waiting, ...]) -> list[int]:
    return [each.fact.data["number"] for each in waiting]


@given(written=st.lists(facts, min_size=1, max_size=4), cut=st.integers(0, 400))
def test_a_file_that_ends_anywhere_gives_its_whole_lines_and_the_rest(written: list[Fact], cut: int) -> None:
    lines = [line_of(Waiting(each)) for each in written]
    data = b"".join(lines)[: max(0, sum(map(len, lines)) - cut)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.jsonl"
        path.write_bytes(data)
        read = read_spool_file(path)
    whole = data.count(b"\n")
    assert [waiting.fact for waiting in read.waiting] == written[:whole]
    assert b"".join(lines[:whole]) + read.torn == data
    assert read.unread == ()


def test_a_process_writes_one_file_that_nobody_else_can_read(tmp_path: Path) -> None:
    mine = spool(tmp_path)
    assert mine.is_empty
    paths = {mine.add([fact(number)]) for number in range(3)}
    assert len(paths) == 1
    (path,) = paths
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert numbers(mine.waiting()) == [0, 1, 2]
    spool(tmp_path).add([fact(9)])
    assert len(list(path.parent.iterdir())) == 2


def test_a_writer_whose_file_is_held_or_gone_begins_another_one(tmp_path: Path) -> None:
    mine, merger = spool(tmp_path), spool(tmp_path)
    first = mine.add([fact(1)])
    with merger.held(first) as file:
        second = mine.add([fact(2)])
        assert file is not None
        merger.settle(file, ())
    assert second != first
    assert numbers(mine.waiting()) == [2]
    with merger.held(second) as file:
        assert file is not None
        merger.settle(file, ())
    mine.add([fact(3)])
    assert numbers(mine.waiting()) == [3]


def test_what_is_kept_stays_with_its_reason(tmp_path: Path) -> None:
    mine = spool(tmp_path)
    path = mine.add([fact(1), fact(2)])
    with mine.held(path) as file:
        assert file is not None
        mine.settle(file, [Waiting(file.waiting[1].fact, "no such host", str(path))])
    (left,) = mine.waiting()
    assert (numbers((left,)), left.reason, left.file) == ([2], "no such host", str(path))


def test_the_order_is_that_of_writing_even_where_a_clock_was_set_back(tmp_path: Path) -> None:
    one, other = spool(tmp_path), spool(tmp_path)
    one.add([fact(1, NOW)])
    other.add([fact(2, NOW + timedelta(minutes=1))])
    one.add([fact(4, NOW + timedelta(minutes=2))])
    one.add([fact(5, NOW - timedelta(days=1))])
    other.add([fact(6, NOW + timedelta(minutes=3))])
    assert numbers(one.waiting()) == [1, 2, 4, 5, 6]
    assert in_order([]) == ()


def test_every_place_may_refuse(tmp_path: Path) -> None:
    (tmp_path / "first").write_text("in the way")
    assert spool(tmp_path).add([fact(1)]).parent == tmp_path / "second"
    (tmp_path / "other").mkdir()
    (tmp_path / "other/first").symlink_to(tmp_path)  # somebody else's folder, for all we know
    (tmp_path / "other/second").mkdir(mode=0o777)
    (tmp_path / "other/second").chmod(0o777)
    with pytest.raises(HomeError, match="spool cannot be written"):
        spool(tmp_path / "other").add([fact(1)])


def test_many_writers_and_mergers_lose_nothing_and_take_nothing_twice(tmp_path: Path) -> None:
    """Real processes: six write 40 facts each, while this one takes them out all the time."""
    script = (
        "import os, sys; from pathlib import Path; from tests.store.test_spool_file import fact, spool\n"
        "mine = spool(Path(sys.argv[1]))\n"
        "for number in range(40): mine.add([fact(int(sys.argv[2]) * 40 + number)])"
    )
    root = Path(__file__).parents[2]
    writers = [subprocess.Popen([sys.executable, "-c", script, str(tmp_path), str(number)], cwd=root) for number in range(6)]
    taken: list[int] = []
    merger = spool(tmp_path)
    while any(writer.poll() is None for writer in writers) or not merger.is_empty:
        for path in merger.paths():
            with merger.held(path) as file:
                if file is not None:
                    taken += numbers(file.waiting)
                    assert not file.torn
                    merger.settle(file, ())
    assert [writer.returncode for writer in writers] == [0] * 6
    assert sorted(taken) == list(range(240))


def test_a_disk_that_is_not_mounted_is_no_place(tmp_path: Path) -> None:
    """The folder above is a mount point: what is made there now lies hidden under the disk later."""
    home = tmp_path / "home"
    mine = Spool((Place(home / "spool", OWN, within=home / "ledger.toml"), Place(tmp_path / "second/spool", OWN)))
    assert mine.add([fact(1)]).parent == tmp_path / "second/spool"
    home.mkdir()
    assert mine.add([fact(2)]).parent == tmp_path / "second/spool"
    (home / "ledger.toml").touch()
    assert mine.add([fact(3)]).parent == home / "spool"


def test_a_file_that_cannot_be_read_is_not_an_empty_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = spool(tmp_path)
    path = mine.add([fact(1)])

    def failing(_descriptor: int) -> bytes:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("changelog_ledger.store.spool._content", failing)
    with pytest.raises(OSError, match="Input/output"), mine.held(path):
        pytest.fail("there is nothing to be done with it")
    monkeypatch.undo()
    assert numbers(mine.waiting()) == [1]


@pytest.mark.parametrize(
    "line",
    [
        b"[" * 200_000 + b"]" * 200_000,
        line_of(Waiting(fact(2))).replace(b"2025", b"9999").strip(),
        line_of(Waiting(fact(2))).replace(b"2025", b"0001").strip(),
        line_of(Waiting(fact(2))).replace(b'"mark"', b"[]").strip(),
    ],
    ids=["deep", "too late", "too early", "a kind that is no text"],
)
def test_a_line_that_is_no_fact_hides_no_other(tmp_path: Path, line: bytes) -> None:
    mine = spool(tmp_path)
    path = mine.add([fact(1)])
    path.write_bytes(line + b"\n" + path.read_bytes())
    assert numbers(mine.waiting()) == [1]
    assert read_spool_file(path).unread == (line + b"\n",)
