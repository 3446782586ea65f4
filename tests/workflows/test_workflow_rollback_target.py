"""What a change goes back to: known when it is planned, there while it is needed, and no surprise when it is used."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from changelog_ledger.errors import InvalidInput, InvalidTime, NotFound, TransitionRefused

from .restoring import look, running_world, yes
from .world import HOST, START, World

NGINX = "/etc/nginx/nginx.conf"


@pytest.fixture
def running(tmp_path: Path) -> Iterator[World]:
    with running_world(tmp_path) as made:
        yield made


# ---- known when it is planned


@pytest.mark.parametrize("target", ["host:nobody", "01JZZZZZZZZZZZZZZZZZZZZZZZ"])
def test_a_target_that_is_not_there_is_refused(world: World, target: str) -> None:
    with pytest.raises(NotFound):
        world.ledger.plan("Move", [HOST], rollback_to=target)
    with pytest.raises(NotFound):
        world.ledger.log("Moved", [HOST], at="1h", rollback_to=target)
    assert world.ledger.changes() == ()


def test_a_retired_host_is_no_target(world: World) -> None:
    world.ledger.add_host("old-01")
    world.ledger.retire_host("old-01")
    with pytest.raises(InvalidInput, match="old-01 is retired since"):
        world.ledger.plan("Move", [HOST], rollback_to="host:old-01")


def test_a_snapshot_is_kept_by_its_whole_id(world: World) -> None:
    snapshot = world.snapshot()
    assert world.ledger.plan("Tune", [HOST], rollback_to=snapshot.id[:24].lower()).rollback_to == snapshot.id
    assert world.ledger.plan("Tune", [HOST], rollback_to="packages: nginx=1.24-1 , openssl=3.0").rollback_to == "packages:nginx=1.24-1,openssl=3.0"


def test_a_server_is_retained_for_a_time_to_come(world: World) -> None:
    world.ledger.add_host("old-01")
    with pytest.raises(InvalidTime, match="which has passed"):
        world.ledger.plan("Move", [HOST], rollback_to="host:old-01", retain_until="14d")


# ---- there while it is needed


def moved(world: World, **details: Any) -> Any:
    world.ledger.add_host("old-01")
    return world.ledger.plan("Move the interface", [HOST], rollback_to="host:old-01", **details)


def test_a_host_stays_while_the_change_is_open(either: World) -> None:
    change = moved(either)
    with pytest.raises(TransitionRefused, match=rf"old-01 is what {change.id} \(Move the interface\) goes back to, it is planned"):
        either.ledger.retire_host("old-01")
    either.ledger.cancel(change.id)
    assert either.ledger.retire_host("old-01").retired_at is not None


def test_a_host_stays_until_the_date(world: World) -> None:
    change = moved(world, retain_until=START + timedelta(days=14))
    world.ledger.start(change.id)
    world.ledger.finish(change.id)
    world.ledger.review(change.id)
    with pytest.raises(TransitionRefused, match="retained until 2025-06-16"):
        world.ledger.retire_host("old-01")
    world.clock.tick(days=14)
    assert world.ledger.retire_host("old-01").retired_at is not None


def test_without_a_date_it_stays_until_the_review(world: World) -> None:
    change = moved(world)
    world.ledger.start(change.id)
    world.ledger.finish(change.id)
    with pytest.raises(TransitionRefused, match="not reviewed yet") as refused:
        world.ledger.retire_host("old-01")
    assert f"ledger change review {change.id}" in refused.value.hint
    world.ledger.review(change.id)
    assert world.ledger.retire_host("old-01").retired_at is not None


def test_a_reason_lets_it_go_and_is_kept(world: World) -> None:
    change = moved(world)
    assert world.ledger.retire_host("old-01", because="its disks have failed").retired_at is not None
    assert any("its disks have failed" in line for line in world.ledger.export_facts())
    world.ledger.start(change.id)
    assert "RETIRED since" in world.ledger.roll_back(change.id, dry_run=True).advice[0]


# ---- no surprise when it is used


def test_packages_come_with_the_command_that_a_person_runs(world: World) -> None:
    change = world.ledger.plan("Upgrade", [HOST], rollback_to="packages:nginx=1.24.0-1,openssl=3.0.1", backout="then restart both")
    world.ledger.start(change.id)
    assert world.ledger.roll_back(change.id, dry_run=True).advice == (
        "on Debian or Ubuntu: apt-get install --allow-downgrades nginx=1.24.0-1 openssl=3.0.1",
        "on Fedora or RHEL: dnf downgrade nginx-1.24.0-1 openssl-3.0.1",
        "backout plan: then restart both",
        f"when that is done: ledger change roll-back {change.id} --record-only",
    )


def test_a_retained_server_comes_with_what_it_is_for(world: World) -> None:
    world.ledger.add_service("shop")
    change = moved(world, affects=["shop"], retain_until=START + timedelta(days=14))
    world.ledger.start(change.id)
    done = world.ledger.roll_back(change.id)
    assert done.advice == (
        "it goes back to host:old-01 (retained until 2025-06-16T09:00:00Z): bring that back into service for shop",
        f"when that is done: ledger change roll-back {change.id} --record-only",
    )


def tuned(world: World, title: str, old: str, new: str, **details: Any) -> Any:
    with world.ledger.change(title, [HOST], root=world.machine.root, **({"rollback_to": "latest"} | details)) as change:
        world.machine.edit(NGINX, old, new)
    return world.ledger.find_change(change.id)


def warnings(done: Any) -> list[str]:
    assert {warning.code for warning in done.warnings} <= {"later-change"}
    return [warning.text for warning in done.warnings]


@pytest.mark.parametrize("paths", [["/etc/nginx/**"], []])
def test_a_later_change_in_the_same_file_is_named(running: World, paths: list[str]) -> None:
    look(running)
    first = tuned(running, "More workers", "worker_processes 4", "worker_processes 8", paths=paths)
    later = tuned(running, "Another port", "listen 80", "listen 8080")
    dry = running.ledger.roll_back(first.id, root=running.machine.root, dry_run=True)
    expected = f"{later.id} (Another port) has changed the same files since, on {HOST}: {NGINX} http/server[shop.example]/listen"
    assert warnings(dry) == [expected]
    asked: list[Any] = []
    running.ledger.roll_back(first.id, root=running.machine.root, leave=lambda plan: bool(asked.append(plan)))
    assert [warning.text for warning in asked[0].warnings] == [expected], "who is asked knows it"
    assert warnings(running.ledger.roll_back(first.id, root=running.machine.root, leave=yes)) == [expected]


def test_a_later_edit_that_nobody_logged_is_named(running: World) -> None:
    look(running)
    first = tuned(running, "More workers", "worker_processes 4", "worker_processes 8")
    running.machine.edit(NGINX, "listen 80", "listen 8080")
    look(running)
    (text,) = warnings(running.ledger.roll_back(first.id, root=running.machine.root, dry_run=True))
    assert text.startswith("something unlogged (EV-")
    assert text.endswith(f"since, on {HOST}: {NGINX} http/server[shop.example]/listen")


def test_a_later_change_that_was_only_logged_is_named(running: World) -> None:
    look(running)
    first = tuned(running, "More workers", "worker_processes 4", "worker_processes 8")
    later = running.ledger.plan("By hand", [HOST], paths=["/etc/nginx/*.conf"])
    running.ledger.plan("Elsewhere", [HOST], paths=["/etc/hosts"])
    running.ledger.start(later.id)
    (text,) = warnings(running.ledger.roll_back(first.id, root=running.machine.root, dry_run=True))
    assert text == f"{later.id} (By hand) was made since, on host:{HOST}, and declares /etc/nginx/*.conf"


def test_other_files_and_earlier_changes_are_no_warning(running: World) -> None:
    look(running)
    tuned(running, "Before", "listen 80", "listen 81")
    first = tuned(running, "More workers", "worker_processes 4", "worker_processes 8", paths=["/etc/nginx/**"])
    running.machine.edit("/etc/hosts", "localhost", "elsewhere")
    look(running)
    assert warnings(running.ledger.roll_back(first.id, root=running.machine.root, dry_run=True)) == []


def test_going_back_further_than_the_change_says_what_else_goes(running: World) -> None:
    old = look(running)
    before = tuned(running, "Before", "listen 80", "listen 81")
    first = tuned(running, "More workers", "worker_processes 4", "worker_processes 8", rollback_to=old.id, paths=["/etc/nginx/**"])
    (text,) = warnings(running.ledger.roll_back(first.id, root=running.machine.root, dry_run=True))
    assert text.startswith(f"{before.id} (Before) has changed the same files")
