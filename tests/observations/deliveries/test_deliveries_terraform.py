"""Terraform: plans, applies, drift, and nothing of any value."""

from __future__ import annotations

from typing import Any

from .samples import APPLY, PLAN, delivered, hook, left_out, mapped, message, unread


def test_a_plan_is_a_planned_change_and_its_drift_are_observations() -> None:
    planned, drift = (each.line for each in delivered(mapped("terraform", PLAN)))
    assert planned["kind"] == "change"
    assert planned["status"] == "planned"
    assert planned["title"] == "terraform plan: 1 resource to replace, 1 resource to update"
    assert planned["description"] == "update aws_db_instance.main\nreplace aws_instance.web[0]"
    assert planned["recorded_at"] == "2025-06-02T08:00:00Z"
    assert drift["what"] == "drift"
    assert drift["summary"] == "aws_security_group.web was altered outside of Terraform: update of ingress, token"
    assert drift["data"]["attributes"] == ["ingress", "token"]


def test_a_plan_that_alters_nothing_is_left_out() -> None:
    outcomes = mapped("terraform", PLAN | {"resource_changes": PLAN["resource_changes"][2:], "resource_drift": []})
    assert (delivered(outcomes), left_out(outcomes)) == ([], 1)


def test_drift_without_a_time_is_told_and_the_plan_is_read() -> None:
    outcomes = mapped("terraform", {name: value for name, value in PLAN.items() if name != "timestamp"})
    assert [each.line["kind"] for each in delivered(outcomes)] == ["change"]
    assert "does not say when" in unread(outcomes)[0].why


def test_a_plan_without_a_time_is_known_by_what_it_would_do() -> None:
    untimed: dict[str, Any] = {name: value for name, value in PLAN.items() if name not in ("timestamp", "resource_drift")}
    (plan,), (again,) = delivered(mapped("terraform", untimed)), delivered(mapped("terraform", untimed))
    assert plan.line["ref"] == again.line["ref"]
    first, *rest = untimed["resource_changes"]
    other = first | {"change": first["change"] | {"before": {"color": "red"}, "after": {"color": "blue"}}}
    (differing,) = delivered(mapped("terraform", untimed | {"resource_changes": [other, *rest]}))
    assert differing.line["description"] == plan.line["description"]
    assert differing.line["ref"] != plan.line["ref"]
    secret = other | {"change": other["change"] | {"after": {"color": "green"}}}
    (same,) = delivered(mapped("terraform", untimed | {"resource_changes": [secret, *rest]}))
    assert same.line["ref"] == differing.line["ref"], "a value has no part in it"


def test_an_apply_is_one_deploy_as_of_when_it_began() -> None:
    (deploy,) = (each.line for each in delivered(mapped("terraform", *APPLY)))
    assert (deploy["what"], deploy["at"]) == ("deploy", "2025-06-02T08:00:02Z")
    assert deploy["summary"] == "terraform apply: 1 resource updated: aws_instance.web"
    assert deploy["data"] == {
        "tool": "terraform",
        "outcome": "succeeded",
        "version": "1.9.5",
        "started_at": "2025-06-02T08:00:02Z",
        "ended_at": "2025-06-02T08:00:20Z",
        "resources": [{"address": "aws_instance.web", "action": "update", "outcome": "succeeded"}],
        "resources_total": 1,
    }


def test_a_log_that_breaks_off_was_interrupted() -> None:
    (deploy,) = delivered(mapped("terraform", *APPLY[:3]))
    assert deploy.line["data"]["outcome"] == "interrupted"
    assert deploy.line["summary"] == "terraform apply interrupted: update of 1 resource did not end: aws_instance.web"


def test_the_finished_log_is_something_else_than_the_torn_one() -> None:
    (torn,), (finished,) = delivered(mapped("terraform", *APPLY[:3])), delivered(mapped("terraform", *APPLY))
    assert torn.line["ref"] != finished.line["ref"]
    (again,) = delivered(mapped("terraform", *APPLY[:3]))
    assert torn.line["ref"] == again.line["ref"]


