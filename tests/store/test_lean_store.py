"""The lean way into the database leaves the same bytes as the whole store, and leaves alone what is not as usual."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from changelog_ledger.errors import Busy, HomeError
from changelog_ledger.model.evidence import Delta, Op
from changelog_ledger.model.fact import Fact, canonical
from changelog_ledger.model.gate import Expected
from changelog_ledger.model.identifiers import ulid
from changelog_ledger.model.topology import EVERYTHING, Target
from changelog_ledger.store import encodings
from changelog_ledger.store.expected import edits_to_json, ref_of
from changelog_ledger.store.lean import LeanStore
from changelog_ledger.store.locks import held_lock
from changelog_ledger.store.store import Store
from changelog_ledger.store.tables import DeltaRow, ExpectedRow, FactRow, Instant, Json, SnapshotRow, table_of
from changelog_ledger.store.verification import broken_chains, wrong_projections

START = datetime(2026, 11, 1, tzinfo=UTC)


def address(folder: Path) -> str:
    return f"sqlite:///{folder}/ledger.db"


def lean_store(folder: Path, stream: str = "test", lock_timeout: float = 20) -> LeanStore:
    opened = LeanStore.open(address(folder), stream, lock_timeout=lock_timeout, allow_network=True)
    assert opened is not None
    return opened


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Store]:
    store = Store.create(address(tmp_path), "test", lock_timeout=20)
    yield store
    store.close()


def host_fact(name: str = "web-01") -> Fact:
    identity = ulid(START, bytes(10))
    return Fact(identity, "host", f"host:{identity}", START, START, "alex", canonical({"name": name, "tags": [], "attrs": {}}))


def snapshot_fact(number: int, before: Fact | None = None, **body: Any) -> Fact:
    at = START + timedelta(minutes=number)
    identity = ulid(at, number.to_bytes(10, "big"))
    previous = (
        {"previous": before.data["commit"], "previous_at": before.occurred_at.isoformat()} if before else {"previous": None, "previous_at": None}
    )
    content = {"host": "web-01", "commit": f"{number:040x}", **previous, "reason": "", "change": "", "phase": None, "files": number, "unread": []}
    whole = canonical({**content, "left_out": [], "left_out_count": 0, **body})
    return Fact(identity, "snapshot", f"snapshot:{identity}", at, at + timedelta(microseconds=7), "alex", whole)


def expected_fact(*edits: Expected, minutes: int = 0) -> Fact:
    at = START + timedelta(minutes=minutes)
    ref = ref_of(edits)
    return Fact(ulid(at, ref[:10].encode()), "expected", f"expected:{ref}", at, at, "alex", canonical({"edits": edits_to_json(edits)}))


def dumped(folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table: text, bytes and numbers as SQLite keeps them."""
    with sqlite3.connect(folder / "ledger.db") as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        return {name: connection.execute(f"SELECT * FROM {name} ORDER BY rowid").fetchall() for name in names}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
TEXTS = st.text(st.characters(exclude_categories=()), max_size=30)  # NUL and lone surrogates (undecodable bytes of a path) among them
TARGETS = st.sampled_from([Target.host("web-01"), Target.service("edge"), EVERYTHING])
EDITS = st.lists(st.builds(Expected, st.just("CHG-7K3M9Q"), TARGETS, TEXTS, st.sampled_from(["", "ab" * 32])), min_size=1, max_size=4)
INSTANTS = st.datetimes(datetime(1901, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))
DELTAS = st.lists(
    st.builds(
        Delta,
        path=TEXTS | st.text("ab/", min_size=1000, max_size=1200),
        key=st.none() | TEXTS,
        op=st.sampled_from(Op),
        before=JSON,
        after=JSON,
        line=st.none() | st.integers(1, 10**6),
        note=TEXTS,
        mtime=st.none() | INSTANTS,
    ),
    max_size=4,
)


