"""GitLab's webhook payloads of deployments and pipelines (docs.gitlab.com/user/project/integrations/webhook_events)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from changelog_ledger.model.delivery import Delivered, Entry, LeftOut, Outcome
from changelog_ledger.observations.deliveries.forge_lines import OUTCOMES, observation, places, written
from changelog_ledger.observations.deliveries.one_by_one import alone, one_by_one
from changelog_ledger.observations.deliveries.untrusted import Unreadable, bare_address, data_of, first_text, needed_time, reference, text, time_in


def read(entries: Iterable[Entry]) -> Iterator[Outcome]:
    """What payloads come to."""
    return one_by_one(entries, alone, _payload)


def _payload(item: Any) -> Iterator[Outcome]:
    kind = text(item, "object_kind")
    if kind not in ("deployment", "pipeline"):
        raise Unreadable("no payload of a deployment or a pipeline" + (f": object_kind is {kind[:40]}" if kind else ""))
    status = text(item, "status") if kind == "deployment" else text(item, "object_attributes", "status")
    if status not in OUTCOMES:
        yield LeftOut()
    elif kind == "deployment":
        yield _deployment(item, OUTCOMES[status])
    else:
        yield _pipeline(item, OUTCOMES[status])


def _deployment(item: Any, outcome: str) -> Delivered:
    project, environment, actor = text(item, "project", "path_with_namespace"), text(item, "environment"), _actor(item)
    at = needed_time(item, "status_changed_at")
    data = data_of(
        tool="gitlab",
        repository=project,
        environment=environment,
        commit=text(item, "short_sha"),
        branch=text(item, "ref"),
        description=text(item, "commit_title"),
        deployment=text(item, "deployment_id"),
        outcome=outcome,
        address=bare_address(text(item, "deployable_url")),
    )
    what = "deployed to" if outcome == "succeeded" else f"deployment {outcome} on"
    summary = f"{project or 'a project'} {text(item, 'ref')} ({text(item, 'short_sha')}) {what} {environment or 'an environment'}"
    ref = reference("gitlab-deployment", project, text(item, "deployment_id") or written(at), outcome)
    return Delivered(observation("deploy", ref, at, summary + (f" by {actor}" if actor else ""), actor, data), places(project, environment))


def _pipeline(item: Any, outcome: str) -> Delivered:
    pipeline, project, actor = item["object_attributes"], text(item, "project", "path_with_namespace"), _actor(item)
    at = needed_time(pipeline, "created_at")
    data = data_of(
        tool="gitlab",
        repository=project,
        run=text(pipeline, "id"),
        event=text(pipeline, "source"),
        branch=text(pipeline, "ref"),
        commit=text(pipeline, "sha"),
        outcome=outcome,
        started_at=written(at),
        ended_at=written(time_in(pipeline, "finished_at")),
        address=bare_address(text(pipeline, "url")),
    )
    summary = f"pipeline {text(pipeline, 'id')} of {project or 'a project'} {outcome} on {text(pipeline, 'ref') or 'no branch'}"
    ref = reference("gitlab-pipeline", project, text(pipeline, "id") or written(at), outcome)
    return Delivered(observation("pipeline", ref, at, summary + (f" by {actor}" if actor else ""), actor, data), places(project, ""))


def _actor(item: Any) -> str:
    return first_text(item, "user.username", "user.name")
