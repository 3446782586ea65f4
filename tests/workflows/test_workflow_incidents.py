"""Incidents through the library, on both databases: opened, told more about, linked, resolved, reopened, exported and imported."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from changelog_ledger.errors import Ambiguous, InvalidFact, InvalidInput, InvalidTime, NotFound, TransitionRefused
from changelog_ledger.ledger.ledger import Ledger
from changelog_ledger.model.incident import Incident, IncidentKind, IncidentState, LinkKind, Trace
from changelog_ledger.model.topology import Health, Mark, Target

from .world import HOST, START, World, made_world

WEB, SHOP = Target.host(HOST), Target.service("shop")


@pytest.fixture
def shop(either: World) -> World:
    """A service on the host, that worked at nine; a logged change and an unlogged edit at ten; now it is eleven."""
    ledger, clock = either.ledger, either.clock
    ledger.add_service("shop", runs_on=[HOST])
    either.snapshot()
    ledger.good("service:shop", source="smoke test")
    clock.tick(hours=1)
    change = ledger.plan("Raise the worker limit", on=[WEB], paths=["/etc/nginx/**"], ref="OPS-7")
    ledger.start(change.id)
    either.machine.edit("/etc/nginx/nginx.conf", "worker_processes 4", "worker_processes 8")
    either.machine.edit("/etc/app.ini", "db-01", "db-02")
    clock.tick(minutes=1)
    ledger.finish(change.id)
    either.snapshot()
    ledger.observe("nginx 1.24.0-1 upgraded", WEB, kind="package-upgraded", data={"subject": "package:nginx"})
    clock.now = START + timedelta(hours=2)
    return either


def opened(world: World, **said: object) -> Incident:
    return world.ledger.incidents.open("Shop answers 502", ["service:shop"], symptom="customers get 502", **said)  # type: ignore[arg-type]


def marks(world: World, target: Target = SHOP) -> list[Mark]:
    with world.ledger._workspace.store.reading() as view:
        return list(view.marks.latest([target]))


def evidence(world: World, path: str) -> str:
    return next(piece.id for piece in world.ledger.what_changed(HOST).evidence if piece.path == path)


class TestOpening:
    def test_the_targets_are_marked_bad_from_its_beginning(self, shop: World) -> None:
        incident = opened(shop, began="30m", impact="high", urgency="high", kinds=["configuration"], commander="kim")
        assert (incident.state, incident.severity, incident.priority) == (IncidentState.OPEN, 1, 1)
        assert incident.kinds == (IncidentKind.CONFIGURATION,)
        assert incident.detected_at == shop.clock() == incident.began_at + timedelta(minutes=30)
        (mark,) = [mark for mark in marks(shop) if mark.state is Health.BAD]
        assert (mark.at, mark.source, mark.symptom) == (incident.began_at, f"incident {incident.id}", "customers get 502")
        assert shop.ledger.incidents.list() == (incident,) == shop.ledger.incidents.list(open_only=True, on="shop", since="1h")
        assert shop.ledger.incidents.show(incident.id[:8].lower()) == incident
        assert shop.ledger.verify() == ()

    def test_it_began_when_it_was_first_seen_bad(self, shop: World) -> None:
        shop.ledger.bad("service:shop", at="20m")
        shop.ledger.bad("service:shop", at="10m")
        incident = opened(shop)
        assert incident.began_at == shop.clock() - timedelta(minutes=20)
        assert len([mark for mark in marks(shop) if mark.state is Health.BAD]) == 2, "a mark says so already"

    def test_a_check_that_saw_nothing_in_between_does_not_end_it(self, shop: World) -> None:
        shop.ledger.good("service:shop", at="5m")
        incident = opened(shop, began="20m")
        assert [(mark.state, mark.at) for mark in marks(shop)][-3:] == [
            (Health.BAD, incident.began_at),
            (Health.GOOD, shop.clock() - timedelta(minutes=5)),
            (Health.BAD, incident.detected_at),
        ]

    @pytest.mark.parametrize(
        ("said", "error"),
        [
            ({"began": "1h", "detected": "2h"}, InvalidTime),
            ({"began": "2030-01-01T00:00Z"}, InvalidTime),
            ({"impact": "enormous"}, InvalidInput),
            ({"urgency": "none"}, InvalidInput),
            ({"kinds": ["weather"]}, InvalidInput),
        ],
    )
    def test_what_cannot_be_is_refused_whole(self, shop: World, said: dict[str, object], error: type[Exception]) -> None:
        before = shop.ledger.status().facts
        with pytest.raises(error):
            opened(shop, **said)
        with pytest.raises(NotFound):
            shop.ledger.incidents.open("x", ["service:shop", "service:shopp"])
        with pytest.raises(InvalidInput, match="on nothing"):
            shop.ledger.incidents.open("x", [])
        with pytest.raises(InvalidInput, match="no title"):
            shop.ledger.incidents.open(" … ", ["shop"])
        assert shop.ledger.status().facts == before

    def test_a_reference_names_one(self, shop: World) -> None:
        incident = opened(shop, ref="PD-4711")
        assert shop.ledger.incidents.show("PD-4711") == incident
        with pytest.raises(InvalidInput, match=f"PD-4711 is recorded already, as {incident.id}"):
            opened(shop, ref="PD-4711")
        with pytest.raises(NotFound, match="there is no incident INC-ZZZZZZ"):
            shop.ledger.incidents.show("INC-ZZZZZZ")

    def test_several_that_begin_alike(self, shop: World) -> None:
        for number in range(40):
            opened(shop, ref=f"T{number}")
        first = {incident.id[:5] for incident in shop.ledger.incidents.list()}
        alike = next(start for start in first if sum(each.id.startswith(start) for each in shop.ledger.incidents.list()) > 1)
        with pytest.raises(Ambiguous):
            shop.ledger.incidents.show(alike)


class TestTold:
    def test_what_is_known_by_now(self, shop: World) -> None:
        incident = opened(shop, began="30m")
        shop.clock.tick(minutes=5)
        seen = shop.ledger.incidents.update(incident.id, acknowledged_at="now", commander="kim", note="rolled the tyres out")
        assert (seen.state, seen.acknowledged_at, seen.commander) == (IncidentState.ACKNOWLEDGED, shop.clock(), "kim")
        assert [(note.step, note.text) for note in seen.notes] == [("acknowledged", "rolled the tyres out")]
        shop.clock.tick(minutes=5)
        better = shop.ledger.incidents.update(
            incident.id, mitigated_at="now", path="hotfix", fix="OPS-7", title="Shop answers 502 to all", kinds=["code", "network"]
        )
        change = shop.ledger.find_change("OPS-7")
        assert (better.state, better.path, better.fix) == (IncidentState.MITIGATED, "hotfix", change.id)
        assert [(link.kind, link.what, link.title) for link in better.links] == [(LinkKind.FIX, change.id, "Raise the worker limit")]
        assert [note.step for note in better.notes] == ["acknowledged", "path hotfix", "mitigated"]
        assert shop.ledger.incidents.update(incident.id, commander="").commander == ""
        assert shop.ledger.verify() == ()

    def test_what_alters_nothing_is_no_fact(self, shop: World) -> None:
        incident, before = opened(shop, impact="high"), shop.ledger.status().facts
        assert shop.ledger.incidents.update(incident.id, impact="high") == incident
        assert shop.ledger.status().facts == before + 0

    def test_what_is_refused(self, shop: World) -> None:
        incident = opened(shop)
        with pytest.raises(InvalidTime, match=r"it was mitigated at .*, before it was detected at"):
            shop.ledger.incidents.update(incident.id, mitigated_at="1h")
        with pytest.raises(InvalidInput, match="nothing is said"):
            shop.ledger.incidents.update(incident.id, note="  ")
        with pytest.raises(InvalidInput, match="is no change"):
            shop.ledger.incidents.update(incident.id, fix="the other thing")
        with pytest.raises(NotFound, match="there is no change CHG-ZZZZZZ"):
            shop.ledger.incidents.update(incident.id, fix="CHG-ZZZZZZ")
        assert shop.ledger.incidents.show(incident.id) == incident

    def test_no_secret_is_kept(self, shop: World) -> None:
        secret = "password=Tr0ub4dor&3-zebra"
        incident = opened(shop, commander="kim")
        shop.ledger.incidents.update(incident.id, note=f"tried {secret}", symptom=f"fails with {secret}", title=f"Broken by {secret}")
        shop.ledger.incidents.link(incident.id, f"https://wiki.example/?{secret}", "related", because=secret)
        exported = "\n".join(shop.ledger.export_facts())
        assert "Tr0ub4dor" not in exported
        assert "<secret:" in exported


class TestLinks:
    def test_a_suspect_is_known_again(self, shop: World) -> None:
        incident = opened(shop)
        piece = evidence(shop, "/etc/app.ini")
        confirmed = shop.ledger.incidents.link(incident.id, piece[:9], "confirmed", because="the old name works")
        (link,) = confirmed.links
        assert (link.what, link.because, link.actor) == (piece, "the old name works", "alex")
        assert link.title.startswith(f"{HOST} /etc/app.ini db/host")
        assert link.traces == (Trace(HOST, "/etc/app.ini", "db/host"),)
        with shop.ledger._workspace.store.reading() as view:
            assert view.incidents.judged() == ((confirmed, link),)
            assert view.incidents.linking(piece) == (confirmed,)

    def test_a_change_leads_to_its_evidence(self, shop: World) -> None:
        change = shop.ledger.find_change("OPS-7")
        linked = shop.ledger.incidents.link(opened(shop).id, "OPS-7", "cleared")
        (link,) = linked.links
        assert (link.what, link.title, link.happened_at) == (change.id, "Raise the worker limit", change.started_at)
        assert Trace(HOST, "/etc/nginx/nginx.conf", "worker_processes") in link.traces
        assert not any(trace.path == "/etc/app.ini" for trace in link.traces)
        assert shop.ledger.incidents.linking(change.id) == (linked,)

    def test_an_observation_has_a_shape(self, shop: World) -> None:
        seen = next(piece.id for piece in shop.ledger.what_changed(HOST).evidence if piece.kind == "package")
        (link,) = shop.ledger.incidents.link(opened(shop).id, seen, "confirmed").links
        (trace,) = link.traces
        assert (trace.host, trace.path, trace.subject) == (HOST, "", "package:nginx")
        assert trace.shape.startswith("package-upgraded nginx")
        assert "1.24" not in trace.shape

    def test_a_later_judgement_takes_the_place_of_an_earlier_one(self, shop: World) -> None:
        incident = opened(shop)
        for kind in ("confirmed", "cleared"):
            shop.clock.tick(minutes=1)
            incident = shop.ledger.incidents.link(incident.id, "OPS-7", kind)
        assert [link.kind for link in incident.links] == [LinkKind.CLEARED]
        said = [fact.data["links"][0]["kind"] for _, fact in shop.ledger._workspace.store.facts() if fact.kind == "incident-step"]
        assert said == ["confirmed", "cleared"], "both stay in the record"

    def test_a_suspect_by_its_number(self, shop: World) -> None:
        incident = opened(shop)
        report = shop.ledger.what_changed("service:shop", until=incident.began_at)
        linked = shop.ledger.incidents.link(incident.id, "suspect:1", "confirmed")
        first = report.suspects[0]
        assert linked.links[0].what in (first.change, *first.evidence)
        assert linked.links[0].title == first.title
        assert linked.links[0].traces
        for number in ("99", "999999999"):
            with pytest.raises(NotFound, match=r"has \d+ suspects? before"):
                shop.ledger.incidents.link(incident.id, f"suspect:{number}", "confirmed")
        for what in ("suspect:0", "suspect:01", "suspect:x", "Suspect:", "suspect:1 2", "suspect:\n1", f"suspect:{'9' * 5000}"):
            with pytest.raises(InvalidInput, match="names no suspect"):
                shop.ledger.incidents.link(incident.id, what, "confirmed")
        assert shop.ledger.incidents.show(incident.id) == linked

    def test_one_suspect_is_not_called_several(self, either: World) -> None:
        either.snapshot()
        either.machine.edit("/etc/app.ini", "db-01", "db-02")
        either.snapshot()
        incident = either.ledger.incidents.open("x", HOST)
        with pytest.raises(NotFound, match="has 1 suspect before"):
            either.ledger.incidents.link(incident.id, "suspect:2", "confirmed")

    def test_the_same_again_is_no_fact(self, shop: World) -> None:
        incident = shop.ledger.incidents.link(opened(shop).id, "OPS-7", "confirmed", because="put back, and it works")
        before = shop.ledger.status().facts
        shop.clock.tick(minutes=5)
        for because in ("put back, and it works", ""):
            assert shop.ledger.incidents.link(incident.id, "OPS-7", "confirmed", because=because) == incident
        assert shop.ledger.status().facts == before

    def test_words_addresses_and_other_incidents(self, shop: World) -> None:
        one, other = opened(shop), opened(shop)
        shop.ledger.incidents.link(one.id, "https://tracker.example/issues/12", "related")
        shop.ledger.incidents.link(one.id, "the storm in the north", "contributing")
        linked = shop.ledger.incidents.link(one.id, other.id.lower(), "related")
        assert [link.what for link in linked.links] == ["https://tracker.example/issues/12", "the storm in the north", other.id]

    def test_what_is_refused(self, shop: World) -> None:
        incident = opened(shop)
        for what, kind, error in (
            ("CHG-ZZZZZZ", "related", NotFound),
            ("EV-ZZZZZZZZZZ", "related", NotFound),
            ("INC-ZZZZZZ", "related", NotFound),
            (incident.id, "related", InvalidInput),
            (" ", "related", InvalidInput),
            ("OPS-7", "guilty", InvalidInput),
        ):
            with pytest.raises(error):
                shop.ledger.incidents.link(incident.id, what, kind)
        assert shop.ledger.incidents.show(incident.id) == incident

    def test_the_roll_back_of_the_culprit_leaves_it_judged(self, shop: World) -> None:
        incident = opened(shop)
        shop.ledger.incidents.link(incident.id, "OPS-7", "confirmed")
        over = shop.ledger.incidents.resolve(incident.id, by="OPS-7")
        assert [link.kind for link in over.links] == [LinkKind.CONFIRMED]
        assert over.fix == shop.ledger.find_change("OPS-7").id


class TestOneIsOne:
    """A text where several can be given is one, and not its letters."""

    def test_of_an_incident(self, shop: World) -> None:
        incident = shop.ledger.incidents.open("Shop answers 502", "service:shop", kinds="network")
        assert (incident.targets, incident.kinds) == ((SHOP,), ("network",))
        shop.ledger.incidents.review(incident.id, causes="disk", worked="the pager")
        kept = shop.ledger.incidents.update(incident.id, kinds="code")
        assert (kept.causes, kept.worked, kept.kinds) == (("disk",), ("the pager",), ("code",))
        assert shop.ledger.spool.open_incident("x", HOST).targets == (WEB,)
        assert shop.ledger.incidents.open("x", SHOP).targets == (SHOP,)  # type: ignore[arg-type]

    def test_of_the_other_verbs(self, shop: World) -> None:
        ledger = shop.ledger
        change = ledger.plan("x", HOST, paths="/etc/app.ini", category="database")
        assert (change.on, change.paths, change.category) == ((WEB,), ("/etc/app.ini",), ("database",))
        assert ledger.log("x", HOST, at="5m").on == (WEB,)
        assert ledger.freeze.add("x", "1h", "2030-01-01T00:00Z", HOST).on == (WEB,)
        assert ledger.add_service("cache", runs_on=HOST).runs_on == (HOST,)
        ledger.add_host("web-02")
        with pytest.raises(InvalidInput, match="web-02: no snapshot by then"):
            ledger.what_changed("service:shop", failing=HOST, working="web-02")


class TestActions:
    @pytest.mark.parametrize("due", [datetime(2026, 12, 1, 8, 0, tzinfo=UTC), datetime(2026, 12, 1), 5, "2026-13-01"])
    def test_a_day_is_a_day(self, shop: World, due: object) -> None:
        incident = opened(shop)
        with pytest.raises(InvalidTime, match="is no day"):
            shop.ledger.incidents.add_action(incident.id, "alarm", due=due)  # type: ignore[arg-type]
        with pytest.raises(InvalidTime, match="is no day"):
            shop.ledger.incidents.review(incident.id, actions=[("alarm", "", due)])  # type: ignore[list-item]
        assert shop.ledger.incidents.add_action(incident.id, "alarm", due=date(2026, 12, 1)).actions[0].due == date(2026, 12, 1)


class TestTelling:
    @pytest.mark.parametrize("template", ["resolved", "monitoring"])
    def test_what_is_ahead_of_the_record_is_warned_of(self, shop: World, template: str) -> None:
        incident, said = opened(shop), list[str]()
        ledger = Ledger(replace(shop.ledger._workspace, warn=said.append))
        ledger.incidents.tell(incident.id, template=template, dry_run=True)
        assert f"the text {template} is ahead of the record" in said[0]
        said.clear()
        ledger.incidents.tell(incident.id, dry_run=True)
        shop.clock.tick(minutes=1)
        ledger.incidents.resolve(incident.id)
        ledger.incidents.tell(incident.id, template=template, dry_run=True)
        assert said == []

    def test_a_text_has_an_end(self, shop: World) -> None:
        incident = opened(shop)
        with pytest.raises(InvalidInput, match="1,000,000 characters"):
            shop.ledger.incidents.tell(incident.id, text="x" * 1_000_000)
        assert shop.ledger.incidents.show(incident.id).told == ()


class TestTheEnd:
    def test_the_targets_are_marked_good(self, shop: World) -> None:
        incident = opened(shop)
        shop.clock.tick(hours=1)
        over = shop.ledger.incidents.resolve(incident.id, at="10m", note="put 4 back")
        assert (over.state, over.resolved_at) == (IncidentState.RESOLVED, shop.clock() - timedelta(minutes=10))
        assert (marks(shop)[-1].state, marks(shop)[-1].at) == (Health.GOOD, over.resolved_at)
        assert shop.ledger.incidents.list(open_only=True) == ()
        assert shop.ledger.incidents.list(since="5m") == ()
        with pytest.raises(TransitionRefused, match="is resolved since"):
            shop.ledger.incidents.resolve(incident.id)

    def test_not_while_another_one_is_open_on_them(self, shop: World) -> None:
        one, other = opened(shop), opened(shop)
        shop.clock.tick(hours=1)
        shop.ledger.incidents.resolve(one.id)
        assert marks(shop)[-1].state is Health.BAD
        shop.ledger.incidents.resolve(other.id)
        assert marks(shop)[-1].state is Health.GOOD

    def test_it_comes_back(self, shop: World) -> None:
        incident = opened(shop)
        shop.clock.tick(hours=1)
        shop.ledger.incidents.update(incident.id, mitigated_at="10m")
        over = shop.ledger.incidents.resolve(incident.id)
        assert shop.ledger.incidents.came_back(over) is None
        shop.clock.tick(hours=1)
        mark = shop.ledger.bad("service:shop", symptom="502 again")
        assert shop.ledger.incidents.came_back(over) == mark
        with pytest.raises(InvalidInput, match="why"):
            shop.ledger.incidents.reopen(incident.id, " ")
        again = shop.ledger.incidents.reopen(incident.id, "502 again")
        assert (again.state, again.mitigated_at, again.resolved_at) == (IncidentState.OPEN, None, None)
        assert [note.step for note in again.notes] == ["mitigated", "resolved", "reopened"], "nothing is lost"
        assert [found.at for found in marks(shop) if found.state is Health.BAD][-1] == mark.at, "a mark says so already"
        with pytest.raises(TransitionRefused):
            shop.ledger.incidents.reopen(incident.id, "once more")
        with pytest.raises(InvalidTime, match="before it was reopened"):
            shop.ledger.incidents.resolve(incident.id, at="30m")
        shop.clock.tick(minutes=5)
        assert shop.ledger.incidents.resolve(incident.id).state is IncidentState.RESOLVED
        assert shop.ledger.verify() == ()


LINE = {
    "kind": "incident", "ref": "PD-1", "title": "Mail is late", "on": ["service:mail"], "symptom": "queues grow", "impact": "high", "urgency": "high",
    "began_at": "2025-06-01T10:00Z", "detected_at": "2025-06-01T10:10Z", "acknowledged_at": "2025-06-01T10:12Z", "mitigated_at": "2025-06-01T10:40Z",
    "resolved_at": "2025-06-01T12:00Z", "reviewed_at": "2025-06-02T08:00Z", "kinds": ["network", "provider"], "commander": "kim", "path": "hotfix",
    "fix": "OPS-2", "links": [{"kind": "confirmed", "what": "OPS-1"}, {"kind": "cleared", "what": "seen-1"}, {"kind": "related", "what": "a storm"}],
    "actions": [{"text": "Watch the queue", "owner": "kim", "due": "2025-07-01"}], "summary": "A route was wrong.", "trigger": "the new route",
    "causes": ["nobody watched"], "worked": ["the pager"],
}  # fmt: skip
LINES = [
    {"kind": "service", "name": "mail", "runs_on": ["mx-01"]},
    {"kind": "change", "ref": "OPS-1", "title": "New route", "on": ["host:mx-01"], "started_at": "2025-06-01T09:55Z"},
    {"kind": "snapshot", "ref": "s1", "host": "mx-01", "at": "2025-06-01T09:00Z", "files": {"/etc/routes": "a\n", "/etc/other": "a\n"}},
    {"kind": "snapshot", "ref": "s2", "host": "mx-01", "at": "2025-06-01T09:57Z", "files": {"/etc/routes": "b\n"}, "change": "OPS-1"},
    {"kind": "change", "ref": "OPS-2", "title": "Old route", "on": ["host:mx-01"], "started_at": "2025-06-01T10:30Z"},
    {"kind": "observation", "ref": "seen-1", "what": "reboot", "on": "host:mx-01", "at": "2025-06-01T08:00Z", "summary": "booted 7"},
    LINE,
]  # fmt: skip


def as_lines(values: list[dict[str, object]]) -> Iterator[str]:
    return map(json.dumps, values)


class TestImport:
    def test_with_all_that_is_known(self, either: World) -> None:
        assert not either.ledger.import_facts(as_lines(LINES)).refused
        incident = either.ledger.incidents.show("PD-1")
        assert (incident.state, incident.priority, incident.actions[0].number) == (IncidentState.REVIEWED, 1, 1)
        trigger, fix = either.ledger.find_change("OPS-1"), either.ledger.find_change("OPS-2")
        assert incident.fix == fix.id
        assert [(link.what, link.title, link.at == incident.detected_at) for link in incident.links] == [
            (trigger.id, "New route", True),
            (incident.links[1].what, "mx-01 booted 7", True),
            ("a storm", "", True),
        ]
        assert incident.links[0].traces == (Trace("mx-01", "/etc/routes"),)
        assert incident.links[1].traces[0].shape.startswith("reboot booted")
        assert either.ledger.show(incident.links[1].what)
        assert either.ledger.verify() == ()

    def test_twice_adds_nothing(self, either: World) -> None:
        either.ledger.import_facts(as_lines(LINES))
        assert either.ledger.import_facts(as_lines(LINES)).recorded == 0

    def test_the_id_follows_from_the_reference(self, either: World, tmp_path_factory: pytest.TempPathFactory) -> None:
        either.ledger.import_facts(as_lines(LINES))
        with made_world(tmp_path_factory.mktemp("other"), seed=9) as other:
            other.ledger.import_facts(as_lines([LINE]))
            assert other.ledger.incidents.show("PD-1").id == either.ledger.incidents.show("PD-1").id

    def test_what_is_exported_reads_back(self, shop: World, tmp_path_factory: pytest.TempPathFactory) -> None:
        shop.ledger.import_facts(as_lines(LINES))
        incident = opened(shop)
        shop.clock.tick(minutes=1)
        shop.ledger.incidents.update(incident.id, acknowledged_at="now", path="patch", note="x\ny")
        shop.ledger.incidents.link(incident.id, "suspect:1", "confirmed", because="it fits")
        shop.ledger.incidents.resolve(incident.id, by="OPS-7")
        shop.ledger.incidents.reopen(incident.id, "again")
        lines = list(shop.ledger.export_facts())
        with made_world(tmp_path_factory.mktemp("other"), seed=9) as other:
            other.clock.now = shop.clock.now
            assert not other.ledger.import_facts(lines).refused
            assert other.ledger.incidents.list() == shop.ledger.incidents.list()
            assert set(lines) <= set(other.ledger.export_facts())
            assert other.ledger.import_facts(lines).recorded == 0
            assert other.ledger.verify() == ()

    @pytest.mark.parametrize(
        "wrong",
        [
            {"resolved_at": "2025-06-01T09:00Z"},
            {"began_at": None, "detected_at": None},
            {"reviewed_at": "2025-06-01T11:00Z"},
            {"resolved_at": None},
            {"began_at": "2099-01-01T00:00Z"},
            {"on": []},
            {"impact": "vast"},
            {"path": "prayer"},
            {"kinds": ["weather"]},
            {"links": [{"kind": "guilty", "what": "x"}]},
            {"actions": [{"text": "a", "number": 1}, {"text": "b", "number": 1}]},
            {"sevrity": 1},
        ],
    )
    def test_what_cannot_be_is_refused_with_its_line(self, world: World, wrong: dict[str, object]) -> None:
        with pytest.raises(InvalidFact, match="line 7"):
            world.ledger.import_facts(as_lines([*LINES[:-1], LINE | wrong]))
        assert world.ledger.incidents.list() == ()


class TestAround:
    def test_a_rebuild_gives_the_same(self, shop: World) -> None:
        incident = opened(shop)
        shop.ledger.incidents.link(incident.id, "OPS-7", "confirmed")
        shop.ledger.incidents.resolve(incident.id)
        before = shop.ledger.incidents.list()
        shop.ledger.rebuild()
        assert shop.ledger.incidents.list() == before
        assert shop.ledger.verify() == ()

    def test_which_were_going_on(self, shop: World) -> None:
        early = opened(shop, began="90m", detected="80m")
        shop.ledger.incidents.resolve(early.id, at="60m")
        late = opened(shop, began="20m")
        now = shop.clock()
        with shop.ledger._workspace.store.reading() as view:
            asked = view.incidents
            assert asked.open() == (late,)
            assert [each.id for each in asked.all()] == [late.id, early.id] == [each.id for each in asked.on([SHOP])]
            assert asked.on([WEB]) == ()
            assert [each.id for each in asked.between(now - timedelta(minutes=70), now - timedelta(minutes=50))] == [early.id]
            assert [each.id for each in asked.between(now - timedelta(minutes=10), now)] == [late.id]
            assert asked.named(late.id) == late
