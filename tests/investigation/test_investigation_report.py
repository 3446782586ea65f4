"""The whole investigation: scenario S3, what is ruled out, what is warned of, and that order does not matter."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from changelog_ledger.investigation import Material, PeerView, choose_window, investigate
from changelog_ledger.model.change import Change, Status
from changelog_ledger.model.evidence import Delta, Observation, Op, RecordedDelta
from changelog_ledger.model.report import HostFreshness, SuspectKind
from changelog_ledger.model.topology import Health, Mark, Reach, Target

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SHOP = Target.service("shop")
HOSTS = [f"web-0{n}" for n in range(1, 9)]


def at(hours):
    return NOW - timedelta(hours=hours)


def change(number, title, started, on, paths=(), **more):
    return Change(
        f"CHG-{number}", title, Status.SUCCEEDED, on, started_at=at(started), finished_at=at(started - 0.1), outcome="succeeded", paths=paths, **more
    )


def delta(host, path, key, before, after, earlier, later, mtime=None):
    difference = Delta(path, key, Op.CHANGED, before, after, mtime=None if mtime is None else at(mtime))
    return RecordedDelta(f"EV-{host}{key}{later}", host, f"S-{host}-{later}", at(earlier), at(later), difference)


def s3(with_mtime=True):
    """Eight servers; one key of one file of one of them differs since Tuesday; harmless logged changes all around."""
    hosts = tuple(Target.host(name) for name in HOSTS)
    marks = (Mark("m1", SHOP, Health.GOOD, at(100)), Mark("m2", SHOP, Health.BAD, at(1), symptom="some orders fail with a time-out"))
    changes = [
        change(1, "Rotate access logs weekly", 90, hosts, ("/etc/logrotate.d/nginx",), category=("logging",)),
        change(2, "New dashboard for shop orders", 20, (SHOP,), ("/srv/grafana/shop.json",), category=("monitoring",)),
        change(3, "Shop release 4.2", 50, (SHOP,), ("/srv/shop/**",), category=("deploy",)),
        change(4, "Raise nginx worker limit", 5, (hosts[0],), ("/etc/nginx/nginx.conf",)),
        change(5, "Motd for maintenance", 3, hosts, ("/etc/motd",)),
    ]
    deltas = [delta(name, "/etc/logrotate.d/nginx", "rotate", "4", "8", 91, 89) for name in HOSTS]
    deltas += [delta("web-01", "/etc/nginx/nginx.conf", "worker_connections", "768", "1024", 6, 4)]
    deltas += [delta("web-05", "/etc/shop/app.conf", "pool/size", "50", "5", 80, 56, 70 if with_mtime else None)]
    return Material(
        target=SHOP,
        now=NOW,
        window=choose_window(marks, now=NOW),
        scope=(Reach(SHOP, 0), *(Reach(host, 0) for host in hosts)),
        deltas=deltas,
        marks=marks,
        changes=changes,
        runs_on={SHOP: frozenset(HOSTS)},
        freshness=tuple(HostFreshness(name, at(0.5), at(900), snapshots=50) for name in HOSTS),
        symptom="some orders fail with a time-out",
        watched_for=dict.fromkeys(HOSTS, 40.0),
        peers={("web-05", "/etc/shop/app.conf", "pool/size"): PeerView(7, 0)},
    )


def test_s3_the_odd_key_nobody_logged_ranks_first():
    for material, among in (
        (s3(), 1),
        (s3(with_mtime=False), 1),
        (replace(s3(), peers={}), 2),
        (replace(s3(), symptom="", peers={}, watched_for={}), 2),
    ):
        report = investigate(material)
        (first,) = [suspect for suspect in report.suspects[:among] if suspect.kind is SuspectKind.UNLOGGED]  # the peers make it the first for sure
        assert first.kind is SuspectKind.UNLOGGED
        assert first.title == "pool/size 50 → 5 in /etc/shop/app.conf on web-05"
        assert [piece.path for piece in report.unlogged] == ["/etc/shop/app.conf"]
        assert any(reason.code == "unlogged" for reason in first.reasons)


def test_what_came_after_the_onset_is_ruled_out_and_said_so():
    late = change(9, "Restart shop", 0.8, (SHOP,))
    never = Change("CHG-8", "Move shop", Status.PLANNED, (SHOP,), planned_start=at(2))
    cancelled = Change("CHG-7", "Do not", Status.CANCELLED, (SHOP,))
    material = replace(
        s3(), changes=[late, never, cancelled], observations=[Observation("O1", "reboot", Target.host("web-02"), at(0.5), "booted")], deltas=[]
    )
    report = investigate(material)
    assert {out.change: out.why for out in report.ruled_out} == {
        "CHG-9": "started 12 min after the onset",
        "CHG-8": "planned, never started",
        "CHG-7": "cancelled, never started",
    }
    assert report.suspects == ()
    assert len(report.evidence) == 1


def test_a_difference_dated_after_the_onset_is_no_suspect_and_one_that_may_be_before_is():
    after = delta("web-01", "/etc/x", "k", "1", "2", 30, 0.2, mtime=0.5)
    maybe = delta("web-02", "/etc/x", "k", "1", "2", 30, 0.2)
    report = investigate(replace(s3(), changes=[], deltas=[after, maybe]))
    assert [suspect.targets for suspect in report.suspects] == [(Target.host("web-02"),)]
    assert len(report.evidence) == 2


def test_the_same_thing_on_many_hosts_is_one_suspect():
    upgraded = "openvswitch-switch 2.9.0 -> 2.9.2"
    seen = [Observation(f"O{n}", "package-upgraded", Target.host(name), at(9 - n / 10), upgraded) for n, name in enumerate(HOSTS)]
    report = investigate(replace(s3(), changes=[], deltas=[], observations=seen))
    assert [suspect.title for suspect in report.suspects] == [f"{upgraded} (8 hosts)"]
    assert len(report.suspects[0].evidence) == 8


def test_what_makes_the_answer_less_certain_is_said():
    fresh = (
        HostFreshness("web-01", at(80), at(900), ("/etc/sudoers",)),
        HostFreshness("web-02", None),
        HostFreshness("web-03", at(2), at(50)),
        HostFreshness("web-04", at(300), at(900)),
    )
    marks = [Mark("f", SHOP, Health.GOOD, at(-1))]
    report = investigate(replace(s3(), deltas=[], changes=[], freshness=fresh, marks=marks, window=choose_window(marks, now=NOW)))
    texts = [warning.text for warning in report.warnings]
    codes = [warning.code for warning in report.warnings]
    assert codes[0] == "nothing-recorded"
    assert codes.count("stale-snapshot") == 2
    assert {"no-snapshots", "first-snapshot-in-window", "partial-snapshot", "no-good-mark", "future-mark"} <= set(codes)
    assert any("web-04 was 12 days 12 h before now, and none since the window began" in text for text in texts)
    assert any("/etc/sudoers" in text for text in texts)


def test_hosts_of_which_the_same_is_to_be_said_are_one_sentence():
    fresh = [HostFreshness(f"web-{number:03}", at(200 + number), at(900), ("/etc/sudoers",)) for number in range(200)]
    warnings = investigate(replace(s3(), freshness=fresh)).warnings
    assert [warning.code for warning in warnings] == ["stale-snapshot", "partial-snapshot"]
    stale, unread = (warning.text for warning in warnings)
    assert stale.startswith("the last looks at web-000, web-001, web-002, web-003, web-004 and 195 more were at least ")
    assert stale.endswith(" before the onset, and none since it last worked; what changed after is unknown")
    assert unread.endswith("and 195 more could not read /etc/sudoers")


def test_how_old_a_look_may_be_is_the_settings_word():
    fresh = (HostFreshness("web-03", NOW - timedelta(hours=25), at(900)),)
    asked = replace(s3(), deltas=[], freshness=fresh, window=choose_window([], now=NOW, since=NOW - timedelta(days=3)))
    assert [each.code for each in investigate(asked).warnings if each.code == "stale-snapshot"] == []
    stale = investigate(replace(asked, stale_after=timedelta(hours=24))).warnings
    assert [each.text for each in stale if each.code == "stale-snapshot"] == [
        "the last look at web-03 was 1 day 1 h before now; what changed after is unknown"
    ]


def test_an_end_in_the_future_is_said_and_no_look_is_late_because_of_it():
    fresh = (HostFreshness("web-03", NOW - timedelta(hours=1), at(900)),)
    window = choose_window([], now=NOW, since=NOW - timedelta(days=3), until=NOW + timedelta(days=4000))
    found = {each.code: each.text for each in investigate(replace(s3(), freshness=fresh, window=window)).warnings}
    assert found["future-end"] == "the window ends 4000 days in the future: what will happen until then is not known"
    assert "stale-snapshot" not in found


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32))
def test_equal_facts_give_equal_answers_whatever_their_ids(seed):
    """Ids are made by chance: eight hosts that met the same at once, and changes that nothing tells apart but their titles."""
    material, dice = s3(), random.Random(seed)
    deltas = [delta(name, path, "pool", "1", "2", 91, 89) for name in HOSTS for path in ("/etc/b", "/etc/a")]
    deltas = [replace(each, id=f"EV-{dice.getrandbits(40):X}") for each in deltas]
    changes = [replace(change(0, f"Alike {number}", 20, (SHOP,)), id=f"CHG-{dice.getrandbits(40):X}") for number in range(9)]
    report = investigate(replace(material, deltas=deltas, changes=changes))
    (together,) = [each for each in report.suspects if each.kind is SuspectKind.UNLOGGED]
    first = next(piece for piece in report.evidence if piece.id == together.evidence[0])
    assert (together.title, str(first.target), first.path) == ("2 differences on 8 hosts in /etc/", "host:web-01", "/etc/a")
    assert [each.title for each in report.suspects if each.kind is SuspectKind.CHANGE] == [f"Alike {number}" for number in range(9)]


def test_nothing_is_warned_of_when_all_is_well():
    assert investigate(s3()).warnings == ()


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32))
def test_the_order_of_the_material_does_not_matter(seed):
    material = s3()
    shuffle = random.Random(seed)

    def mixed(things):
        things = list(things)
        shuffle.shuffle(things)
        return things

    other = replace(
        material,
        deltas=mixed(material.deltas),
        changes=mixed(material.changes),
        marks=mixed(material.marks),
        freshness=tuple(mixed(material.freshness)),
        scope=tuple(mixed(material.scope)),
    )
    assert investigate(other) == investigate(material)


def test_scores_fall_with_the_rank_and_the_limit_cuts():
    report = investigate(replace(s3(), limit=2))
    assert len(report.suspects) == 2 < report.suspects_total
    scores = [suspect.score for suspect in investigate(s3()).suspects]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= value <= 1 for value in scores)
