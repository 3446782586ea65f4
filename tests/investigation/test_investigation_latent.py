"""Latent causes: what was changed long before acts when its program is next restarted, and the first restart after it is the one that counts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from benchmarks.ranking.prior import PRIOR
from changelog_ledger.investigation import Material, choose_window, investigate
from changelog_ledger.investigation.history import History
from changelog_ledger.investigation.investigate import sifted_material
from changelog_ledger.investigation.latent import triggers
from changelog_ledger.model.change import Change, Status
from changelog_ledger.model.evidence import Delta, Observation, Op, RecordedDelta
from changelog_ledger.model.report import SuspectKind
from changelog_ledger.model.topology import Health, Mark, Reach, Target

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
WEB = Target.host("web-01")


def at(hours):
    return NOW - timedelta(hours=hours)


def edit(path, hours, host="web-01"):
    return RecordedDelta(f"EV-{path}", host, f"S{hours}", at(hours + 1), at(hours), Delta(path, "key", Op.CHANGED, "1", "2", mtime=at(hours + 0.5)))


def restart(what, hours, summary, target=WEB, **data):
    return Observation(f"O-{what}-{hours}", what, target, at(hours), summary, data=data)


def question(observations, history, deltas=(), changes=()):
    marks = (Mark("m1", WEB, Health.GOOD, at(10)), Mark("m2", WEB, Health.BAD, at(1)))
    return Material(
        target=WEB,
        now=NOW,
        window=choose_window(marks, now=NOW),
        scope=(Reach(WEB, 0),),
        deltas=deltas,
        observations=observations,
        changes=changes,
        history=replace(history, since=at(24 * 90)),
    )


def latent_titles(report):
    return [suspect.title for suspect in report.suspects if any(reason.code == "latent" for reason in suspect.reasons)]


def test_an_edit_of_last_week_is_a_suspect_when_its_service_was_restarted_just_before_the_trouble():
    seen = restart("service-restarted", 1.1, "nginx.service restarted", unit="nginx.service")
    report = investigate(question([seen], History(deltas=[edit("/etc/nginx/nginx.conf", 24 * 7), edit("/etc/motd", 24 * 6)])), PRIOR)
    first = report.suspects[0]
    assert first.title == "key 1 → 2 in /etc/nginx/nginx.conf on web-01"
    assert first.trigger.startswith("nginx.service restarted, 6 min before the onset")
    assert first.evidence[0] in {piece.id for piece in report.evidence}
    assert "/etc/motd" not in str(report.suspects)


def test_a_reboot_wakes_everything_and_most_what_is_read_at_boot():
    seen = restart("reboot", 1.1, "booted kernel 6.1.0-27")
    report = investigate(question([seen], History(deltas=[edit("/etc/fstab", 24 * 7), edit("/etc/app.conf", 24 * 6)])), PRIOR)
    assert latent_titles(report) == ["key 1 → 2 in /etc/fstab on web-01", "key 1 → 2 in /etc/app.conf on web-01"]


def test_what_was_restarted_since_already_is_not_latent_any_more():
    earlier = restart("service-restarted", 100, "nginx.service restarted", unit="nginx.service")
    now = restart("service-restarted", 1.1, "nginx.service restarted", unit="nginx.service")
    report = investigate(question([now], History(deltas=[edit("/etc/nginx/nginx.conf", 24 * 7)], observations=[earlier])), PRIOR)
    assert latent_titles(report) == []


@pytest.mark.parametrize("minutes", [0.2, 480])
def test_a_restart_within_the_same_piece_of_work_is_no_trigger(minutes):
    change = Change(
        "CHG-1", "Tune nginx", Status.SUCCEEDED, (WEB,), started_at=at(9.5), finished_at=at(9.5) + timedelta(minutes=1), paths=("/etc/nginx/**",)
    )
    seen = Observation("O", "service-restarted", WEB, change.finished_at + timedelta(minutes=minutes), "nginx.service restarted")
    report = investigate(question([seen], History(), changes=[change]), PRIOR)
    assert (latent_titles(report) == ["Tune nginx"]) is (minutes > 1)


@pytest.mark.parametrize(
    ("path", "unit", "is_found"),
    [
        ("/etc/frobnicator/main.ini", "nginx.service", True),
        ("/etc/nginx/nginx.conf", "frobd.service", True),
        ("/etc/frobnicator/main.ini", "frobd.service", True),
        ("/etc/nginx/nginx.conf", "postgresql.service", False),
    ],
)
def test_where_the_field_is_not_known_a_restart_may_have_given_effect(path, unit, is_found):
    seen = restart("service-restarted", 1.1, f"{unit} restarted", unit=unit)
    report = investigate(question([seen], History(deltas=[edit(path, 24 * 7)])), PRIOR)
    assert any(path in suspect.title for suspect in report.suspects) is is_found


def test_a_logged_change_of_before_the_window_is_named_with_what_woke_it():
    change = Change("CHG-1", "New pool for shop", Status.SUCCEEDED, (WEB,), started_at=at(200), finished_at=at(199), paths=("/etc/php/fpm/**",))
    seen = restart("service-restarted", 1.2, "php-fpm restarted by logrotate", unit="php8.2-fpm.service")
    report = investigate(question([seen], History(changes=[change])), PRIOR)
    assert latent_titles(report) == ["New pool for shop"]
    assert [each.id for each in report.changes] == ["CHG-1"]


def test_a_restart_after_the_onset_wakes_nothing():
    seen = restart("service-restarted", 0.5, "nginx.service restarted", unit="nginx.service")
    report = investigate(question([seen], History(deltas=[edit("/etc/nginx/nginx.conf", 24 * 7)])), PRIOR)
    assert report.suspects == ()


def test_an_upgrade_acts_when_its_pending_restart_ends():
    upgraded = Observation("P", "package-upgraded", WEB, at(300), "libssl3 3.0.15 → 3.0.16", data={"packages": [{"name": "libssl3"}]})
    pending = Observation(
        "Q", "restart-pending", WEB, at(299), "haproxy still runs code that was replaced", data={"ref": "r1", "packages": ["libssl3"]}
    )
    seen = restart("service-restarted", 1.1, "haproxy.service restarted", unit="haproxy.service", closes="r1")
    report = investigate(question([seen], History(observations=[upgraded, pending])), PRIOR)
    assert [suspect.kind for suspect in report.suspects[:1]] == [SuspectKind.UNLOGGED]
    assert any("libssl3" in title for title in latent_titles(report))


def test_of_what_may_have_been_the_trigger_each_has_its_chance_and_one_that_surely_was_ends_it():
    failover, restarted = restart("failover", 9, "primary of shop moved to web-01"), restart("service-restarted", 1.1, "nginx.service restarted")
    again = restart("service-restarted", 1.05, "nginx.service restarted again")
    material = question([failover, restarted, again], History(deltas=[edit("/etc/nginx/nginx.conf", 24 * 7)]))
    ((_, woken),) = sifted_material(material).awakened.items()
    assert [(each.trigger.text, each.chance) for each in woken] == [(failover.summary, 0.5), (restarted.summary, 0.5)]


def long_ago(days, deltas=(), history=()):
    """A restart so many days ago, in a window of twenty days."""
    seen = restart("service-restarted", 24 * days, "nginx.service restarted", unit="nginx.service")
    marks = (Mark("m1", WEB, Health.GOOD, at(24 * 20)), Mark("m2", WEB, Health.BAD, at(1)))
    return replace(question([seen], History(deltas=history), deltas), window=choose_window(marks, now=NOW))


@pytest.mark.parametrize(("days", "wakes"), [(3, True), (10, False)])
def test_what_woke_a_suspect_longer_than_a_week_before_the_trouble_is_not_asked_for(days, wakes):
    assert bool(sifted_material(long_ago(days, [edit("/etc/nginx/nginx.conf", 24 * 15)])).awakened) is wakes


@pytest.mark.parametrize("days", [3, 10])
def test_what_was_made_before_the_window_and_woke_within_it_is_a_suspect_however_long_ago(days):
    found = sifted_material(long_ago(days, history=[edit("/etc/nginx/nginx.conf", 24 * 25)])).candidates
    assert any("nginx.conf" in candidate.title for candidate in found)


def test_triggers_of_one_second_are_in_the_order_of_what_they_are():
    at_once = [restart("reboot", 1.1, "rebooted", Target.host(name)) for name in ("delta", "alpha", "beta")]
    known = triggers([*at_once, restart("service-restarted", 1.1, "rebooted", Target.host("alpha"))], (), NOW)
    assert [(each.target.name, each.sort) for each in known] == [("alpha", "reboot"), ("alpha", "reboot"), ("beta", "reboot"), ("delta", "reboot")]
    assert known == triggers([*reversed(at_once), restart("service-restarted", 1.1, "rebooted", Target.host("alpha"))], (), NOW)
