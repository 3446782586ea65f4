"""What a new change may look like, and what it covers."""

from datetime import UTC, datetime, timedelta

import pytest

from changelog_ledger.changes import Details, covers, logged_change, names_host, planned_change, speaks_for
from changelog_ledger.errors import InvalidInput, InvalidTarget, InvalidTime
from changelog_ledger.model.change import Change, Status
from changelog_ledger.model.topology import EVERYTHING, Target

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
WEB = Target.host("web-01")
SHOP = Target.service("shop")


def plan(title="Raise worker limit", on=(WEB,), start=None, end=None, **details):
    return planned_change(id="CHG-7K3M9Q", title=title, on=on, actor="ada", recorded_at=NOON, start=start, end=end, details=Details(**details))


def test_a_plan_is_cleaned_and_kept():
    change = plan(
        "  Raise\n worker  limit ",
        [WEB, SHOP, WEB],
        NOON,
        NOON + HOUR,
        paths=["/etc/a", "/etc/a"],
        category=["Web", "web "],
        items=["firewall ", "firewall"],
    )
    assert (change.title, change.on, change.paths, change.category) == ("Raise worker limit", (WEB, SHOP), ("/etc/a",), ("web",))
    assert [item.text for item in change.items] == ["firewall"]
    assert (change.status, change.planned_start, change.planned_end) == (Status.PLANNED, NOON, NOON + HOUR)


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": "  "},
        {"title": "x" * 501},
        {"on": ()},
        {"type": "urgent"},
        {"impact": "huge"},
        {"risk": "none"},
        {"items": [" "]},
        {"paths": [""]},
        {"paths": ["/etc/../root"]},
        {"paths": ["~/x"]},
        {"paths": ["/etc/a\nb"]},
        {"paths": ["*" * 100]},
        {"rollback_to": "yesterday's backup"},
    ],
)
def test_what_cannot_be_right_is_refused_with_a_hint(wrong):
    with pytest.raises(InvalidInput) as refused:
        plan(**wrong)
    assert refused.value.hint


def test_wrong_times_and_targets_are_refused():
    with pytest.raises(InvalidTime, match="before it starts"):
        plan(start=NOON, end=NOON - HOUR)
    with pytest.raises(InvalidTime, match="no start"):
        plan(end=NOON)
    with pytest.raises(InvalidTarget, match="services"):
        plan(affects=[WEB])
    with pytest.raises(InvalidTarget):
        plan(rollback_to="host:..")


@pytest.mark.parametrize("target", ["", "latest", "host:old-web-01", "01KAMPGZ4F8E2T9Q7X3V5B6N1C"])
def test_what_one_can_roll_back_to(target):
    assert plan(rollback_to=target).rollback_to == target


def test_a_change_logged_afterwards_is_finished_and_marked():
    change = logged_change(id="CHG-1", title="Moved it", on=[WEB], actor="ada", recorded_at=NOON, at=NOON - HOUR)
    assert (change.status, change.outcome, change.logged_after) == (Status.SUCCEEDED, "succeeded", True)
    assert change.started_at == change.finished_at == NOON - HOUR
    with pytest.raises(InvalidTime, match="not been made yet"):
        logged_change(id="CHG-1", title="Moved it", on=[WEB], actor="ada", recorded_at=NOON, at=NOON + HOUR)


COVERAGE = [
    ("/etc/nginx/**", "/etc/nginx/sites/a.conf", True),
    ("/etc/nginx/**", "/etc/nginx", True),
    ("/etc/nginx", "/etc/nginx/nginx.conf", True),
    ("/etc/nginx/", "/etc/nginx/nginx.conf", True),
    ("/etc/nginx", "/etc/nginx2/a", False),
    ("/etc/*", "/etc/nginx/nginx.conf", False),
    ("/etc/*/", "/etc/nginx/nginx.conf", True),
    ("/etc/*.conf", "/etc/a.conf", True),
    ("/etc/?.conf", "/etc/ab.conf", False),
    ("/etc/[ab].conf", "/etc/b.conf", True),
    ("/etc/[!ab].conf", "/etc/b.conf", False),
    ("/etc/[z-a].conf", "/etc/[z-a].conf", True),
    ("haproxy.cfg", "hosts/lb1/etc/haproxy/haproxy.cfg", True),
    ("etc/haproxy/*.cfg", "hosts/lb1/etc/haproxy/haproxy.cfg", True),
    ("proxy.cfg", "/etc/haproxy.cfg", False),
    ("/etc/**/conf.d/*.conf", "/etc/conf.d/a.conf", True),
    ("/etc/**/conf.d/*.conf", "/etc/a/b/conf.d/a.conf", True),
    ("**", "/anything/at/all", True),
    ("/", "/etc/x", True),
    ("/etc/a+b", "/etc/a+b", True),
]


@pytest.mark.parametrize(("glob", "path", "expected"), COVERAGE)
def test_which_paths_a_glob_covers(glob, path, expected):
    assert covers(Change("CHG-1", "x", Status.PLANNED, (WEB,), paths=(glob,)), path) is expected


def test_no_globs_cover_everything_and_targets_are_hosts_services_or_all():
    change = Change("CHG-1", "x", Status.PLANNED, (SHOP,))
    runs_on = {SHOP: frozenset({"web-01"})}
    assert covers(change, "/etc/anything")
    assert speaks_for(change, "web-01", "/etc/anything", runs_on)
    assert not names_host(change, "db-01", runs_on)
    assert names_host(Change("CHG-2", "x", Status.PLANNED, (EVERYTHING,)), "db-01", {})


def test_no_glob_takes_long():
    glob = "/" + "*a" * 30 + "b"
    assert not covers(Change("CHG-1", "x", Status.PLANNED, (WEB,), paths=(glob,)), "/" + "a" * 4000)


def test_nobody_goes_back_to_what_is_being_changed():
    with pytest.raises(InvalidInput, match="host:web-01 is the only host that the change is made on") as refused:
        plan(rollback_to="host:web-01")
    assert "--rollback-to latest" in refused.value.hint
    assert plan(rollback_to="host:web-02").rollback_to == "host:web-02"
