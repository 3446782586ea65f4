"""Events of Kubernetes (``core/v1`` and ``events.k8s.io/v1`` Event, kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1).

An event is counted up while it goes on. It is recorded as of when it began, and once more whenever its count has another digit: whoever looks every
minute gets no thousand observations, and sees all the same that it became worse.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from changelog_ledger.model.delivery import Delivered, Entry, LeftOut, Outcome
from changelog_ledger.model.times import format_instant
from changelog_ledger.observations.deliveries.one_by_one import one_by_one
from changelog_ledger.observations.deliveries.untrusted import (
    Unreadable,
    data_of,
    first_text,
    items,
    member,
    needed_time,
    number,
    one_line,
    reference,
    text,
    time_in,
)

TELLING = frozenset(
    """Killing ScalingReplicaSet SuccessfulRescale ScaledUpGroup ScaleDown TriggeredScaleUp DeploymentRollback RollbackDone
    NodeNotReady NodeReady NodeNotSchedulable NodeSchedulable NodeNotAvailable NodeHasDiskPressure NodeHasInsufficientMemory NodeHasInsufficientPID
    Rebooted Starting Shutdown NodeShutdown DeletingNode RemovingNode DeletingAllPods Preempted Preempting Evicted TaintManagerEviction
    OOMKilling SystemOOM VolumeResizeSuccessful Promoted Suspended ReconciliationSucceeded OperationCompleted""".split()
)
"""Reasons of normal events that tell of a change. Warnings tell of one whatever their reason is."""

_LISTS = frozenset(("List", "EventList"))
_POD = re.compile(r"(?P<owner>.+?)(?:-[a-z0-9]{6,10})?-[a-z0-9]{5}")
_ORDINAL = re.compile(r"(?P<owner>.+)-\d+")


def read(entries: Iterable[Entry]) -> Iterator[Outcome]:
    """What events come to."""
    return one_by_one(entries, _unfold, _event)


def _unfold(document: Any) -> Sequence[Any] | None:
    return items(document, "items") if text(document, "kind") in _LISTS else None


def _event(item: Any) -> Iterator[Outcome]:
    if isinstance(member(item, "object"), Mapping) and "type" in item:  # of a watch: {"type": "ADDED", "object": {…}}
        item = item["object"]
    about = member(item, "involvedObject") or member(item, "regarding")
    reason = text(item, "reason")
    if not isinstance(about, Mapping) or (text(item, "kind") or "Event") != "Event":
        raise Unreadable("no event of Kubernetes: it has neither involvedObject nor regarding")
    if not reason:
        raise Unreadable("it has no reason")
    if text(item, "type") != "Warning" and reason not in TELLING:
        yield LeftOut()
        return
    yield _delivered(item, about, reason)


def _delivered(item: Any, about: Any, reason: str) -> Delivered:
    first = needed_time(item, "firstTimestamp", "deprecatedFirstTimestamp", "eventTime", "metadata.creationTimestamp", "lastTimestamp")
    last = time_in(item, "series.lastObservedTime", "lastTimestamp", "deprecatedLastTimestamp") or first
    count = max(1, number(item, "series", "count") or number(item, "count") or number(item, "deprecatedCount") or 1)
    message = first_text(item, "message", "note")
    kind, name, namespace = text(about, "kind"), text(about, "name"), text(about, "namespace")
    node = name if kind == "Node" else first_text(item, "source.host", "deprecatedSource.host", "reportingInstance")
    place = f"{namespace}/{name}" if namespace else name
    times = f" (×{count}, last at {format_instant(last.replace(microsecond=0))})" if count > 1 else ""
    identity = text(item, "metadata", "uid") or [place, kind, reason, message, format_instant(first)]
    line = {
        "kind": "observation",
        "ref": reference("kubernetes-event", identity, len(str(count))),
        "what": "kubernetes-event",
        "at": format_instant(first),
        "summary": one_line(f"{reason} {kind} {place}: {message}")[:260] + times,
        "actor": first_text(item, "reportingComponent", "reportingController", "source.component", "deprecatedSource.component")[:200],
        "data": data_of(
            reason=reason,
            type=text(item, "type"),
            kind=kind,
            name=name,
            namespace=namespace,
            node=node,
            message=message,
            count=count,
            first_at=format_instant(first),
            last_at=format_instant(last),
        ),
    }
    return Delivered(line, _names(kind, name, node))


def _names(kind: str, name: str, node: str) -> tuple[str, ...]:
    """What it may be about: the service that a pod belongs to by its name, the object itself, the node that it runs on."""
    owners = [found["owner"] for pattern in (_POD, _ORDINAL) if (found := pattern.fullmatch(name))] if kind in ("Pod", "ReplicaSet", "Job") else []
    replica_set = re.fullmatch(r"(.+)-[a-z0-9]{6,10}", name) if kind == "ReplicaSet" else None
    services = [] if kind == "Node" else [*owners, *([replica_set[1]] if replica_set else []), name]
    return (*(f"service:{service}" for service in services), *([f"host:{node}", f"host:{node.partition('.')[0]}"] if node else []))
