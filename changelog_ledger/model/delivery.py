"""Deliveries: what deployment, orchestration and alerting tools write, entry by entry, and what each entry comes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Entry:
    """One JSON document of a file: the file itself, one line of JSON Lines, one of several documents that follow each other.

    :ivar number: counted from 1; of a line of JSON Lines the number of the line.
    :ivar problem: why it could not be read; empty if it could.
    """

    number: int
    value: Any = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Delivered:
    """Something that an entry tells, as a line of the import format that lacks its target.

    :ivar line: the line; ``on`` of an observation or change, ``target`` of a mark are filled in where the targets are known.
    :ivar names: what it may be about, the likeliest first, as written: ``host:NAME``, ``service:NAME``, or a bare name. Nobody has checked them.
    :ivar instead: the line to record where none of the names is known to the ledger; None for the same line, on ``all``.
    :ivar unless: names of what else is bad: where they come to the same target, the line does not hold and is left out.
    """

    line: Mapping[str, Any]
    names: tuple[str, ...] = ()
    instead: Mapping[str, Any] | None = None
    unless: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Unread:
    """An entry, or a part of one, that could not be read.

    :ivar where: ``entry 3``, ``entry 1, item 12``.
    """

    where: str
    why: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something that was read and says nothing of a change: what happens all day, a step on the way."""


Outcome = Delivered | Unread | LeftOut


@dataclass(frozen=True, slots=True)
class DeliveryFormat:
    """A format of deliveries, as people are told of it.

    :ivar line: what is recorded of it: one short sentence.
    :ivar becomes: what its entries become in the ledger.
    :ivar expects: what a file of it holds.
    :ivar example: how to get one into the ledger: a line for a shell.
    """

    line: str
    becomes: str
    expects: str
    example: str


DELIVERY_FORMATS: Mapping[str, DeliveryFormat] = {
    "terraform": DeliveryFormat(
        "Record plans, applies and drift of Terraform or OpenTofu.",
        "A plan becomes a planned change, an apply an observation, and so does every resource that was found altered. Values are never copied.",
        "a plan as 'terraform show -json PLAN' writes it, or the log of 'terraform apply -json'",
        "terraform show -json plan.out | ledger ingest terraform -",
    ),
    "kubernetes-events": DeliveryFormat(
        "Record what the events of a cluster tell.",
        "Warnings, kills, scaling, nodes that come and go become observations; what happens all day is left out.",
        "events of core/v1 or events.k8s.io/v1: a list, one, or one a line",
        "kubectl get events --all-namespaces -o json | ledger ingest kubernetes-events -",
    ),
    "kubernetes-audit": DeliveryFormat(
        "Record who altered what in a cluster, from its audit log.",
        "What people and deployment tools created, altered or deleted becomes observations; what the objects hold is never copied.",
        "events of audit.k8s.io/v1, one a line",
        "ledger ingest kubernetes-audit /var/log/kubernetes/audit.log",
    ),
    "github-deployment": DeliveryFormat(
        "Record deployments, workflow runs and releases of GitHub.",
        "Each becomes an observation when it has ended; a deployment also when it is asked for.",
        "a webhook payload of deployment, deployment_status, workflow_run or release, or an array of them",
        'ledger ingest github-deployment "$GITHUB_EVENT_PATH" --on service:shop',
    ),
    "gitlab": DeliveryFormat(
        "Record deployments and pipelines of GitLab.",
        "Each becomes an observation when it has ended.",
        "a payload of the deployment or pipeline webhook, or an array of them",
        "ledger ingest gitlab payload.json --on service:shop",
    ),
    "pagerduty-change": DeliveryFormat(
        "Record the change events that PagerDuty was sent.",
        "Each becomes an observation.",
        "a change event of the Events API v2, or the listing of the REST API (change_events)",
        "ledger ingest pagerduty-change change-events.json",
    ),
    "alertmanager": DeliveryFormat(
        "Record alerts as marks: seen bad, seen good.",
        "Bad since it fires, good since it was resolved; what is about nothing that the ledger knows becomes an observation on all.",
        "a webhook message (version 4), or the listing of /api/v2/alerts",
        "ledger ingest alertmanager alerts.json",
    ),
}
"""What :mod:`changelog_ledger.observations.deliveries.registry` has mappers for, under the same names."""
