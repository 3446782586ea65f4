"""What a JSON document looks like, for whoever gave it to the wrong command."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from changelog_ledger.observations.deliveries.untrusted import text

_NAMED = 5
_LONGEST_NAME = 40

_LOOKS: tuple[tuple[frozenset[str], str], ...] = tuple(
    (frozenset(members.split()), words)
    for members, words in (
        ("resource_changes", "a Terraform plan (ledger ingest terraform)"),
        ("@message type", "a log of Terraform (ledger ingest terraform)"),
        ("lineage resources", "a Terraform state, which tells no change"),
        ("deployment_status deployment", "a GitHub deployment payload (ledger ingest github-deployment)"),
        ("workflow_run repository", "a GitHub workflow payload (ledger ingest github-deployment)"),
        ("release repository", "a GitHub release payload (ledger ingest github-deployment)"),
        ("commits ref before after repository", "a GitHub push payload; commits are read from a clone (ledger ingest git)"),
        ("pull_request repository", "a GitHub pull request payload, which says what may be merged and not what was done"),
        ("object_kind", "a GitLab webhook payload (ledger ingest gitlab)"),
        ("auditID verb", "an audit event of Kubernetes (ledger ingest kubernetes-audit)"),
        ("involvedObject reason", "an event of Kubernetes (ledger ingest kubernetes-events)"),
        ("regarding reason", "an event of Kubernetes (ledger ingest kubernetes-events)"),
        ("alerts groupLabels", "a message of Alertmanager (ledger ingest alertmanager)"),
        ("labels startsAt", "an alert of Alertmanager (ledger ingest alertmanager)"),
        ("change_events", "a listing of PagerDuty's change events (ledger ingest pagerduty-change)"),
        ("payload routing_key", "an event for PagerDuty (ledger ingest pagerduty-change)"),
        ("__REALTIME_TIMESTAMP", "an entry of the journal (ledger ingest journal --file)"),
    )
)


def likeness(value: Any) -> str:
    """What a document looks like, in words; of an array its first item is asked."""
    while isinstance(value, list):
        if not value:
            return "an empty array"
        value = value[0]
    if not isinstance(value, Mapping):
        return "no JSON object"
    if known := next((words for members, words in _LOOKS if members <= value.keys()), ""):
        return known
    if kind := text(value, "kind"):
        return f"an object of Kubernetes ({kind[:40]})"
    names = ", ".join(json.dumps(name[:_LONGEST_NAME], ensure_ascii=False) for name in list(value)[:_NAMED])
    more = f" and {len(value) - _NAMED} more" if len(value) > _NAMED else ""
    return f"an object with {names}{more}" if names else "an empty object"