@settings(max_examples=25, deadline=None)
@given(
    deltas=DELTAS,
    unread=st.lists(TEXTS, max_size=2),
    reason=TEXTS,
    phase=st.sampled_from([None, "before", "after"]),
    change=st.sampled_from(["", "CHG-1"]),
    edits=EDITS,
)
def test_both_ways_leave_the_same_bytes(
    tmp_path_factory: pytest.TempPathFactory,
    deltas: Sequence[Delta],
    unread: list[str],
    reason: str,
    phase: str | None,
    change: str,
    edits: Sequence[Expected],
) -> None:
    first, let_in = snapshot_fact(1), expected_fact(*edits)
    found = {delta.path: "CHG-7K3M9Q" for delta in deltas[1:]}
    second = snapshot_fact(
        2, first, unread=unread, reason=reason, phase=phase, change=change, left_out=[["/etc/x", "oversized", "9 MB"]], expected=found
    )
    folders = (tmp_path_factory.mktemp("whole"), tmp_path_factory.mktemp("lean"))
    for folder in folders:
        store = Store.create(address(folder), "test")
        store.append([host_fact()])
        books = store if folder is folders[0] else lean_store(folder)
        assert books.append([first], deltas={}) == (first,)
        assert books.append([first, let_in, second, second], deltas={second.id: deltas}) == (let_in, second)
        assert books.append([first, second], deltas={}) == ()
        store.close()
    whole, lean = map(dumped, folders)
    assert whole == lean
    assert len(lean["fact"]) == 4
    assert len(lean["delta"]) == len(deltas)
    assert len(lean["expected"]) == len(set(edits))


def test_both_answer_the_same(made: Store, tmp_path: Path) -> None:
    first = snapshot_fact(1)
    second = snapshot_fact(2, first, unread=["/etc/shadow"], left_out=[["/etc/big", "oversized", "9 MB"]], left_out_count=1, phase="before")
    lean = lean_store(tmp_path)
    assert (made.has_host("web-01"), lean.has_host("web-01"), lean.last_snapshot("web-01")) == (False, False, None)
    made.append([host_fact(), first])
    lean.append([second], deltas={})
    assert (made.has_host("web-01"), lean.has_host("web-01"), lean.has_host("web")) == (True, True, False)
    newest = lean.last_snapshot("web-01")
    assert newest is not None
    assert newest == made.last_snapshot("web-01")
    assert (newest.id, newest.previous, newest.unread, str(newest.phase)) == (second.id, first.data["commit"], ("/etc/shadow",), "before")
    assert list(broken_chains(made, lambda _done: None)) == []
    assert list(wrong_projections(made, lambda *_: (), lambda _done: None)) == []


