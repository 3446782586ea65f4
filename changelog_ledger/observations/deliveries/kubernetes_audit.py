"""The audit log of Kubernetes (``audit.k8s.io/v1`` Event, kubernetes.io/docs/reference/config-api/apiserver-audit.v1): who altered which object.

What an object holds (``requestObject``, ``responseObject``) is never copied: it may be a secret, and where it is none its name says enough.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from changelog_ledger.model.delivery import Delivered, Entry, LeftOut, Outcome
from changelog_ledger.model.times import format_instant
from changelog_ledger.observations.deliveries.one_by_one import one_by_one
from changelog_ledger.observations.deliveries.untrusted import Unreadable, data_of, items, member, needed_time, number, one_line, reference, text

_DONE = {"create": "created", "update": "updated", "patch": "patched", "delete": "deleted", "deletecollection": "deleted all"}
_NOISE = frozenset(
    """leases events endpoints endpointslices tokenreviews subjectaccessreviews selfsubjectaccessreviews selfsubjectrulesreviews
    localsubjectaccessreviews selfsubjectreviews bindings componentstatuses controllerrevisions csinodes csistoragecapacities""".split()
)
_TELLING_PARTS = frozenset(("", "scale", "exec", "attach", "ephemeralcontainers", "approval", "eviction", "rollback"))
"""Subresources that tell of a change; ``status`` is how an object is, which its controller writes all day."""

_MACHINERY = ("system:node:", "system:kube-", "system:apiserver", "system:serviceaccount:kube-system:", "system:bootstrap:")


def read(entries: Iterable[Entry]) -> Iterator[Outcome]:
    """What audit events come to."""
    return one_by_one(entries, _unfold, _event)


def _unfold(document: Any) -> Sequence[Any] | None:
    return items(document, "items") if text(document, "kind") == "EventList" else None


def _event(item: Any) -> Iterator[Outcome]:
    about = member(item, "objectRef")
    if not text(item, "auditID") or not text(item, "verb"):
        raise Unreadable("no audit event of Kubernetes: it has no auditID, or no verb")
    if not isinstance(about, Mapping) or not _tells(item, about):
        yield LeftOut()
        return
    at = needed_time(item, "requestReceivedTimestamp", "stageTimestamp")
    verb, resource, name, namespace, part = text(item, "verb"), *(text(about, key) for key in ("resource", "name", "namespace", "subresource"))
    what = f"{resource}/{part}" if part else resource
    place = "/".join(filter(None, (namespace, name)))
    user = text(item, "impersonatedUser", "username") or text(item, "user", "username")
    source = next((text({"ip": address}, "ip") for address in items(item, "sourceIPs")), "")
    done = "ran a command in" if _is_command(about, verb) else _DONE[verb]
    line = {
        "kind": "observation",
        "ref": reference("kubernetes-audit", text(item, "auditID")),
        "what": "kubernetes-change",
        "at": format_instant(at),
        "summary": one_line(f"{user or 'somebody'} {done} {what} {place}".strip() + (f" from {source}" if source else "")),
        "actor": user[:200],
        "data": data_of(
            verb=verb,
            resource=resource,
            subresource=part,
            name=name,
            namespace=namespace,
            group=text(about, "apiGroup"),
            user=user,
            on_behalf=text(item, "user", "username") if text(item, "impersonatedUser", "username") else "",
            source_ip=source,
            agent=text(item, "userAgent")[:200],
        ),
    }
    yield Delivered(line, _names(resource, name))


def _tells(item: Any, about: Mapping[str, Any]) -> bool:
    code = number(item, "responseStatus", "code")
    return (
        text(item, "stage") in ("ResponseComplete", "")
        and (text(item, "verb") in _DONE or _is_command(about, text(item, "verb")))
        and (code is None or code < 400)
        and text(about, "resource") not in _NOISE
        and text(about, "subresource") in _TELLING_PARTS
        and "dryRun=" not in text(item, "requestURI")
        and not text(item, "user", "username").startswith(_MACHINERY)
    )


def _is_command(about: Mapping[str, Any], verb: str) -> bool:
    """Whether somebody ran something inside: over a web socket that is a ``get``."""
    return text(about, "subresource") in ("exec", "attach") and verb in ("create", "get")


def _names(resource: str, name: str) -> tuple[str, ...]:
    if not name:
        return ()
    return (f"host:{name}", f"host:{name.partition('.')[0]}") if resource == "nodes" else (f"service:{name}",)
