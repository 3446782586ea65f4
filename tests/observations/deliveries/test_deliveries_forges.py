"""GitHub, GitLab, PagerDuty."""

from __future__ import annotations

import pytest

from .samples import (
    CHANGE_EVENT,
    DEPLOYMENT,
    DEPLOYMENT_STATUS,
    GITLAB_DEPLOYMENT,
    GITLAB_PIPELINE,
    LISTED_CHANGE_EVENTS,
    RELEASE,
    REPOSITORY,
    WORKFLOW_RUN,
    delivered,
    left_out,
    mapped,
    unread,
)


class TestGitHub:
    def test_a_deployment_that_has_ended(self) -> None:
        (found,) = delivered(mapped("github-deployment", DEPLOYMENT_STATUS))
        assert found.line["summary"] == "acme/shop v2.1.0 (f95f852) deployed to production by alex"
        assert (found.line["at"], found.line["data"]["started_at"]) == ("2025-06-02T08:04:00Z", "2025-06-02T08:00:00Z")
        assert found.line["data"]["outcome"] == "succeeded"
        assert found.line["data"]["address"] == "https://ci.example.org/logs/7"
        assert found.names[0] == "service:shop"

    @pytest.mark.parametrize("state", ["queued", "pending", "in_progress", "inactive"])
    def test_a_step_on_the_way_is_left_out(self, state: str) -> None:
        status = DEPLOYMENT_STATUS["deployment_status"] | {"state": state}
        assert left_out(mapped("github-deployment", DEPLOYMENT_STATUS | {"deployment_status": status})) == 1

    def test_a_deployment_that_is_asked_for(self) -> None:
        (found,) = delivered(mapped("github-deployment", {"action": "created", "deployment": DEPLOYMENT, "repository": REPOSITORY}))
        assert found.line["summary"] == "deployment of acme/shop v2.1.0 (f95f852) to production requested by alex"

    def test_a_workflow_run_and_its_listing(self) -> None:
        (found,) = delivered(mapped("github-deployment", WORKFLOW_RUN))
        assert found.line["summary"] == "Deploy #12 of acme/shop failed on main by alex"
        assert (found.line["what"], found.line["at"]) == ("pipeline", "2025-06-02T08:01:00Z")
        listing = {"total_count": 1, "workflow_runs": [WORKFLOW_RUN["workflow_run"] | {"repository": REPOSITORY}]}
        assert delivered(mapped("github-deployment", listing))[0].line["ref"] == found.line["ref"]

    def test_a_release(self) -> None:
        assert delivered(mapped("github-deployment", RELEASE))[0].line["summary"] == "acme/shop v2.1.0 published by alex"

    def test_another_payload_is_told(self) -> None:
        assert unread(mapped("github-deployment", {"ref": "refs/heads/main", "commits": []}))


class TestGitLab:
    def test_a_deployment_and_its_odd_time(self) -> None:
        (found,) = delivered(mapped("gitlab", GITLAB_DEPLOYMENT))
        assert found.line["summary"] == "acme/shop main (279484c0) deployed to staging by alex"
        assert found.line["at"] == "2025-06-02T08:00:00Z"

    def test_a_pipeline(self) -> None:
        (found,) = delivered(mapped("gitlab", GITLAB_PIPELINE))
        assert found.line["summary"] == "pipeline 31 of acme/shop failed on main by alex"
        assert (found.line["at"], found.line["data"]["ended_at"]) == ("2025-06-02T08:00:00Z", "2025-06-02T08:05:00Z")

    def test_one_that_runs_is_left_out_and_another_kind_is_told(self) -> None:
        assert left_out(mapped("gitlab", GITLAB_DEPLOYMENT | {"status": "running"})) == 1
        assert "object_kind is push" in unread(mapped("gitlab", {"object_kind": "push"}))[0].why


class TestPagerDuty:
    def test_what_is_sent_and_what_is_listed(self) -> None:
        sent, listed = (delivered(mapped("pagerduty-change", each))[0] for each in (CHANGE_EVENT, LISTED_CHANGE_EVENTS))
        assert sent.line["summary"] == "Build #2 of shop deployed"
        assert sent.line["data"]["details"] == {"build_state": "passed", "run_time": "1236s"}
        assert sent.line["data"]["links"] == ["https://ci.example.org/builds/2"]
        assert sent.names == ("web-01.example.org", "web-01")
        assert listed.names[0] == "service:shop"

    def test_an_alert_is_no_change_event(self) -> None:
        assert "alert" in unread(mapped("pagerduty-change", CHANGE_EVENT | {"event_action": "trigger"}))[0].why

    def test_one_without_a_time_is_told(self) -> None:
        payload = {name: value for name, value in CHANGE_EVENT["payload"].items() if name != "timestamp"}
        assert unread(mapped("pagerduty-change", CHANGE_EVENT | {"payload": payload}))[0].why == "it has no time: no timestamp"

    @pytest.mark.parametrize("written", [1748851200, 1748851200000, 1748851200.0, "2025-06-02T10:00:00+02:00"])
    def test_times_of_every_kind(self, written: object) -> None:
        payload = CHANGE_EVENT["payload"] | {"timestamp": written}
        assert delivered(mapped("pagerduty-change", CHANGE_EVENT | {"payload": payload}))[0].line["at"] == "2025-06-02T08:00:00Z"

    @pytest.mark.parametrize("written", ["2025-06-02T10:00:00", "soon", float("nan"), 1e300, True, [], "1925-06-02T10:00:00Z"])
    def test_times_that_are_none(self, written: object) -> None:
        payload = CHANGE_EVENT["payload"] | {"timestamp": written}
        assert unread(mapped("pagerduty-change", CHANGE_EVENT | {"payload": payload}))
