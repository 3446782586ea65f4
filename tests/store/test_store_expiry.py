"""Snapshots expire: what follows them follows the last one that is kept, at once and in a rebuild, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from changelog_ledger.model.evidence import Delta, Op
from changelog_ledger.model.fact import Fact
from changelog_ledger.model.retention import followers
from changelog_ledger.model.topology import Target
from changelog_ledger.store import verification
from changelog_ledger.store.store import Store
from tests.store.conftest import START

Make = Callable[..., Fact]


def between(_snapshot: str, previous: str | None, commit: str) -> Sequence[Delta]:
    """One delta for each two commits; the commits' numbers are in it, so that a wrong pair shows."""
    return (Delta("/etc/n", "n", Op.CHANGED, previous, commit),) if previous else ()


def series(fact: Make, number: int, host: str = "web-01") -> list[Fact]:
    """Snapshots of a host, one a minute."""
    commits = [f"{count:038x}{host[-2:]}" for count in range(number)]
    made = []
    for count, commit in enumerate(commits):
        before = {"previous": commits[count - 1], "previous_at": (START + timedelta(minutes=count - 1)).isoformat()} if count else {}
        made.append(fact("snapshot", minutes=count, host=host, commit=commit, files=1, **before))
    return made


def recorded(store: Store, snapshots: Sequence[Fact]) -> None:
    store.append(snapshots, deltas={entry.id: between(entry.id, entry.data.get("previous"), entry.data["commit"]) for entry in snapshots})


def expired(store: Store, fact: Make, host: str, gone: Sequence[Fact]) -> Fact:
    """Record an expiry as the workflow does: with the deltas of those that follow somebody else from now on."""
    expiry = fact("expiry", minutes=1000, host=host, snapshots={entry.id: entry.occurred_at.isoformat() for entry in gone}, policy={})
    with store.reading() as view:
        known = {entry.id: entry for entry in view.evidence.snapshots(host)}
    moved = followers(list(known), expiry.data["snapshots"])
    store.append([expiry], deltas={new: between(new, known[last].commit if last else None, known[new].commit) for new, last in moved})
    return expiry


def chain(store: Store, host: str = "web-01") -> Iterator[tuple[str, str | None]]:
    with store.reading() as view:
        snapshots = view.evidence.snapshots(host)
        deltas = {delta.snapshot: delta.delta for delta in view.evidence.deltas([host], START - timedelta(days=1), START + timedelta(days=9))}
    for entry in snapshots:
        found = deltas.get(entry.id)
        assert (found.before if found else None) == entry.previous, "the deltas are those against what it follows"
        yield entry.commit, entry.previous


def consistent(store: Store) -> bool:
    return verification.wrong_projections(store, between, lambda _done: None) == ()


def test_what_follows_an_expired_one_follows_the_last_one_kept(store: Store, fact: Make) -> None:
    own, other = series(fact, 6), series(fact, 3, "web-02")
    recorded(store, [*own, *other])
    expired(store, fact, "web-01", [own[1], own[2], own[4]])
    commits = [entry.data["commit"] for entry in own]
    assert list(chain(store)) == [(commits[0], None), (commits[3], commits[0]), (commits[5], commits[3])]
    assert len(list(chain(store, "web-02"))) == 3
    with store.reading() as view:
        assert view.evidence.snapshot(own[1].id) is None
        (gone,) = view.evidence.expired_starting(own[1].id)
        assert (gone.host, gone.at, gone.expired_at) == ("web-01", own[1].occurred_at, START + timedelta(minutes=1000))
        assert view.evidence.expired_between(["web-01", "web-02"], own[1].occurred_at, own[4].occurred_at) == {"web-01": 2}
        assert view.evidence.snapshots("web-01")[1].previous_at == own[0].occurred_at
        assert view.facts.expired() == {own[1].id, own[2].id, own[4].id}
        assert view.evidence.snapshot_count() == 6
    assert consistent(store)


def test_the_first_one_may_go(store: Store, fact: Make) -> None:
    own = series(fact, 3)
    recorded(store, own)
    expired(store, fact, "web-01", own[:1])
    assert next(chain(store)) == (own[1].data["commit"], None), "the next one is the baseline then"
    assert consistent(store)


def test_a_rebuild_asks_for_nothing_that_is_gone(store: Store, fact: Make) -> None:
    own = series(fact, 8)
    recorded(store, own)
    expired(store, fact, "web-01", own[2:4])
    expired(store, fact, "web-01", [own[0], own[4], own[6]])
    present = {entry.data["commit"] for number, entry in enumerate(own) if number in (1, 5, 7)}

    def strict(snapshot: str, previous: str | None, commit: str) -> Sequence[Delta]:
        assert {previous, commit} <= present | {None}
        return between(snapshot, previous, commit)

    before = list(chain(store))
    assert verification.wrong_projections(store, strict, lambda _done: None) == ()
    store.rebuild(strict)
    assert list(chain(store)) == before
    assert consistent(store)


def test_marks_turn(store: Store, fact: Make) -> None:
    def mark(minutes: int, state: str, target: str = "host:web-01") -> Fact:
        return fact("mark", minutes=minutes, target=target, state=state)

    store.append([mark(1, "good"), mark(2, "good"), mark(3, "bad"), mark(4, "bad"), mark(5, "good"), mark(6, "good"), mark(7, "bad", "all")])
    with store.reading() as view:
        turns = view.marks.turns()
    at = {number: START + timedelta(minutes=number) for number in range(10)}
    assert [(turn.target, turn.good_at, turn.bad_at) for turn in turns] == [
        (Target.host("web-01"), at[2], at[3]),
        (Target.parse("all"), None, at[7]),
        (Target.host("web-01"), at[6], None),
    ]


def test_the_file_gives_room_back(store: Store, fact: Make) -> None:
    own = series(fact, 1500)
    recorded(store, own)
    expired(store, fact, "web-01", own[:-1])
    before = store.database.path.stat().st_size if store.database.path else 0
    with store.database.writing() as connection:
        connection.exec_driver_sql("DELETE FROM fact WHERE kind = 'snapshot'")
    store.compact()
    assert not store.database.path or store.database.path.stat().st_size < before
    with store.reading() as view:
        assert view.facts.count() == 1


@given(st.lists(st.sets(st.integers(0, 11)), min_size=1, max_size=4), st.integers(0, 12))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_however_they_expire_a_rebuild_gives_the_same(tmp_path_factory, fact: Make, rounds: list[set[int]], late: int) -> None:
    folder: Path = tmp_path_factory.mktemp("expiry")
    store = Store.create(f"sqlite:///{folder}/ledger.db", "test")
    own = series(fact, 12)
    recorded(store, own[:late])
    gone: set[int] = set()
    for number, chosen in enumerate(rounds):
        if number == len(rounds) // 2:
            recorded(store, own[late:])
        new = [own[place] for place in sorted(chosen - gone) if place < late - 1 or (number >= len(rounds) // 2 and place < 11)]
        gone |= {own.index(entry) for entry in new}
        expired(store, fact, "web-01", new)
    left = [entry.data["commit"] for number, entry in enumerate(own) if number not in gone]
    assert list(chain(store)) == list(zip(left, [None, *left[:-1]], strict=True))
    assert consistent(store)
    store.close()
