"""Kubernetes: events and the audit log."""

from __future__ import annotations

import pytest

from .samples import AUDIT, EVENT, NEW_EVENT, QUIET_EVENT, delivered, left_out, mapped, unread


class TestEvents:
    def test_an_event_is_recorded_as_of_when_it_began(self) -> None:
        (found,) = delivered(mapped("kubernetes-events", EVENT))
        assert (found.line["what"], found.line["at"], found.line["actor"]) == ("kubernetes-event", "2025-06-02T08:00:00Z", "kubelet")
        assert found.line["summary"].startswith("BackOff Pod web/shop-7d4b9c6f88-x2x4z: Back-off restarting failed container")
        assert found.line["summary"].endswith("(×7, last at 2025-06-02T08:10:00Z)")
        assert found.line["data"]["last_at"] == "2025-06-02T08:10:00Z"
        assert found.names[0] == "service:shop"
        assert "host:web-01" in found.names

    def test_the_newer_shape_says_the_same(self) -> None:
        (found,) = delivered(mapped("kubernetes-events", NEW_EVENT))
        assert found.line["summary"].startswith("ScalingReplicaSet Deployment web/shop: Scaled up replica set")
        assert (found.line["data"]["count"], found.line["actor"]) == (3, "deployment-controller")

    def test_lists_and_watches(self) -> None:
        watched = {"type": "ADDED", "object": EVENT}
        for document in ({"kind": "EventList", "items": [EVENT]}, {"kind": "List", "items": [EVENT]}, [EVENT], watched):
            assert len(delivered(mapped("kubernetes-events", document))) == 1

    def test_it_counts_up_and_is_recorded_again_with_another_digit_only(self) -> None:
        refs = [delivered(mapped("kubernetes-events", EVENT | {"count": count}))[0].line["ref"] for count in (7, 9, 10, 99, 100)]
        assert (refs[0] == refs[1], refs[1] == refs[2], refs[2] == refs[3], refs[3] == refs[4]) == (True, False, True, False)

    @pytest.mark.parametrize("reason", ["Scheduled", "Pulling", "Pulled", "Created", "Started", "LeaderElection"])
    def test_what_happens_all_day_is_left_out(self, reason: str) -> None:
        assert left_out(mapped("kubernetes-events", QUIET_EVENT | {"reason": reason})) == 1

    @pytest.mark.parametrize("reason", ["Killing", "NodeNotReady", "ScalingReplicaSet", "Rebooted"])
    def test_what_tells_is_kept_though_it_is_normal(self, reason: str) -> None:
        assert len(delivered(mapped("kubernetes-events", EVENT | {"type": "Normal", "reason": reason}))) == 1

    def test_a_bad_item_costs_no_other(self) -> None:
        outcomes = mapped("kubernetes-events", {"kind": "List", "items": [EVENT | {"firstTimestamp": "yesterday"}, NEW_EVENT]})
        assert len(delivered(outcomes)) == 1
        assert unread(outcomes)[0].where == "entry 1, item 1"
        assert "firstTimestamp" in unread(outcomes)[0].why

    def test_a_node_is_a_host(self) -> None:
        about = EVENT | {"involvedObject": {"kind": "Node", "name": "hv-03.example.org"}, "reason": "NodeNotReady", "source": {"component": "x"}}
        assert delivered(mapped("kubernetes-events", about))[0].names == ("host:hv-03.example.org", "host:hv-03")


class TestAudit:
    def test_who_altered_what_from_where(self) -> None:
        (found,) = delivered(mapped("kubernetes-audit", AUDIT))
        assert found.line["summary"] == "alex@example.org updated secrets web/db from 198.51.100.7"
        assert found.line["actor"] == "alex@example.org"
        assert found.line["what"] == "kubernetes-change"
        assert found.line["data"]["verb"] == "update"

    @pytest.mark.parametrize(
        "altered",
        [
            {"verb": "get"},
            {"verb": "watch"},
            {"stage": "RequestReceived"},
            {"responseStatus": {"code": 403}},
            {"objectRef": {"resource": "leases", "namespace": "kube-system", "name": "x"}},
            {"objectRef": {"resource": "pods", "subresource": "status", "name": "x"}},
            {"user": {"username": "system:node:web-01"}},
            {"user": {"username": "system:kube-scheduler"}},
            {"requestURI": "/api/v1/namespaces/web/configmaps?dryRun=All"},
            {"objectRef": None},
        ],
    )
    def test_reads_refusals_and_machinery_are_left_out(self, altered: dict[str, object]) -> None:
        outcomes = mapped("kubernetes-audit", AUDIT | altered)
        assert (delivered(outcomes), left_out(outcomes)) == ([], 1)

    @pytest.mark.parametrize("verb", ["create", "get"])
    def test_a_command_in_a_container_is_told(self, verb: str) -> None:
        inside = AUDIT | {"verb": verb, "responseStatus": {"code": 101}}
        inside["objectRef"] = {"resource": "pods", "subresource": "exec", "namespace": "web", "name": "shop-1"}
        assert delivered(mapped("kubernetes-audit", inside))[0].line["summary"].startswith("alex@example.org ran a command in pods/exec web/shop-1")

    def test_whoever_is_impersonated_is_named_with_who_did_it(self) -> None:
        (found,) = delivered(mapped("kubernetes-audit", AUDIT | {"impersonatedUser": {"username": "admin"}}))
        assert (found.line["actor"], found.line["data"]["on_behalf"]) == ("admin", "alex@example.org")

    def test_what_is_no_audit_event_is_told(self) -> None:
        assert "auditID" in unread(mapped("kubernetes-audit", {"kind": "Pod"}))[0].why
