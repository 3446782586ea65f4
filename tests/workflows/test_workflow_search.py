"""Search: all words, in any case, in what people wrote, the newest first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from changelog_ledger import Ledger
from changelog_ledger.errors import InvalidInput, NotFound
from changelog_ledger.model.search import Hit

from .world import HOST, World, made_world


def found(ledger: Ledger, text: str, **options: object) -> list[tuple[str, str]]:
    """Kind and title of every hit."""
    return [(hit.kind, hit.title) for hit in ledger.search(text, **options)]  # type: ignore[arg-type]


@pytest.fixture
def told(either: World) -> World:
    """A little of everything."""
    ledger = either.ledger
    ledger.add_service("shop", runs_on=[HOST])
    either.snapshot(reason="first look\n\nbefore the move")
    change = ledger.plan("Raise the worker limit", on=[f"host:{HOST}"], description="As Müller asked", ticket="OPS-99", affects=["shop"])
    either.clock.tick(minutes=1)
    ledger.start(change.id, note="telling 100% of the customers_first, web-restart")
    either.machine.edit("/etc/nginx/nginx.conf", "worker_processes 4", "worker_processes 8")
    either.machine.edit("/etc/hosts", "localhost", "localhost größe")
    either.snapshot()
    either.clock.tick(minutes=1)
    ledger.observe("libssl3 upgraded", f"host:{HOST}", kind="package-upgraded", data={"from": "3.0.11", "to": "3.0.13", "by": 'apt "now"'})
    either.clock.tick(minutes=1)
    ledger.bad("service:shop", symptom="customers get 502; СЕРВЕР не отвечает")
    return either


class TestWhere:
    @pytest.mark.parametrize(
        ("text", "hits"),
        [
            ("worker limit", [("change", "Raise the worker limit")]),
            ("LIMIT raise", [("change", "Raise the worker limit")]),
            ("müller", [("change", "Raise the worker limit")]),
            ("MÜLLER asked", [("change", "Raise the worker limit")]),
            ("ops-99", [("change", "Raise the worker limit")]),
            ("100% customers_first", [("change-step", "Raise the worker limit")]),
            ("tart", [("change-step", "Raise the worker limit")]),
            ("libssl3 3.0.13", [("observation", "libssl3 upgraded")]),
            ('"now"', [("observation", "libssl3 upgraded")]),
            ("package-upgraded", [("observation", "libssl3 upgraded")]),
            ("get 502", [("mark", "customers get 502; СЕРВЕР не отвечает")]),
            ("сервер", [("mark", "customers get 502; СЕРВЕР не отвечает")]),
            ("move look", [("snapshot", "first look")]),
            ("worker_processes", [("delta", "/etc/nginx/nginx.conf worker_processes 4 → 8")]),
            ("größe", [("delta", "/etc/hosts")]),
            ("GRÖßE", [("delta", "/etc/hosts")]),
            ("nginx.conf 8", [("delta", "/etc/nginx/nginx.conf worker_processes 4 → 8")]),
            ("nobody wrote this", []),
            ("worker 502", []),
            ("planned_start", []),
            ("summary", []),
            ("symptom", []),
            ("100_ of", []),
            ("1%0", []),
        ],
    )
    def test_what_people_wrote_is_found(self, told: World, text: str, hits: list[tuple[str, str]]) -> None:
        assert [(kind, title[: len(wanted)]) for (kind, title), (_, wanted) in zip(found(told.ledger, text), hits, strict=True)] == hits

    def test_a_hash_or_an_identifier_is_found_by_its_beginning_only(self, told: World) -> None:
        snapshot, change = told.ledger.search("first look")[0], told.ledger.changes()[0]
        commit = next(each.commit for each in told.ledger.snapshots(HOST) if each.id == snapshot.id)
        for drawn, kind in ((commit, "snapshot"), (change.id, "change"), (change.id.lower(), "change"), (change.id.removeprefix("CHG-"), "change")):
            for word in (drawn, drawn[:-1]):
                assert kind in {each for each, _ in found(told.ledger, word)}
            assert found(told.ledger, drawn[-5:]) == []

    def test_a_hit_says_where_when_and_who(self, told: World) -> None:
        (hit,) = told.ledger.search("asked")
        assert (hit.kind, hit.text, hit.actor) == ("change", "As Müller asked", "alex")
        assert hit.id == told.ledger.changes()[0].id
        assert [str(target) for target in hit.targets] == [f"host:{HOST}", "service:shop"]
        (step,) = told.ledger.search("telling")
        assert (step.id, step.targets) == (hit.id, hit.targets)
        (delta,) = told.ledger.search("worker_processes")
        assert delta.id.startswith("EV-")

    def test_the_newest_comes_first(self, told: World) -> None:
        hits = told.ledger.search(HOST)
        assert len(hits) >= 6
        assert [hit.at for hit in hits] == sorted((hit.at for hit in hits), reverse=True)
        assert told.ledger.search(HOST, limit=2) == hits[:2]

    def test_by_target_and_time(self, told: World) -> None:
        assert {hit.kind for hit in told.ledger.search("customers", on="service:shop")} == {"mark", "change-step"}
        assert {hit.kind for hit in told.ledger.search("customers", on=f"host:{HOST}")} == {"change-step"}
        assert [hit.kind for hit in told.ledger.search("o", on="all", since=told.clock.now - timedelta(seconds=30))] == ["mark"]
        assert [hit.kind for hit in told.ledger.search("worker_processes", on=HOST)] == ["delta"]
        assert told.ledger.search("worker_processes", on="shop") == ()
        with pytest.raises(NotFound):
            told.ledger.search("x", on="host:nowhere")

    @pytest.mark.parametrize("text", ["", "  \n"])
    def test_nothing_to_look_for(self, told: World, text: str) -> None:
        with pytest.raises(InvalidInput, match="nothing to search"):
            told.ledger.search(text)

    def test_no_secret_can_be_found(self, world: World) -> None:
        world.snapshot()
        world.machine.edit("/etc/app.ini", "correct-horse-battery-staple", "another-secret-of-ours")
        world.snapshot()
        assert world.ledger.search("another-secret") == ()
        assert [hit.kind for hit in world.ledger.search("db/password")] == ["delta"]

    def test_bytes_that_are_no_text(self, world: World) -> None:
        """A body with half a character is written in ASCII: what else is in it is found all the same."""
        world.ledger.observe("Gerät \udcff ist da", HOST, data={"weg": "naïve"})
        assert found(world.ledger, "gerät") == found(world.ledger, "NAÏVE") != []


WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc", "Z")), min_size=1, max_size=6)


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One ledger for all examples."""
    with made_world(tmp_path_factory.mktemp("notebook")) as made:
        yield made


@settings(max_examples=60, deadline=None)
@given(before=WORDS, word=WORDS, after=WORDS)
def test_every_word_that_was_written_is_found(notebook: World, before: str, word: str, after: str) -> None:
    notebook.clock.tick(seconds=1)
    seen = notebook.ledger.observe(f"{before} {word}{after}", HOST)
    hits: tuple[Hit, ...] = notebook.ledger.search(f"{word} {before}", limit=5)
    assert seen.id in {hit.id for hit in hits}, "the newest of all hits"
