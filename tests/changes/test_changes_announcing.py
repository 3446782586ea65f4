"""Messages to users and partners: what is in them, what is never, and how a template is filled."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changelog_ledger.changes.announcement_texts import MARKDOWN, TEXTS, Moment
from changelog_ledger.changes.announcing import FIELDS, announcement, announcement_fields, usual_moment
from changelog_ledger.errors import InvalidInput
from changelog_ledger.model.change import Assessment, Change, ChangeType, Dependent, Item, Level, Note, Status
from changelog_ledger.model.topology import Target

BERLIN = ZoneInfo("Europe/Berlin")
START = datetime(2026, 12, 6, 1, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
SECRETS = {name: f"internal-{name}" for name in ("reason", "description", "actor", "backout", "irreversible", "template")}
BANK = Change(
    "CHG-7K3M9Q",
    "Core switch update",
    Status.APPROVED,
    (Target.host("sw-01"), Target.service("payments")),
    affects=(Target.service("online-banking"), Target.service("payments")),
    planned_start=START,
    planned_end=START + 2 * HOUR,
    downtime=timedelta(minutes=30),
    contact="service desk, +49 30 1234",
    ticket="OPS-17",
    impact=Level.HIGH,
    assessment=Assessment(START, (Dependent(Target.host("atm-1"), 1), Dependent(Target.service("payments"), 0), Dependent(Target.service("atm"), 2))),
    notes=(Note(START, "internal-person", "internal-note", "approved"),),
    items=(Item("internal-item", because="internal-because"),),
    paths=("/etc/internal-path",),
    **SECRETS,
)
DONE = replace(BANK, status=Status.SUCCEEDED, started_at=START, finished_at=START + timedelta(hours=1, minutes=36), outcome="succeeded")


def value(change, name, zone=BERLIN):
    return announcement_fields(change, zone)[name]


@pytest.mark.parametrize("templates", [TEXTS, MARKDOWN])
def test_the_built_in_texts_tell_no_secrets(templates):
    for moment, change in ((Moment.BEFORE, BANK), (Moment.START, replace(DONE, status=Status.STARTED)), (Moment.END, DONE)):
        said = announcement(change, moment, templates[moment], BERLIN)
        assert "internal" not in said
        assert "sw-01" not in said
        assert "atm-1" not in said
        assert "Core switch update" in said
        assert "online-banking" in said
        assert "OPS-17" in said
        assert "$" not in said


def test_every_field_has_a_meaning_and_a_value():
    assert list(announcement_fields(BANK, BERLIN)) == list(FIELDS)
    for name in FIELDS:
        announcement(BANK, Moment.BEFORE, f"x ${name}", BERLIN)


@pytest.mark.parametrize(
    ("start", "length", "zone", "said"),
    [
        (START, 2 * HOUR, BERLIN, "Sunday 6 December 2026, 02:00 to 04:00 +01:00 (Europe/Berlin)"),
        (START, 2 * HOUR, UTC, "Sunday 6 December 2026, 01:00 to 03:00 UTC"),
        (START, 2 * HOUR, ZoneInfo("UTC"), "Sunday 6 December 2026, 01:00 to 03:00 UTC"),
        (START, 2 * HOUR, timezone(timedelta(hours=5, minutes=30)), "Sunday 6 December 2026, 06:30 to 08:30 +05:30"),
        (START - 3 * HOUR, 4 * HOUR, BERLIN, "Saturday 5 December 2026, 23:00 to Sunday 6 December 2026, 03:00 +01:00 (Europe/Berlin)"),
        (datetime(2026, 10, 25, 0, tzinfo=UTC), 2 * HOUR, BERLIN, "Sunday 25 October 2026, 02:00 +02:00 to 03:00 +01:00 (Europe/Berlin)"),
        (START, None, BERLIN, "from Sunday 6 December 2026, 02:00 +01:00 (Europe/Berlin)"),
    ],
)
def test_a_window_is_told_in_the_zone_with_its_offset(start, length, zone, said):
    assert value(replace(BANK, planned_start=start, planned_end=length and start + length), "planned", zone) == said


def test_utc_is_said_once():
    assert value(BANK, "planned_utc") == "Sunday 6 December 2026, 01:00 to 03:00 UTC"
    assert value(BANK, "planned_utc", UTC) == ""
    assert value(DONE, "started_utc", UTC) == ""


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(Status.SUCCEEDED, "done"), (Status.FAILED, "failed"), (Status.ROLLED_BACK, "rolled back"), (Status.CANCELLED, "cancelled")],
)
def test_the_end_says_how_it_ended_and_how_long_it_took(status, outcome):
    said = announcement(replace(DONE, status=status), Moment.END, "$outcome after $took. $outcome_sentence", BERLIN)
    assert said.startswith(f"{outcome} after 1 hour 36 minutes. The work ")


def test_an_emergency_is_called_one():
    assert value(replace(BANK, type=ChangeType.EMERGENCY), "kind") == "Emergency maintenance"


@pytest.mark.parametrize(
    ("length", "said"),
    [(timedelta(seconds=20), "less than a minute"), (HOUR, "1 hour"), (timedelta(days=2, minutes=1, seconds=59), "2 days 1 minute")],
)
def test_lengths(length, said):
    assert value(replace(BANK, downtime=length), "downtime") == said


def test_what_is_usual_follows_the_status():
    usual = {status: usual_moment(replace(BANK, status=status)) for status in Status}
    assert usual == {
        Status.PLANNED: "before",
        Status.APPROVED: "before",
        Status.STARTED: "start",
        Status.SUCCEEDED: "end",
        Status.FAILED: "end",
        Status.ROLLED_BACK: "end",
        Status.CANCELLED: "end",
    }


@pytest.mark.parametrize(
    ("status", "moment"),
    [(Status.APPROVED, Moment.END), (Status.STARTED, Moment.END), (Status.CANCELLED, Moment.BEFORE), (Status.CANCELLED, Moment.START)],
)
def test_nothing_is_announced_that_is_not_so(status, moment):
    with pytest.raises(InvalidInput) as refused:
        announcement(replace(BANK, status=status), moment, "$title", BERLIN)
    assert "--at" in refused.value.hint


class TestTemplates:
    bare = Change("CHG-A", "Bare", Status.PLANNED, (Target.host("h"),))

    def filled(self, template, change=None, **options):
        return announcement(change or self.bare, Moment.BEFORE, template, UTC, **options)

    def test_a_line_whose_only_field_is_empty_is_left_out(self):
        assert self.filled("a\nTicket: $ticket\nb\n") == "a\nb\n"

    def test_a_line_with_one_field_that_says_something_stays(self):
        assert self.filled("$id $ticket\n") == "CHG-A\n"

    def test_of_several_empty_lines_one_is_kept(self):
        assert self.filled("\n\na\n\n$ticket\n\nb\n\n\n") == "a\n\nb\n"

    def test_two_dollars_are_one(self):
        assert self.filled("$$5 for ${title}s") == "$5 for Bares\n"

    def test_an_unknown_field_is_refused_by_place_and_name(self):
        with pytest.raises(InvalidInput) as refused:
            self.filled("$title\n\n$tilte", called="/srv/announce-before.txt")
        assert refused.value.message == "/srv/announce-before.txt, line 3: there is no field $tilte"
        assert all(name in refused.value.hint for name in FIELDS)

    @pytest.mark.parametrize("wrong", ["costs $ 5", "100$", "${title", "${a b}", "$-"])
    def test_a_lone_dollar_is_refused(self, wrong):
        with pytest.raises(InvalidInput, match="line 1"):
            self.filled(wrong)

    def test_a_value_is_not_a_template(self):
        assert self.filled("$title", replace(self.bare, title="$actor $$ ${x}")) == "$actor $$ ${x}\n"

    def test_each_line_of_a_value_is_written_by_itself(self):
        assert self.filled("$description", replace(self.bare, description="a\nb"), written=lambda line: f"<{line}>") == "<a>\n<b>\n"

    @given(st.text(st.characters(codec="utf-8")))
    def test_any_template_is_filled_or_refused(self, template):
        try:
            said = self.filled(template)
        except InvalidInput as refused:
            assert re.search(r"the template, line \d+: ", refused.message)
        else:
            assert said.endswith("\n")
            assert "\n\n\n" not in said
