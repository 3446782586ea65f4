"""An incident with its time, through the library, on both databases: a latent cause, noise of the day, what the record knows, what is said later."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from changelog_ledger import Ledger, reports
from changelog_ledger.errors import InvalidInput, InvalidTime, NotFound, TransitionRefused
from changelog_ledger.model.incident import Incident, IncidentAccount, MomentKind
from changelog_ledger.model.topology import Target

from .world import HOST, START, World

WEB = Target.host(HOST)


@pytest.fixture
def latent(either: World) -> tuple[World, str, str]:
    """A pool made too small on Monday that nobody logged, good on Tuesday, a release and a restart on Wednesday, bad at noon.

    With it come the id of the edit and that of the release.
    """
    ledger, clock = either.ledger, either.clock
    ledger.add_service("shop", runs_on=[HOST])
    either.snapshot()
    clock.tick(hours=1)
    either.machine.edit("/etc/app.ini", "pool = 20", "pool = 2")
    either.snapshot()
    clock.now = START + timedelta(days=1)
    ledger.good("service:shop", source="smoke test")
    clock.now = START + timedelta(days=2)
    release = ledger.plan("Release 4.2", on=[WEB], paths=["/etc/nginx/**"])
    ledger.start(release.id)
    either.machine.edit("/etc/nginx/nginx.conf", "worker_processes 4", "worker_processes 8")
    ledger.finish(release.id)
    either.snapshot()
    for number in range(20):
        ledger.observe(f"lib{number} upgraded", WEB, kind="package-upgraded", at=clock.tick(seconds=10))
    clock.now = START + timedelta(days=2, hours=3)
    edit = next(piece.id for piece in ledger.drift(HOST, since=START) if piece.path == "/etc/app.ini")
    return either, edit, release.id


def opened(world: World) -> Incident:
    return world.ledger.incidents.open("Shop answers 502", ["service:shop"], symptom="502", began="20m", detected="10m")


def account(world: World, incident: Incident) -> IncidentAccount:
    return world.ledger.incidents.account(incident.id)


def test_a_latent_cause_is_in_the_timeline_though_it_was_before_the_last_good_mark(latent: tuple[World, str, str]) -> None:
    world, edit, _ = latent
    incident = opened(world)
    before = account(world, incident)
    assert before.since == START + timedelta(days=1)
    assert edit not in {moment.what for moment in before.timeline}
    world.ledger.incidents.link(incident.id, edit, "confirmed")
    after = account(world, incident)
    assert (after.timeline[0].what, after.timeline[0].role) == (edit, "trigger")
    assert (after.evidence[0].before, after.evidence[0].after) == ("20", "2")
    assert after.since == before.since
    assert "unlogged" in {each.code for each in after.contributions}
    assert "20 → 2" in reports.render_review_text(after)
    assert f"--since {(after.timeline[0].at - timedelta(minutes=1)).isoformat()[:16]}" in reports.render_review_text(after)


def test_what_a_change_altered_is_left_to_it_and_much_of_a_kind_is_counted(latent: tuple[World, str, str]) -> None:
    world, _, release = latent
    found = account(world, opened(world))
    assert [moment.text for moment in found.timeline if moment.what == release] == ["Release 4.2: started", "Release 4.2: succeeded"]
    assert found.left_out == 1
    assert [moment.folded for moment in found.timeline if moment.kind is MomentKind.OBSERVATION] == [20]


def test_of_a_confirmed_change_its_differences_and_what_it_lacked_are_known(latent: tuple[World, str, str]) -> None:
    world, _, release = latent
    incident = opened(world)
    world.ledger.incidents.link(incident.id, release, "confirmed")
    found = account(world, incident)
    assert [piece.path for piece in found.evidence_of(release)] == ["/etc/nginx/nginx.conf"]
    assert "no-rollback-target" in {each.code for each in found.contributions}
    assert "4 → 8" in reports.render_review_text(found)


def test_nothing_is_said_of_what_was_cleared(latent: tuple[World, str, str]) -> None:
    world, _, release = latent
    incident = opened(world)
    world.ledger.incidents.link(incident.id, release, "cleared", because="the other site has it, too")
    found = account(world, incident)
    assert {moment.role for moment in found.timeline if moment.kind is MomentKind.CHANGE} == {"cleared"}
    assert found.contributions == ()


def test_a_host_that_was_not_looked_at_for_long_is_named(latent: tuple[World, str, str]) -> None:
    world, _, _ = latent
    world.clock.now = START + timedelta(days=9)
    assert [each.code for each in account(world, opened(world)).contributions] == ["stale-host"]


def test_it_ends_with_the_good_mark_behind_the_resolution(latent: tuple[World, str, str]) -> None:
    world, _, _ = latent
    incident = opened(world)
    world.ledger.incidents.resolve(incident.id, at="5m")
    world.clock.tick(hours=1)
    world.ledger.observe("rebooted", WEB, kind="reboot")
    found = account(world, incident)
    assert found.good_again is not None
    assert found.good_again.at == found.incident.resolved_at
    assert "rebooted" not in {moment.text for moment in found.timeline}, "it was after the end"


def test_a_text_for_users_is_recorded_unless_it_is_tried(latent: tuple[World, str, str]) -> None:
    world, _, _ = latent
    incidents = world.ledger.incidents
    incident = opened(world)
    told, before = incidents.tell(incident.id, next_update="30m", dry_run=True)
    assert told.text.startswith("Investigating: shop\n")
    assert "Next update: Wednesday 4 June 2025, 12:30 UTC" in told.text
    assert before.told == incidents.show(incident.id).told == ()
    told, _ = incidents.tell(incident.id, next_update=timedelta(minutes=30))
    assert incidents.show(incident.id).told == (told,)
    _, before = incidents.tell(incident.id, text="More soon.")
    assert before.told == (told,)
    with pytest.raises(InvalidTime):
        incidents.tell(incident.id, next_update=START)
    with pytest.raises(NotFound, match="there is no template"):
        incidents.tell(incident.id, template="partners")


def test_services_of_affected_hosts_are_named_to_users_and_the_hosts_are_not(latent: tuple[World, str, str]) -> None:
    world, _, _ = latent
    incident = world.ledger.incidents.open("web-01 is down", [WEB])
    told, _ = world.ledger.incidents.tell(incident.id)
    assert told.text.startswith("Investigating: shop\n")
    assert HOST not in told.text


def test_actions_of_all_incidents_are_in_the_status_until_they_are_done(latent: tuple[World, str, str]) -> None:
    world, _, _ = latent
    incidents = world.ledger.incidents
    first, second = opened(world), incidents.open("Mail is late", [WEB])
    incidents.add_action(first.id, "later", due="2025-07-01")
    incidents.add_action(second.id, "sometime")
    incidents.add_action(second.id, "at once", owner="kim", due=date(2025, 6, 3))
    assert [(each.incident, each.action.text) for each in world.ledger.status().open_actions] == [
        (second.id, "at once"),
        (first.id, "later"),
        (second.id, "sometime"),
    ]
    done = incidents.finish_action(second.id, 2)
    assert (done.actions[1].done_at, done) == (world.clock(), incidents.finish_action(second.id, 2)), "done twice is done once"
    assert [each.action.text for each in world.ledger.status().open_actions] == ["later", "sometime"]
    with pytest.raises(NotFound):
        incidents.finish_action(second.id, 9)
    with pytest.raises(InvalidInput):
        incidents.add_action(second.id, "  ")


def test_a_review_is_kept_through_export_and_import(latent: tuple[World, str, str], tmp_path) -> None:
    world, edit, _ = latent
    incidents = world.ledger.incidents
    incident = opened(world)
    incidents.link(incident.id, edit, "confirmed")
    with pytest.raises(TransitionRefused):
        incidents.review(incident.id, done=True)
    incidents.resolve(incident.id, at="5m")
    incidents.review(incident.id, summary="The pool.", trigger="2", causes=["a"], worked=["b"], actions=[("c", "kim", "2025-07-01")], done=True)
    incidents.tell(incident.id)
    incidents.finish_action(incident.id, 1)
    kept = incidents.show(incident.id)
    lines = list(world.ledger.export_facts())
    with Ledger.init(tmp_path / "other", host="elsewhere", actor="alex", clock=world.clock) as other:
        assert other.import_facts(lines).refused == ()
        there = other.incidents.show(incident.id)
    assert (there.summary, there.trigger, there.causes, there.worked) == ("The pool.", "2", ("a",), ("b",))
    assert (there.actions, there.told, there.state) == (kept.actions, kept.told, "reviewed")


def test_the_same_account_whenever_it_is_asked_for(latent: tuple[World, str, str]) -> None:
    world, edit, _ = latent
    incident = opened(world)
    world.ledger.incidents.link(incident.id, edit, "confirmed")
    assert account(world, incident) == account(world, incident)