def test_so_is_the_finished_log_of_one_that_had_failed_where_it_was_torn() -> None:
    begun = [message("apply_start", "2025-06-02T10:00:02+02:00", **hook(f"aws_instance.{name}", "update")) for name in "ab"]
    ended = [message("apply_errored", "2025-06-02T10:00:04+02:00", **hook(f"aws_instance.{name}", "update")) for name in "ab"]
    (torn,), (finished,) = delivered(mapped("terraform", *begun, ended[0])), delivered(mapped("terraform", *begun, *ended))
    assert torn.line["data"]["outcome"] == finished.line["data"]["outcome"] == "failed"
    assert torn.line["ref"] != finished.line["ref"]


def test_errors_make_it_failed() -> None:
    failed = [
        *APPLY[:3],
        message("apply_errored", "2025-06-02T10:00:09+02:00", **hook("aws_instance.web", "update")),
        message("diagnostic", "2025-06-02T10:00:10+02:00", diagnostic={"severity": "error", "summary": "no capacity", "detail": "…"}),
    ]
    (deploy,) = delivered(mapped("terraform", *failed))
    assert (deploy.line["data"]["outcome"], deploy.line["data"]["errors"]) == ("failed", ["no capacity"])
    assert deploy.line["summary"] == "terraform apply failed: update of 1 resource failed: aws_instance.web"


def test_what_was_done_is_told_in_the_past_and_counted() -> None:
    log = [APPLY[0]]
    for name, action, end in (("a", "create", "complete"), ("b", "create", "complete"), ("c", "delete", "complete"), ("d", "update", "errored")):
        log += [message(f"apply_{kind}", "2025-06-02T10:00:02+02:00", **hook(f"aws_instance.{name}", action)) for kind in ("start", end)]
    (deploy,) = delivered(mapped("terraform", *log))
    numbers = "1 resource deleted, 2 resources created, update of 1 resource failed"
    names = "aws_instance.a created, aws_instance.b created, aws_instance.c deleted and 1 more"
    assert deploy.line["summary"] == f"terraform apply failed: {numbers}: {names}"
    (deploy,) = delivered(mapped("terraform", *log[:5]))
    assert deploy.line["summary"] == "terraform apply: 2 resources created: aws_instance.a, aws_instance.b"


def test_delete_and_create_of_one_resource_is_a_replacement() -> None:
    log = [APPLY[0]]
    for second, action in enumerate(("delete", "create")):
        log += [message(kind, f"2025-06-02T10:00:0{second}+02:00", **hook("aws_instance.web", action)) for kind in ("apply_start", "apply_complete")]
    (deploy,) = delivered(mapped("terraform", *log))
    assert deploy.line["data"]["resources"] == [{"address": "aws_instance.web", "action": "replace", "outcome": "succeeded"}]


def test_two_runs_in_one_log_are_two_deploys() -> None:
    again = [each | {"@timestamp": each["@timestamp"].replace("T10:", "T11:")} for each in APPLY]
    assert len(delivered(mapped("terraform", *APPLY, *again))) == 2


def test_a_log_of_a_plan_is_no_deploy() -> None:
    assert delivered(mapped("terraform", *APPLY[:2])) == []


def test_a_state_is_refused_in_words() -> None:
    assert "it is a state" in unread(mapped("terraform", {"version": 4, "lineage": "x", "resources": []}))[0].why
    assert "it is a state" in unread(mapped("terraform", {"format_version": "1.0", "values": {"root_module": {}}}))[0].why


def test_a_torn_line_costs_no_other() -> None:
    from changelog_ledger.model.delivery import Entry

    outcomes = mapped("terraform", *APPLY[:3], Entry(4, problem="not JSON"), *APPLY[4:])
    assert len(delivered(outcomes)) == 1
    assert unread(outcomes)[0].where == "entry 4"
