"""All collectors at once: none of them holds up the others, and what goes wrong is said."""

from __future__ import annotations

import threading

import pytest

from changelog_ledger.errors import InvalidInput
from changelog_ledger.model.state import Availability
from changelog_ledger.sources.state.collecting import collected
from changelog_ledger.sources.state.probe import LARGEST_TEXT, CollectionFailed, NotAvailable, Probe
from changelog_ledger.sources.state.registry import SOURCES, Source, chosen


def _source(name, collect) -> Source:
    return Source(name, "a test", "nothing", collect)


def _raises(error: Exception):
    def collect(_probe: Probe) -> str:
        raise error

    return collect


def test_each_ends_in_its_own_way() -> None:
    found = collected(
        [
            _source("good", lambda _probe: "caf\udce9\n"),
            _source("absent", _raises(NotAvailable("nft is not installed"))),
            _source("broken", _raises(CollectionFailed("nft ended with 1"))),
            _source("bug", _raises(KeyError("x"))),
            _source("huge", lambda _probe: "x" * (LARGEST_TEXT + 1)),
        ]
    )
    assert [(each.source.name, each.availability.value, each.why) for each in found] == [
        ("good", "available", ""),
        ("absent", "unavailable", "nft is not installed"),
        ("broken", "failed", "nft ended with 1"),
        ("bug", "failed", "KeyError: 'x'"),
        ("huge", "failed", f"more than {LARGEST_TEXT} bytes"),
    ]
    assert found[0].text == b"caf\\udce9\n"
    assert all(each.text is None for each in found[1:])


def test_one_that_never_answers_keeps_nobody_waiting() -> None:
    released = threading.Event()
    hanging = _source("hanging", lambda _probe: "late" if released.wait(60) else "")
    found = collected([hanging, _source("good", lambda _probe: "x\n")], seconds=0.1)
    released.set()
    assert [(each.availability, each.why) for each in found] == [(Availability.FAILED, "timed out after 0.1 s"), (Availability.AVAILABLE, "")]


def test_they_run_side_by_side() -> None:
    """Each waits for all the others: one after the other they would wait for ever."""
    meeting = threading.Barrier(3, timeout=20)
    found = collected([_source(str(number), lambda _probe: f"{meeting.wait() >= 0}\n") for number in range(3)])
    assert [each.text for each in found] == [b"True\n"] * 3


def test_a_watch_list_chooses() -> None:
    names = [source.name for source in SOURCES]
    assert names == sorted(names)
    assert [source.name for source in chosen(["@state"])] == names
    assert [source.name for source in chosen(["@state/**"])] == names
    assert [source.name for source in chosen(["@state/users", "@state/routes"])] == ["routes", "users"]
    assert "timers" not in [source.name for source in chosen(["@state"], ["@state/timers", "/etc/**", "**/*~"])]
    assert chosen(["@state/timers"], ["@state/*"]) == ()
    assert chosen([]) == ()


def test_a_name_that_nothing_has_is_refused() -> None:
    with pytest.raises(InvalidInput, match="@state/rutes") as error:
        chosen(["@state", "@state/rutes"])
    assert "@state/routes" in error.value.hint
