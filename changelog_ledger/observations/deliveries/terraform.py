"""Terraform and OpenTofu: plans (developer.hashicorp.com/terraform/internals/json-format) and the log of ``apply -json``
(developer.hashicorp.com/terraform/internals/machine-readable-ui).

A plan that would alter something is a planned change; what it found altered meanwhile (``resource_drift``) are observations. An apply is one
observation ``deploy``, as of when it began. A state says what there is, and not what was changed: it is not read. Of values nothing is ever copied,
whether marked as sensitive or not: addresses, actions, and the names of attributes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from changelog_ledger.model.delivery import Delivered, Entry, LeftOut, Outcome, Unread
from changelog_ledger.model.times import format_instant
from changelog_ledger.observations.deliveries.untrusted import (
    MOST_LISTED,
    Unreadable,
    counted,
    data_of,
    items,
    member,
    needed_time,
    one_line,
    reference,
    text,
    time_in,
)

_NOTHING = frozenset(("no-op", "read", ""))
_BEGIN, _DONE, _FAILED = "apply_start", "apply_complete", "apply_errored"
_SHOWN = 3
_PAST = {
    "create": "created",
    "update": "updated",
    "delete": "deleted",
    "replace": "replaced",
    "forget": "forgotten",
    "remove": "removed",
    "import": "imported",
    "move": "moved",
}


def read(entries: Iterable[Entry]) -> Iterator[Outcome]:
    """What plans and logs come to; in a log each ``version`` message begins a new run."""
    run = _Run()
    for entry in entries:
        where = f"entry {entry.number}"
        if entry.problem:
            yield Unread(where, entry.problem)
            continue
        for document in entry.value if isinstance(entry.value, list) else [entry.value]:
            try:
                if _is_message(document):
                    if text(document, "type") == "version":
                        yield from run.outcome()
                        run = _Run()
                    yield from list(_message(run, document))
                else:
                    yield from list(_plan(document, where))
            except Unreadable as error:
                yield Unread(where, str(error))
    yield from run.outcome()


def _is_message(document: Any) -> bool:
    return isinstance(document, Mapping) and "@message" in document and "type" in document


# ---- plans


def _plan(document: Any, where: str) -> Iterator[Outcome]:
    if not isinstance(document, Mapping):
        raise Unreadable("no JSON object")
    if "resource_changes" not in document and "resource_drift" not in document and "planned_values" not in document:
        if "values" in document or "lineage" in document:
            raise Unreadable("it is a state, which says what there is and not what was changed; a plan or the log of an apply is wanted")
        raise Unreadable("neither a plan nor a message of apply -json")
    at = time_in(document, "timestamp")
    resources = [each for each in map(_resource, items(document, "resource_changes")) if each["action"] not in _NOTHING]
    if resources:
        yield Delivered(_planned(document, at, resources))
    drifted = [change for change in items(document, "resource_drift") if _action(member(change, "change", "actions")) not in _NOTHING]
    if at is not None:
        yield from (_drift(_resource(change), at) for change in drifted)
    elif drifted:
        yield Unread(where, "it found drift, and does not say when it was made (Terraform before 1.5)")
    if not resources and not drifted:
        yield LeftOut()


def _planned(document: Any, at: datetime | None, resources: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    listed = [f"{each['action']} {each['address']}" for each in resources]
    more = [f"and {len(listed) - MOST_LISTED} more"] if len(listed) > MOST_LISTED else []
    line: dict[str, Any] = {
        "kind": "change",
        "ref": _plan_reference(document, listed, resources),
        "title": f"terraform plan: {_in_numbers(resources)}",
        "status": "planned",
        "category": ["terraform"],
        "description": "\n".join([*listed[:MOST_LISTED], *more]),
    }
    return line | ({"recorded_at": format_instant(at)} if at is not None else {})


def _plan_reference(document: Any, listed: Sequence[str], resources: Sequence[Mapping[str, Any]]) -> str:
    """What a plan is known by: when it was made, and what it would do.

    Terraform before 1.5 writes no time into it, and neither serial nor lineage of the state. Then the attributes that it would alter belong to it as
    well, so that only the very same intention counts as the same plan. Values would tell more apart, and are not even digested: some are secrets.
    """
    written = text(document, "timestamp")
    return reference("terraform-plan", written, listed if written else resources, text(document, "terraform_version"))


def _resource(change: Any) -> dict[str, Any]:
    found = data_of(address=text(change, "address") or "?", action=_action(member(change, "change", "actions")) or "?")
    names = _altered(member(change, "change", "before"), member(change, "change", "after"))
    return found | ({"attributes": names[:50]} if names else {})


def _action(actions: Any) -> str:
    """One word for the list of a change: ``create`` with ``delete`` in any order is ``replace``."""
    words = [word for word in actions if isinstance(word, str)] if isinstance(actions, list) else []
    return "replace" if {"create", "delete"} <= set(words) else one_line(words[0]) if words else ""


def _altered(before: Any, after: Any) -> list[str]:
    """The names of the attributes that differ; of what is new or gone none."""
    if not isinstance(before, Mapping) or not isinstance(after, Mapping):
        return []
    return sorted(one_line(name) for name in {*before, *after} if before.get(name) != after.get(name))


def _drift(resource: Mapping[str, Any], at: datetime) -> Delivered:
    attributes = ", ".join(resource.get("attributes", ())[:_SHOWN])
    summary = f"{resource['address']} was altered outside of Terraform: {resource['action']}" + (f" of {attributes}" if attributes else "")
    line = {
        "kind": "observation",
        "ref": reference("terraform-drift", format_instant(at), resource["address"], resource["action"]),
        "what": "drift",
        "at": format_instant(at),
        "summary": one_line(summary),
        "actor": "",
        "data": {"tool": "terraform", **resource},
    }
    return Delivered(line)


# ---- the log of an apply


@dataclass
class _Run:
    """One apply, as far as its log was read. Only what was begun counts: a log of a plan has nothing that was."""

    version: str = ""
    began: datetime | None = None
    ended: datetime | None = None
    resources: dict[str, dict[str, Any]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    def outcome(self) -> Iterator[Outcome]:
        """The deploy, if there was one."""
        if self.began is None or self.ended is None:
            return
        outcome = "failed" if self._failed else "succeeded" if self._is_whole else "interrupted"
        every = list(self.resources.values())
        summary = f"terraform apply{'' if outcome == 'succeeded' else f' {outcome}'}: {_done_in_numbers(every)}: {_first_done(every)}"
        torn = [] if self._is_whole else ["interrupted"]  # the finished log of the same apply is something else
        data = data_of(
            tool="terraform",
            outcome=outcome,
            version=self.version,
            started_at=format_instant(self.began),
            ended_at=format_instant(self.ended),
            resources=every[:MOST_LISTED],
            resources_total=len(every),
            errors=self.errors[:20],
        )
        line = {
            "kind": "observation",
            "ref": reference("terraform-apply", format_instant(self.began), sorted(self.resources), *torn),
            "what": "deploy",
            "at": format_instant(self.began),
            "summary": one_line(summary),
            "actor": "",
            "data": data,
        }
        yield Delivered(line)

    @property
    def _failed(self) -> bool:
        return bool(self.errors) or any(each["outcome"] == "failed" for each in self.resources.values())

    @property
    def _is_whole(self) -> bool:
        return all(each["outcome"] != "interrupted" for each in self.resources.values())


def _message(run: _Run, message: Any) -> Iterator[Outcome]:
    kind = text(message, "type")
    at = needed_time(message, "@timestamp")
    if kind == "version":
        run.version = text(message, "terraform") or text(message, "tofu")
    elif kind in (_BEGIN, _DONE, _FAILED):
        _applied(run, kind, message, at)
    elif kind == "diagnostic" and text(message, "diagnostic", "severity") == "error":
        run.errors.append(one_line(text(message, "diagnostic", "summary") or "an error"))
    elif kind == "resource_drift":
        change = member(message, "change")
        resource = data_of(address=text(change, "resource", "addr") or "?", action=text(change, "action") or "?")
        yield _drift(resource, at)
        return
    yield LeftOut()


def _applied(run: _Run, kind: str, message: Any, at: datetime) -> None:
    address = text(message, "hook", "resource", "addr")
    action = text(message, "hook", "action")
    if not address:
        raise Unreadable(f"{kind} names no resource")
    if action in _NOTHING:
        return
    run.began = min(run.began or at, at)
    run.ended = max(run.ended or at, at)
    outcome = {_BEGIN: "interrupted", _DONE: "succeeded", _FAILED: "failed"}[kind]
    known = run.resources.get(address)
    replaced = known is not None and {known["action"], action} in ({"create", "delete"}, {"replace", "create"}, {"replace", "delete"})
    run.resources[address] = data_of(address=address, action="replace" if replaced else action, outcome=outcome)


def _in_numbers(resources: Iterable[Mapping[str, Any]]) -> str:
    counts = Counter(each["action"] for each in resources)
    return ", ".join(f"{counted(count, 'resource')} to {action}" for action, count in sorted(counts.items())[:6])


def _done_in_numbers(resources: Iterable[Mapping[str, Any]]) -> str:
    """``2 resources created, update of 1 resource failed``."""
    counts = Counter((each["outcome"], each["action"]) for each in resources)
    return ", ".join(_done(outcome, action, counted(count, "resource")) for (outcome, action), count in sorted(counts.items(), reverse=True)[:6])


def _first_done(resources: Sequence[Mapping[str, Any]]) -> str:
    """The first few by name; what was done to each, unless it is the same for all."""
    is_same = len({(each["outcome"], each["action"]) for each in resources}) == 1
    named = (each["address"] if is_same else _done(each["outcome"], each["action"], each["address"]) for each in resources[:_SHOWN])
    return ", ".join(named) + (f" and {len(resources) - _SHOWN} more" if len(resources) > _SHOWN else "")


def _done(outcome: str, action: str, what: str) -> str:
    """What became of resources: ``aws_instance.web created``, ``create of aws_instance.web failed``."""
    if outcome == "succeeded":
        return f"{what} {_PAST.get(action, f'{action} done')}"
    return f"{action} of {what} {'failed' if outcome == 'failed' else 'did not end'}"