def test_only_snapshots_and_expected_edits_are_recorded_here(made: Store, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no host"):
        lean_store(tmp_path).append([snapshot_fact(1), host_fact()], deltas={})
    assert dumped(tmp_path)["fact"] == []


def test_what_fails_half_way_leaves_nothing(made: Store, tmp_path: Path) -> None:
    before = dumped(tmp_path)
    wrong = Delta("/etc/x", None, Op.ADDED, object(), None)
    with pytest.raises(TypeError):
        lean_store(tmp_path).append([snapshot_fact(1)], deltas={snapshot_fact(1).id: [wrong]})
    assert dumped(tmp_path) == before


def test_writers_of_both_kinds_keep_one_chain(made: Store, tmp_path: Path) -> None:
    """Each chains behind what the other has just recorded."""
    made.append([host_fact()])
    books = (made, lean_store(tmp_path))
    with ThreadPoolExecutor(4) as pool:
        recorded = list(pool.map(lambda number: books[number % 2].append([snapshot_fact(number)], deltas={}), range(1, 41)))
    assert [len(each) for each in recorded] == [1] * 40
    assert list(broken_chains(made, lambda _done: None)) == []
    assert len(dumped(tmp_path)["snapshot"]) == 40


def test_whoever_waits_too_long_is_told(made: Store, tmp_path: Path) -> None:
    with held_lock(tmp_path / "ledger.db.lock", 1, "test"), pytest.raises(Busy):
        lean_store(tmp_path, lock_timeout=0.1).append([snapshot_fact(1)], deltas={})
    with sqlite3.connect(tmp_path / "ledger.db", isolation_level=None) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(Busy, match="locked by another process"):
            LeanStore.open(address(tmp_path), "test", lock_timeout=0.1, allow_network=True)
        other.execute("ROLLBACK")


def _sql(statement: str) -> Callable[[Path], None]:
    def run(file: Path) -> None:
        with sqlite3.connect(file) as connection:
            connection.execute(statement)

    return run


@pytest.mark.parametrize(
    "unusual",
    [
        _sql("UPDATE alembic_version SET version_num = '0000'"),
        _sql("UPDATE meta SET value = '0'"),
        _sql("DELETE FROM meta"),
        _sql("DROP TABLE alembic_version"),
        _sql("PRAGMA application_id = 1"),
        lambda file: file.write_bytes(b"no database at all, just some text" * 100),
        lambda file: file.write_bytes(b""),
    ],
)
def test_what_is_unusual_is_left_to_the_whole_store(made: Store, tmp_path: Path, unusual: Callable[[Path], None]) -> None:
    made.close()
    unusual(tmp_path / "ledger.db")
    assert LeanStore.open(address(tmp_path), "test", lock_timeout=1, allow_network=True) is None


def test_another_database_is_left_to_the_whole_store(tmp_path: Path, made: Store) -> None:
    for other in ("postgresql://host/name", "sqlite+pysqlite:///x", f"{address(tmp_path)}?mode=ro"):
        assert LeanStore.open(other, "test", lock_timeout=1, allow_network=True) is None


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(HomeError, match="there is no database"):
        LeanStore.open(address(tmp_path), "test", lock_timeout=1, allow_network=True)


TO_OPEN = {
    "errors", "model", "model.evidence", "model.fact", "model.identifiers", "model.retention", "model.snapshot", "model.times", "model.topology",
    "store", "store.books", "store.chain", "store.encodings", "store.foresight", "store.lean", "store.lean_expected", "store.locks", "store.plain",
    "store.rows", "store.sqlite_file", "store.unanswered", "store.versions", "store.writing",
}  # fmt: skip
TO_LOOK_FOR_CHANGES = {"model.change", "model.coverage", "store.codec", "store.lean_changes", "store.reach"}
TO_RECORD_WHAT_IS_LET_IN = {"model.change", "model.gate", "store.expected"}


@pytest.mark.parametrize(
    ("used", "more"),
    [
        ("store.lean", frozenset()),
        ("store.lean_changes", TO_LOOK_FOR_CHANGES),
        ("store.expected", TO_RECORD_WHAT_IS_LET_IN),
    ],
)
def test_what_the_lean_way_loads(used: str, more: frozenset[str]) -> None:
    """It is on the way of every snapshot and of every commit: whatever is added here is waited for each time."""
    script = f"import sys, changelog_ledger.store.lean, changelog_ledger.{used}; print(*sys.modules)"
    loaded = set(subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout.split())
    own = {name.removeprefix("changelog_ledger.") for name in loaded if name.startswith("changelog_ledger.")}
    assert own == TO_OPEN | more
    assert loaded.isdisjoint({"sqlalchemy", "sqlmodel", "pydantic", "alembic", "git", "pendulum", "deepdiff", "rich"})


def test_the_encodings_are_those_of_the_tables() -> None:
    columns = [column for row in (FactRow, SnapshotRow, DeltaRow, ExpectedRow) for column in table_of(row).columns]
    assert {column.name for column in columns if isinstance(column.type, Instant)} == encodings.INSTANTS
    assert {column.name for column in columns if isinstance(column.type, Json)} == encodings.JSON_VALUES
    assert not {column.name for column in columns if not isinstance(column.type, Instant | Json)} & (encodings.INSTANTS | encodings.JSON_VALUES)
