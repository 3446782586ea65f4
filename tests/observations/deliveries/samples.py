"""One document of each format, as its tool writes it, with a secret in every place where tools put one."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any

from changelog_ledger.model.delivery import Delivered, Entry, LeftOut, Outcome, Unread
from changelog_ledger.observations.deliveries.registry import MAPPERS

SECRET = "hunter2-correct-horse"

PLAN: dict[str, Any] = {
    "format_version": "1.2",
    "terraform_version": "1.9.5",
    "timestamp": "2025-06-02T08:00:00Z",
    "variables": {"db_password": {"value": SECRET}},
    "planned_values": {"root_module": {"resources": [{"address": "aws_db_instance.main", "values": {"password": SECRET}}]}},
    "resource_changes": [
        {
            "address": "aws_db_instance.main",
            "mode": "managed",
            "type": "aws_db_instance",
            "change": {
                "actions": ["update"],
                "before": {"password": SECRET, "size": 20},
                "after": {"password": SECRET + "2", "size": 20},
                "after_sensitive": {"password": True},
            },
        },
        {"address": "aws_instance.web[0]", "change": {"actions": ["delete", "create"], "before": {"ami": "a"}, "after": {"ami": "b"}}},
        {"address": "aws_vpc.main", "change": {"actions": ["no-op"], "before": {}, "after": {}}},
        {"address": "data.aws_ami.base", "mode": "data", "change": {"actions": ["read"], "before": None, "after": {}}},
    ],
    "resource_drift": [
        {
            "address": "aws_security_group.web",
            "change": {"actions": ["update"], "before": {"ingress": [], "token": SECRET}, "after": {"ingress": ["0.0.0.0/0"], "token": SECRET + "3"}},
        }
    ],
    "output_changes": {"password": {"actions": ["create"], "after": SECRET, "after_sensitive": False}},
}


def message(kind: str, at: str, **members: Any) -> dict[str, Any]:
    """A message of ``terraform apply -json``."""
    return {"@level": "info", "@message": f"{kind} {SECRET}", "@module": "terraform.ui", "@timestamp": at, "type": kind, **members}


def hook(address: str, action: str, **more: Any) -> dict[str, Any]:
    return {"hook": {"resource": {"addr": address, "resource_type": "aws_instance"}, "action": action, "id_value": SECRET, **more}}


APPLY = [
    message("version", "2025-06-02T10:00:00.000001+02:00", terraform="1.9.5", ui="1.2"),
    message("planned_change", "2025-06-02T10:00:01+02:00", change={"resource": {"addr": "aws_instance.web"}, "action": "update"}),
    message("apply_start", "2025-06-02T10:00:02+02:00", **hook("aws_instance.web", "update")),
    message("apply_progress", "2025-06-02T10:00:12+02:00", **hook("aws_instance.web", "update", elapsed_seconds=10)),
    message("apply_complete", "2025-06-02T10:00:20+02:00", **hook("aws_instance.web", "update", elapsed_seconds=18)),
    message("change_summary", "2025-06-02T10:00:21+02:00", changes={"add": 0, "change": 1, "remove": 0, "operation": "apply"}),
    message("outputs", "2025-06-02T10:00:21+02:00", outputs={"password": {"sensitive": False, "type": "string", "value": SECRET}}),
]

EVENT: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Event",
    "metadata": {"name": "shop-7d4b9c6f88-x2x4z.17f1", "namespace": "web", "uid": "0a1b2c3d-0000-4000-8000-000000000001"},
    "involvedObject": {"kind": "Pod", "namespace": "web", "name": "shop-7d4b9c6f88-x2x4z", "uid": "77"},
    "reason": "BackOff",
    "message": "Back-off restarting failed container shop in pod shop-7d4b9c6f88-x2x4z_web(77)",
    "source": {"component": "kubelet", "host": "web-01"},
    "firstTimestamp": "2025-06-02T08:00:00Z",
    "lastTimestamp": "2025-06-02T08:10:00Z",
    "count": 7,
    "type": "Warning",
    "eventTime": None,
    "reportingComponent": "kubelet",
    "reportingInstance": "web-01",
}
NEW_EVENT: dict[str, Any] = {
    "apiVersion": "events.k8s.io/v1",
    "kind": "Event",
    "metadata": {"name": "shop.17f2", "namespace": "web", "uid": "0a1b2c3d-0000-4000-8000-000000000002"},
    "eventTime": "2025-06-02T08:00:00.123456Z",
    "series": {"count": 3, "lastObservedTime": "2025-06-02T08:01:00.000000Z"},
    "reportingController": "deployment-controller",
    "reportingInstance": "",
    "action": "Scaling",
    "reason": "ScalingReplicaSet",
    "regarding": {"kind": "Deployment", "namespace": "web", "name": "shop"},
    "note": "Scaled up replica set shop-7d4b9c6f88 to 3",
    "type": "Normal",
}
QUIET_EVENT = EVENT | {"type": "Normal", "reason": "Pulled", "message": "Container image already present"}

AUDIT: dict[str, Any] = {
    "kind": "Event",
    "apiVersion": "audit.k8s.io/v1",
    "level": "RequestResponse",
    "auditID": "5f1f2a6e-0000-4000-8000-000000000003",
    "stage": "ResponseComplete",
    "requestURI": "/api/v1/namespaces/web/secrets/db?fieldManager=kubectl-edit",
    "verb": "update",
    "user": {"username": "alex@example.org", "groups": ["system:authenticated"]},
    "sourceIPs": ["198.51.100.7"],
    "userAgent": "kubectl/v1.31.0",
    "objectRef": {"resource": "secrets", "namespace": "web", "name": "db", "apiVersion": "v1"},
    "responseStatus": {"metadata": {}, "code": 200},
    "requestObject": {"kind": "Secret", "data": {"password": SECRET}, "stringData": {"password": SECRET}},
    "responseObject": {"kind": "Secret", "data": {"password": SECRET}},
    "requestReceivedTimestamp": "2025-06-02T08:00:00.000000Z",
    "stageTimestamp": "2025-06-02T08:00:00.010000Z",
}

REPOSITORY = {"id": 1, "name": "shop", "full_name": "acme/shop", "html_url": "https://github.example/acme/shop"}
DEPLOYMENT: dict[str, Any] = {
    "id": 145988746,
    "sha": "f95f852bd8fca8fcc58a9a2d6c842781e32a215e",
    "ref": "v2.1.0",
    "task": "deploy",
    "payload": {"token": SECRET},
    "environment": "production",
    "description": None,
    "creator": {"login": "alex"},
    "created_at": "2025-06-02T08:00:00Z",
    "updated_at": "2025-06-02T08:00:00Z",
}
DEPLOYMENT_STATUS: dict[str, Any] = {
    "action": "created",
    "deployment_status": {
        "id": 209916254,
        "state": "success",
        "creator": {"login": "alex"},
        "environment": "production",
        "log_url": f"https://alex:{SECRET}@ci.example.org/logs/7?token={SECRET}#x",
        "created_at": "2025-06-02T08:04:00Z",
        "updated_at": "2025-06-02T08:04:00Z",
    },
    "deployment": DEPLOYMENT,
    "repository": REPOSITORY,
    "sender": {"login": "alex"},
}
WORKFLOW_RUN: dict[str, Any] = {
    "action": "completed",
    "workflow_run": {
        "id": 289782451,
        "name": "Deploy",
        "head_branch": "main",
        "head_sha": "f95f852bd8fca8fcc58a9a2d6c842781e32a215e",
        "run_number": 12,
        "run_attempt": 2,
        "event": "push",
        "status": "completed",
        "conclusion": "failure",
        "created_at": "2025-06-02T08:00:00Z",
        "run_started_at": "2025-06-02T08:01:00Z",
        "updated_at": "2025-06-02T08:03:00Z",
        "actor": {"login": "sam"},
        "triggering_actor": {"login": "alex"},
        "html_url": "https://github.example/acme/shop/actions/runs/289782451",
    },
    "repository": REPOSITORY,
}
RELEASE: dict[str, Any] = {
    "action": "published",
    "release": {
        "id": 11248810,
        "tag_name": "v2.1.0",
        "target_commitish": "main",
        "name": "2.1",
        "author": {"login": "alex"},
        "created_at": "2025-06-02T07:00:00Z",
        "published_at": "2025-06-02T08:00:00Z",
    },
    "repository": REPOSITORY,
}
GITLAB_DEPLOYMENT: dict[str, Any] = {
    "object_kind": "deployment",
    "status": "success",
    "status_changed_at": "2025-06-02 10:00:00 +0200",
    "deployment_id": 15,
    "deployable_url": f"https://gitlab.example/acme/shop/-/jobs/796?private_token={SECRET}",
    "environment": "staging",
    "project": {"name": "shop", "path_with_namespace": "acme/shop"},
    "short_sha": "279484c0",
    "user": {"name": "Alex", "username": "alex", "email": "alex@example.org"},
    "ref": "main",
    "commit_title": "Raise the pool",
}
GITLAB_PIPELINE: dict[str, Any] = {
    "object_kind": "pipeline",
    "object_attributes": {
        "id": 31,
        "ref": "main",
        "sha": "bcbb5ec396a2c0f828686f14fac9b80b780504f2",
        "source": "push",
        "status": "failed",
        "created_at": "2025-06-02 08:00:00 UTC",
        "finished_at": "2025-06-02 08:05:00 UTC",
        "variables": [{"key": "TOKEN", "value": SECRET}],
    },
    "user": {"username": "alex"},
    "project": {"path_with_namespace": "acme/shop"},
}
CHANGE_EVENT: dict[str, Any] = {
    "routing_key": SECRET,
    "payload": {
        "summary": "Build #2 of shop deployed",
        "timestamp": "2025-06-02T08:00:00.000Z",
        "source": "web-01.example.org",
        "custom_details": {"build_state": "passed", "run_time": "1236s"},
    },
    "links": [{"href": f"https://ci.example.org/builds/2?key={SECRET}", "text": "the build"}],
}
LISTED_CHANGE_EVENTS: dict[str, Any] = {
    "change_events": [
        {
            "id": "01BYMKSRSVYPNOMBA5R8MJ4A9F",
            "type": "change_event",
            "summary": "Feature flag raised",
            "timestamp": "2025-06-02T08:00:00Z",
            "source": "flags",
            "services": [{"id": "P1", "type": "service_reference", "summary": "shop"}],
            "routing_key": SECRET,
            "links": [],
        }
    ],
    "limit": 25,
    "more": False,
}
FIRING: dict[str, Any] = {
    "status": "firing",
    "labels": {"alertname": "HighLatency", "instance": "web-01:9100", "job": "shop", "severity": "critical"},
    "annotations": {"summary": "p99 above 2 s", "description": "long"},
    "startsAt": "2025-06-02T08:00:00.123456789Z",
    "endsAt": "0001-01-01T00:00:00Z",
    "generatorURL": f"https://prom.example/graph?token={SECRET}",
    "fingerprint": "c27c4b4d8c9b3a6f",
}
RESOLVED: dict[str, Any] = FIRING | {"status": "resolved", "endsAt": "2025-06-02T08:30:00Z"}
WEBHOOK: dict[str, Any] = {
    "version": "4",
    "groupKey": '{}:{alertname="HighLatency"}',
    "truncatedAlerts": 0,
    "status": "firing",
    "receiver": "ledger",
    "groupLabels": {"alertname": "HighLatency"},
    "commonLabels": {},
    "commonAnnotations": {},
    "externalURL": "https://alertmanager.example",
    "alerts": [FIRING],
}
LISTED_ALERT: dict[str, Any] = {
    "labels": FIRING["labels"],
    "annotations": FIRING["annotations"],
    "startsAt": "2025-06-02T08:00:00.123Z",
    "endsAt": "2025-06-02T08:34:00.000Z",
    "updatedAt": "2025-06-02T08:30:00.000Z",
    "fingerprint": FIRING["fingerprint"],
    "receivers": [{"name": "ledger"}],
    "status": {"state": "active", "silencedBy": [], "inhibitedBy": []},
}

DOCUMENTS: dict[str, list[Any]] = {
    "terraform": [PLAN, APPLY],
    "kubernetes-events": [EVENT, NEW_EVENT, {"kind": "List", "apiVersion": "v1", "items": [EVENT, QUIET_EVENT]}],
    "kubernetes-audit": [AUDIT],
    "github-deployment": [DEPLOYMENT_STATUS, {"action": "created", "deployment": DEPLOYMENT, "repository": REPOSITORY}, WORKFLOW_RUN, RELEASE],
    "gitlab": [GITLAB_DEPLOYMENT, GITLAB_PIPELINE],
    "pagerduty-change": [CHANGE_EVENT, LISTED_CHANGE_EVENTS],
    "alertmanager": [WEBHOOK, WEBHOOK | {"alerts": [RESOLVED]}, [LISTED_ALERT]],
}


def mapped(name: str, *documents: Any) -> list[Outcome]:
    """What the mapper makes of documents, each an entry of its own."""
    entries = [document if isinstance(document, Entry) else Entry(number, copy.deepcopy(document)) for number, document in enumerate(documents, 1)]
    return list(MAPPERS[name](entries))


def delivered(outcomes: Iterable[Outcome]) -> list[Delivered]:
    return [outcome for outcome in outcomes if isinstance(outcome, Delivered)]


def unread(outcomes: Iterable[Outcome]) -> list[Unread]:
    return [outcome for outcome in outcomes if isinstance(outcome, Unread)]


def left_out(outcomes: Iterable[Outcome]) -> int:
    return sum(isinstance(outcome, LeftOut) for outcome in outcomes)
