"""What grows with hosts, presences and restarts is looked up, not walked through again for each piece; and the answer is that of the slow way."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changelog_ledger.investigation import Material, actors, choose_window, latent, net_evidence, observed
from changelog_ledger.investigation.clusters import clusters
from changelog_ledger.investigation.inverted_index import InvertedIndex
from changelog_ledger.model.evidence import Delta, Observation, Op, RecordedDelta
from changelog_ledger.model.topology import EVERYTHING, Reach, Target

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SINCE = NOW - timedelta(hours=10)
WEB = Target.host("web-01")


def after(seconds):
    return SINCE + timedelta(hours=1, seconds=seconds)


def question(**known):
    return Material(target=EVERYTHING, now=NOW, window=choose_window([], now=NOW, since=SINCE), scope=(Reach(EVERYTHING, 0),), **known)


def edit(host, seconds, path="/etc/app.ini"):
    return RecordedDelta(f"EV-{host}{path}", host, f"S{seconds}", after(seconds - 300), after(seconds), Delta(path, "k", Op.CHANGED, "1", "2"))


def seen(what, seconds, summary="", **data):
    return Observation(f"O-{what}-{seconds}", what, WEB, after(seconds), summary, data=data)


def restart(seconds, unit):
    return seen("service-restarted", seconds, f"{unit} restarted", unit=unit)


def candidates(deltas, observations=()):
    pieces = (*net_evidence(deltas, None), *observed(observations))
    return clusters(pieces, [piece.evidence for piece in pieces], question(deltas=deltas, observations=observations))


def steps(work):
    """How many lines are executed, each turn of a loop or a comprehension counted."""
    count, before = 0, sys.gettrace()

    def trace(_frame, event, _argument):
        nonlocal count
        count += event == "line"
        return trace

    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


def growth(work, number=200):
    """How much more work twice as much is: about 2, and 4 for what is quadratic."""
    work(2 * number)  # what is remembered from one call to the next is known now
    return steps(lambda: work(2 * number)) / steps(lambda: work(number))


def of_a_fleet(number):
    return lambda: candidates([edit(f"web-{each:04}", each) for each in range(number)])


def led(number):
    """Transactions on many hosts, each different, and what is pending since."""
    found = []
    for each in range(number):
        host = Target.host(f"web-{each:04}")
        found.append(
            Observation(f"OA{each}", "package-upgraded", host, after(each), f"openssl → 3.0.{each}", data={"packages": [{"name": "openssl"}]})
        )
        found.append(
            Observation(f"OB{each}", "restart-pending", host, after(each + 60), "pending", data={"packages": ["openssl"], "ref": f"r{each}"})
        )
    return lambda: candidates([], found)


def of_an_automat(number):
    pieces = [piece.evidence for piece in net_evidence([edit("web-01", each * 60, f"/etc/{each}.conf") for each in range(number)], None)]
    commands = [seen("sudo", each * 60, "ran ls", user="root", command="ls") for each in range(number)]
    commands += [seen("login", each * 60 + 1, session=f"{each}") for each in range(number)]
    commands += [seen("logout", each * 60 + 2, session=f"{each}") for each in range(number)]
    return lambda: actors.with_possible_actors(pieces, commands, NOW)


def of_a_restless_host(number):
    deltas = [edit("web-01", each * 60, f"/etc/zzq{each}/zzq{each}.conf") for each in range(number)]
    observations = [restart(each * 60 + 40, "qqx.service") for each in range(number)]
    found = candidates([replaced(each, number) for number, each in enumerate(deltas)])
    return lambda: awakened(found, question(deltas=deltas, observations=observations))


def awakened(found, asked):
    return latent.awakened(found, latent.known_triggers(asked), asked.window.since)


def replaced(delta, number):
    """One snapshot each, so that each is a candidate of its own."""
    return RecordedDelta(delta.id, delta.host, f"S{number}", delta.not_before, delta.not_after, delta.delta)


@pytest.mark.parametrize("made", [of_a_fleet, led, of_an_automat, of_a_restless_host])
def test_twice_as_much_is_about_twice_the_work(made):
    works = {number: made(number) for number in (200, 400)}
    assert growth(lambda number: works[number]()) < 2.5


def test_the_same_edit_on_many_hosts_is_one_roll_out_until_a_host_makes_it_again():
    deltas = [edit(f"web-{each:02}", each) for each in range(5)]
    again = [RecordedDelta(f"EV-again{each}", f"web-{each:02}", "S-again", after(900), after(901 + each), deltas[0].delta) for each in range(2)]
    pieces = (*net_evidence(deltas, None), *net_evidence(again, None))
    found = clusters(pieces, [piece.evidence for piece in pieces], question(deltas=(*deltas, *again)))
    assert [[target.name for target in each.targets] for each in found] == [[f"web-{each:02}" for each in range(5)], ["web-00", "web-01"]]


MOMENTS = st.integers(0, 40).map(lambda number: number * 60)
WHO = st.sampled_from(["root", "kim", "alex", "jo"])
PRESENCES = st.lists(
    st.tuples(st.sampled_from(["sudo", "login", "logout", "reboot", "file-write"]), MOMENTS, WHO, st.sampled_from("abc")), max_size=25
)


class Walked:
    """Who was there, by looking at everybody."""

    def __init__(self, known):
        self.known = list(known)

    def between(self, begin, end):
        return [each for each in self.known if each.begin <= end and each.end >= begin]


STAYS = st.lists(st.tuples(MOMENTS, st.integers(1, 1500), WHO), max_size=6)


@given(PRESENCES, STAYS, st.lists(MOMENTS, max_size=5))
def test_who_was_there_is_who_is_found_by_looking_at_everybody(presences, stays, edits):
    data = {"command": "vi /etc/1.conf", "paths": ["/etc/1.conf"]}
    shown = [
        Observation(f"O{number}", what, WEB, after(moment), what, data={"user": who, "session": session, **data})
        for number, (what, moment, who, session) in enumerate(presences)
    ]
    for number, (moment, length, who) in enumerate(stays):
        data = {"user": who, "session": f"of {number}"}
        shown.append(Observation(f"O-in-{number}", "login", WEB, after(moment), "in", data=data))
        shown.append(Observation(f"O-out-{number}", "logout", WEB, after(moment + length), "out", data=data))
    pieces = [piece.evidence for number, moment in enumerate(edits) for piece in net_evidence([edit("web-01", moment, f"/etc/{number}.conf")], None)]
    found = actors.with_possible_actors(pieces, shown, NOW)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(actors, "_Presences", Walked)
        assert actors.with_possible_actors(pieces, shown, NOW) == found


class Everything(InvertedIndex):
    """Things looked up by going through all of them."""

    def __init__(self, keys_of_each):
        self.number = len(list(keys_of_each))

    def having(self, keys, first):
        return iter(range(first, self.number))


TRIGGERS = st.sampled_from(
    [
        ("service-restarted", "nginx.service restarted", {"unit": "nginx.service"}),
        ("service-restarted", "postgresql.service restarted", {"unit": "postgresql.service"}),
        ("service-restarted", "networking.service restarted", {"unit": "networking.service"}),
        ("service-restarted", "restarted", {}),
        ("restart-done", "qqx.service restarted", {"unit": "qqx.service", "closes": ["r"]}),
        ("reboot", "booted", {}),
        ("log", "mysql-02 promoted to primary", {}),
        ("log", "qqx expired", {}),
        ("log", "nightly backup job started", {}),
    ]
)
EDITED = st.sampled_from(
    ["/etc/nginx/nginx.conf", "/etc/netplan/01.yaml", "/etc/ssl/certs/shop.pem", "/etc/postgresql/main.conf", "/etc/fstab", "/srv/zzq.txt"]
)


@given(st.lists(st.tuples(TRIGGERS, MOMENTS), max_size=12), st.lists(st.tuples(EDITED, MOMENTS), max_size=6))
def test_what_woke_something_is_what_is_found_by_going_through_all_triggers(given_triggers, edits):
    observations = [
        Observation(f"O{number}", what, WEB, after(moment), said, data=data) for number, ((what, said, data), moment) in enumerate(given_triggers)
    ]
    deltas = [replaced(edit("web-01", moment, path), number) for number, (path, moment) in enumerate(edits)]
    upgraded = seen("package-upgraded", 300, "zzq", packages=[{"name": "zzq"}])
    found = candidates(deltas, [upgraded, seen("restart-pending", 310, "pending", packages=["zzq"], ref="r")])
    asked = question(deltas=deltas, observations=observations)
    indexed = awakened(found, asked)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(latent, "InvertedIndex", Everything)
        assert awakened(found, asked) == indexed


@given(st.lists(st.sets(st.integers(0, 6)), max_size=20), st.sets(st.integers(0, 8)), st.integers(0, 22))
def test_an_index_gives_each_thing_with_one_of_the_keys_once_and_in_order(things, keys, first):
    found = list(InvertedIndex(things).having(keys, first))
    assert found == [number for number, own in enumerate(things) if number >= first and own & keys]
