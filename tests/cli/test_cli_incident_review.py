"""``ledger incident review``, ``action``, ``tell`` and ``show --timeline``, as somebody types them."""

from __future__ import annotations

import re

import pytest

from .conftest import HOST, Desk, day


@pytest.fixture
def incident(troubled: Desk) -> str:
    """Its id: it began at 12:00, and the unlogged edit of 11:02 was confirmed."""
    opened = troubled("incident", "open", "Shop is down", "--on", "shop", "--on", HOST, "--symptom", "502", "--detected", day("12:10"))
    identity = opened.out.split()[0]
    drift = troubled("drift", HOST, "--json").json["evidence"][0]["id"]
    troubled("incident", "link", identity, drift, "--as", "confirmed", "--because", "put back, and it works")
    return identity


def resolved(desk: Desk, incident: str) -> None:
    desk("incident", "update", incident, "--mitigated", day("12:40"))
    desk("incident", "resolve", incident, "--at", day("12:50"))


class TestReview:
    def test_it_is_written_from_the_record(self, troubled: Desk, incident: str) -> None:
        resolved(troubled, incident)
        said = troubled("incident", "review", incident).out
        for words in (
            "/etc/app.ini:2  db/host",
            "db-01 → db-02",
            "time to mitigate: 30 min",
            "Users were affected for 40 min.",
            "no change explains",
        ):
            assert words in said, words
        assert max(map(len, said.splitlines())) <= 80

    @pytest.mark.parametrize(("rendering", "begins"), [("markdown", "# INC-"), ("html", "<!doctype html>"), ("json", "{"), ("text", "INC-")])
    def test_in_every_format(self, troubled: Desk, incident: str, rendering: str, begins: str) -> None:
        assert troubled("incident", "review", incident, "--format", rendering).out.startswith(begins)

    def test_what_is_said_is_kept_and_added_to(self, troubled: Desk, incident: str) -> None:
        troubled("incident", "review", incident, "--summary", "The pool.", "--cause", "one", "--worked", "going back")
        troubled("incident", "review", incident, "--cause", "two", "--cause", "one")
        kept = troubled("incident", "show", incident, "--json").json["incident"]
        assert (kept["summary"], kept["causes"], kept["worked"]) == ("The pool.", ["one", "two"], ["going back"])
        troubled("incident", "review", incident, "--cause", "", "--cause", "three")
        assert troubled("incident", "show", incident, "--json").json["incident"]["causes"] == ["three"]

    def test_asking_again_records_nothing(self, troubled: Desk, incident: str) -> None:
        options = ["--cause", "one", "--action", "alarm", "--owner", "kim", "--due", "2025-07-01"]
        troubled("incident", "review", incident, *options)
        before = troubled("status", "--json").json["facts"]
        troubled("incident", "review", incident, *options)
        troubled("incident", "review", incident)
        assert troubled("status", "--json").json["facts"] == before

    def test_a_secret_in_it_is_masked(self, troubled: Desk, incident: str) -> None:
        said = troubled("incident", "review", incident, "--cause", "password=correct-horse-battery-staple").out
        assert "correct-horse" not in said
        assert "<secret:" in said

    def test_done_only_when_it_is_over(self, troubled: Desk, incident: str) -> None:
        assert "not resolved" in troubled.refused("incident", "review", incident, "--done")
        resolved(troubled, incident)
        assert "reviewed" in troubled("incident", "review", incident, "--done").out
        assert troubled("incident", "show", incident, "--json").json["incident"]["state"] == "reviewed"
        troubled("incident", "review", incident, "--done")

    def test_owner_and_day_for_all_actions_or_for_each(self, troubled: Desk, incident: str) -> None:
        troubled("incident", "review", incident, "--action", "a", "--action", "b", "--owner", "kim", "--due", "2025-07-01", "--due", "2025-08-01")
        kept = troubled("incident", "show", incident, "--json").json["incident"]["actions"]
        assert [(each["text"], each["owner"], each["due"]) for each in kept] == [("a", "kim", "2025-07-01"), ("b", "kim", "2025-08-01")]
        assert "--owner goes with --action" in troubled("incident", "review", incident, "--owner", "kim", code=2).err
        assert "is no day" in troubled.refused("incident", "review", incident, "--action", "c", "--due", "soon")


class TestTimeline:
    def test_from_the_cause_to_the_resolution_with_roles(self, troubled: Desk, incident: str) -> None:
        resolved(troubled, incident)
        document = troubled("incident", "show", incident, "--timeline", "--json").json
        times = [moment["at"] for moment in document["timeline"]]
        assert times == sorted(times)
        assert [moment["text"] for moment in document["timeline"] if moment["role"] == "trigger"] == ["/etc/app.ini db/host db-01 → db-02"]
        assert "Raise worker limit: started" in {moment["text"] for moment in document["timeline"]}
        assert document["left_out"] == 1, "the edit that the change explains"
        said = troubled("incident", "show", incident, "--timeline").out
        assert "2025-06-02 11:02:00  [trigger] /etc/app.ini db/host db-01 → db-02" in said
        assert said.index("[trigger]") < said.index("incident resolved")

    def test_the_question_can_be_asked_again(self, troubled: Desk, incident: str) -> None:
        question = troubled("incident", "review", incident, "--format", "json").json["questions"][1]
        assert "/etc/app.ini" in troubled(*question.split()[1:]).out


