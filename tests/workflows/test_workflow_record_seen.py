"""What other programs recorded becomes facts: each once, masked, and not before its time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from changelog_ledger.errors import NotFound
from changelog_ledger.model.ingestion import MOST_SHOWN, Gap, Seen
from changelog_ledger.workflows.record_seen import ingested_host, record_seen

from .world import HOST, START, World


def seen(number: int = 1, minutes: float = -60, **more: Any) -> Seen:
    return Seen(
        **{"ref": f"apt:{HOST}:{number}", "what": "package-upgraded", "at": START + timedelta(minutes=minutes), "summary": f"p{number} 1 → 2", **more}
    )


def recorded(world: World) -> list[Any]:
    return [entry for entry in world.ledger.recent(f"host:{HOST}", since=START - timedelta(days=30)) if entry.kind == "observation"]


def test_each_once_however_often_it_is_read(either: World) -> None:
    workspace = either.ledger._workspace
    first = record_seen(workspace, HOST, [seen(1), seen(2), seen(1)])
    assert (first.recorded, first.counts) == (2, {"package-upgraded": 2})
    again = record_seen(workspace, HOST, [seen(1), seen(2), seen(3)])
    assert (again.recorded, again.known) == (1, 2)
    assert [each.summary for each in again.newest] == ["p3 1 → 2"]
    assert len(recorded(either)) == 3


def test_nobody_is_not_whoever_ingests(world: World) -> None:
    record_seen(world.ledger._workspace, HOST, [seen(1), seen(2, actor="kim")])
    assert sorted(entry.actor for entry in recorded(world)) == ["", "kim"]


def test_what_is_told_is_masked_as_what_is_recorded(world: World) -> None:
    secret = "mysql -u root --password=hunter2-hunter2 shop"
    told = record_seen(world.ledger._workspace, HOST, [seen(1, what="sudo", summary=f"ran {secret} as root", data={"command": secret})])
    assert "hunter2" not in str(told)
    assert "--password" in told.newest[0].data["command"]
    assert "hunter2" not in "".join(world.ledger.export_facts())
    gap = record_seen(world.ledger._workspace, HOST, [], gaps=[Gap("journalctl", f"it said: {secret}")]).gaps[0]
    assert "hunter2" not in gap.why


def test_the_future_is_not_recorded_and_named(world: World) -> None:
    ahead = [seen(1, minutes=4), seen(2, minutes=60, source="/var/log/dpkg.log"), seen(3, minutes=90, source="/var/log/dpkg.log")]
    told = record_seen(world.ledger._workspace, HOST, ahead, gaps=[Gap("pid 7", "gone")])
    assert told.recorded == 1
    assert told.gaps == (Gap("pid 7", "gone"), Gap("/var/log/dpkg.log", "2 entries dated in the future, not recorded"))


def test_since_leaves_out_what_was_before(world: World) -> None:
    told = record_seen(world.ledger._workspace, HOST, [seen(1, -90), seen(2, -30)], since=START - timedelta(hours=1))
    assert [each.ref for each in told.newest] == [seen(2).ref]


def test_a_range_is_told_as_one(world: World) -> None:
    record_seen(world.ledger._workspace, HOST, [seen(1, not_before=START - timedelta(hours=9))])
    (piece,) = world.ledger.drift(f"host:{HOST}", since=START - timedelta(days=1))
    assert (piece.not_before, piece.not_after) == (START - timedelta(hours=9), START - timedelta(hours=1))


def test_many_are_recorded_in_batches_and_a_reader_may_tell_gaps_while_it_reads(world: World) -> None:
    gaps: list[Gap] = []

    def reader() -> Any:
        yield from (seen(number) for number in range(6000))
        gaps.append(Gap("/var/log/x", "truncated"))

    told = record_seen(world.ledger._workspace, HOST, reader(), gaps=gaps)
    assert told.recorded == 6000
    assert len(told.newest) == MOST_SHOWN
    assert told.newest[-1].ref == seen(5999).ref
    assert told.gaps == (Gap("/var/log/x", "truncated"),)


def test_an_unknown_host_is_refused(world: World) -> None:
    with pytest.raises(NotFound, match="there is no host web-99"):
        ingested_host(world.ledger._workspace, "web-99")
    assert ingested_host(world.ledger._workspace, None) == HOST
