"""States of services, compared."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from changelog_ledger.model.ingestion import Seen
from changelog_ledger.observations.journal.unit_states import compared, failed_since, states_of, timers_of

LOOKED_AT = datetime(2025, 6, 1, 3, 0, tzinfo=UTC)
NOW = LOOKED_AT + timedelta(hours=1)


def shown(unit: str = "app.service", **properties: str) -> str:
    known = {
        "Id": unit,
        "Type": "notify",
        "ActiveState": "active",
        "SubState": "running",
        "Result": "success",
        "InvocationID": "aaaa",
        "MainPID": "812",
        "NRestarts": "0",
        "TriggeredBy": "",
        "ActiveEnterTimestamp": "",
        "InactiveEnterTimestamp": "",
    }
    return "".join(f"{name}={value}\n" for name, value in (known | properties).items())


def between(before: str, now: str) -> list[Seen]:
    return list(compared("hv-03", states_of(before), states_of(now), LOOKED_AT, NOW))


def test_another_invocation_is_a_restart_at_the_time_that_systemd_knows() -> None:
    entered = int((LOOKED_AT + timedelta(minutes=12)).timestamp())
    [seen] = between(shown(), shown(InvocationID="bbbb", ActiveEnterTimestamp=f"@{entered}"))
    assert (seen.what, seen.at, seen.not_before) == ("service-restarted", LOOKED_AT + timedelta(minutes=12), None)
    assert seen.data["subject"] == "unit:app.service"


def test_a_time_that_is_not_known_is_a_range() -> None:
    [seen] = between(shown(), shown(InvocationID="bbbb"))
    assert (seen.not_before, seen.at) == (LOOKED_AT, NOW)


def test_started_stopped_failed() -> None:
    off = {"ActiveState": "inactive", "SubState": "dead"}
    assert [each.what for each in between(shown(**off), shown())] == ["service-started"]
    assert [each.what for each in between(shown(), shown(**off))] == ["service-stopped"]
    failed = shown(ActiveState="failed", Result="oom-kill")
    assert [each.summary for each in between(shown(), failed)] == ["app.service failed: oom-kill"]
    assert between(failed, failed) == []


def test_nothing_is_nothing() -> None:
    assert between(shown(), shown()) == []
    assert between("", shown()) == []


def test_jobs_are_left_out_and_their_failures_are_not() -> None:
    job = {"Type": "oneshot"}
    assert between(shown(**job), shown(**job, InvocationID="bbbb")) == []
    assert [each.what for each in between(shown(**job), shown(**job, ActiveState="failed"))] == ["service-failed"]
    timed = shown(TriggeredBy="app.timer")
    assert between(timed, timed.replace("aaaa", "bbbb")) == []
    assert timers_of(states_of(timed)) == ("app.service",)


def test_after_a_reboot_only_failures_are_news() -> None:
    before, now = states_of(shown() + "\n" + shown("b.service")), states_of(shown(InvocationID="b") + "\n" + shown("b.service", ActiveState="failed"))
    assert [each.data["unit"] for each in failed_since("hv-03", before, now, LOOKED_AT, NOW)] == ["b.service"]


def test_a_text_that_is_cut_is_read_as_far_as_it_goes() -> None:
    text = shown() + "\n" + shown("b.service")
    for cut in range(0, len(text), 7):
        states_of(text[:cut])
    assert len(states_of(text)) == 2