class TestActions:
    def test_from_the_list_to_done(self, troubled: Desk, incident: str) -> None:
        assert troubled("incident", "action", incident, "add", "alarm", "--owner", "kim", "--due", "2025-06-03").out == f"{incident} action 1\n"
        assert troubled("incident", "action", incident, "add", "write it down").out == f"{incident} action 2\n"
        status = troubled("status").out
        assert f"OVERDUE  {incident} 1. alarm (kim, due 2025-06-03)" in status
        assert f"ACTION   {incident} 2. write it down" in status
        assert f"OVERDUE {incident} 1. alarm (kim, due 2025-06-03)" in troubled("incident", "list").out
        assert [each["number"] for each in troubled("status", "--json").json["open_actions"]] == [1, 2]
        assert troubled("incident", "action", incident, "done", "1").out == f"{incident} action 1 is done, 1 still open\n"
        troubled("incident", "action", incident, "done", "1")
        assert "OVERDUE" not in troubled("status").out

    def test_what_cannot_be_is_refused(self, troubled: Desk, incident: str) -> None:
        assert "has no action 7" in troubled.refused("incident", "action", incident, "done", "7")
        assert "says nothing" in troubled.refused("incident", "action", incident, "add", " ")
        assert "is no day" in troubled.refused("incident", "action", incident, "add", "x", "--due", "2025-13-01")
        troubled("incident", "action", incident, "done", "x", code=2)
        troubled("incident", "action", incident, "done", "1", "--owner", "kim", code=2)


class TestTell:
    def test_it_says_what_fits_and_names_no_host_person_or_title(self, troubled: Desk, incident: str) -> None:
        troubled("incident", "update", incident, "--commander", "kim")
        said = troubled("incident", "tell", incident, "--next-update", "30m").out
        assert said.startswith("Identified: shop\n\nThe cause is known")
        assert "Next update:" in said
        assert not re.search(rf"{HOST}|kim|alex|Shop is down|502", said)
        resolved(troubled, incident)
        assert troubled("incident", "tell", incident).out.startswith("Resolved: shop")

    def test_it_is_recorded_as_it_went_out(self, troubled: Desk, incident: str) -> None:
        first = troubled("incident", "tell", incident, "--text", "We know more.").out
        answer = troubled("incident", "tell", incident, "--template", "monitoring", "--json").json
        assert answer["told_last"]["text"] == first.rstrip("\n")
        assert answer["recorded"]
        assert [told["template"] for told in troubled("incident", "show", incident, "--json").json["incident"]["told"]] == [
            "identified",
            "monitoring",
        ]
        assert troubled("incident", "tell", incident, "--last").out.rstrip("\n") == answer["told"]["text"]
        assert "We know more." in troubled("incident", "show", incident, "--timeline").out

    def test_a_dry_run_records_nothing(self, troubled: Desk, incident: str) -> None:
        assert "Identified" in troubled("incident", "tell", incident, "--dry-run").out
        assert troubled("incident", "tell", incident, "--last").out == "Users were told nothing.\n"
        assert troubled("incident", "tell", incident, "--last", "--json").json["told_last"] is None

    def test_a_template_of_the_home(self, troubled: Desk, incident: str) -> None:
        folder = troubled.home / "templates"
        folder.mkdir()
        (folder / "incident-partners.txt").write_text("$severity $title on $targets ($commander)\n$text\n")
        (folder / "incident-wrong.txt").write_text("$titel\n")
        (folder / "incident-monitoring.txt").write_text("Ours: $services\n")
        said = troubled("incident", "tell", incident, "--template", "partners", "--text", "Dear partners").out
        assert said == f"SEV2 Shop is down on service:shop, host:{HOST} ()\nDear partners\n"
        assert troubled("incident", "tell", incident, "--template", "monitoring").out == "Ours: shop\n"
        assert "there is no field $titel" in troubled.refused("incident", "tell", incident, "--template", "wrong")
        assert "incident-partners.txt" in troubled.refused("incident", "tell", incident, "--template", "nobody")
        assert "cannot name a template" in troubled.refused("incident", "tell", incident, "--template", "../x")

    def test_a_secret_is_masked_where_it_is_printed_and_where_it_is_kept(self, troubled: Desk, incident: str) -> None:
        said = troubled("incident", "tell", incident, "--text", "password=correct-horse-battery-staple").out
        assert "correct-horse" not in said
        assert "correct-horse" not in troubled("incident", "show", incident, "--json").out

    def test_an_update_in_the_past_is_refused(self, troubled: Desk, incident: str) -> None:
        assert "in the past" in troubled.refused("incident", "tell", incident, "--next-update", day("12:00"))

    def test_the_fields_are_listed(self, troubled: Desk) -> None:
        assert "$next_update" in troubled("incident", "tell", "--fields").out
        assert "services" in troubled("incident", "tell", "--fields", "--json").json["fields"]
        troubled("incident", "tell", code=2)
