"""GitHub's webhook payloads ``deployment``, ``deployment_status``, ``workflow_run`` and ``release``
(docs.github.com/webhooks/webhook-events-and-payloads).

A deployment is recorded when it is asked for, and when it has ended; states between are steps on the way. Of addresses only host and path are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from changelog_ledger.model.delivery import Delivered, Entry, LeftOut, Outcome
from changelog_ledger.observations.deliveries.forge_lines import FAILED_TOO, OUTCOMES, observation, places, written
from changelog_ledger.observations.deliveries.one_by_one import one_by_one
from changelog_ledger.observations.deliveries.untrusted import (
    Unreadable,
    bare_address,
    data_of,
    first_text,
    member,
    needed_time,
    reference,
    text,
    time_in,
)


def read(entries: Iterable[Entry]) -> Iterator[Outcome]:
    """What payloads come to."""
    return one_by_one(entries, _unfold, _payload)


def _unfold(document: Any) -> Sequence[Any] | None:
    """The listing of workflow runs of the REST API holds many."""
    runs = member(document, "workflow_runs")
    return [{"workflow_run": run, "repository": member(run, "repository")} for run in runs] if isinstance(runs, list) else None


def _payload(item: Any) -> Iterator[Outcome]:
    for name, read_one in _KINDS:
        if isinstance(member(item, name), Mapping):
            return read_one(item, text(item, "repository", "full_name"))
    raise Unreadable("no payload of deployment, deployment_status, workflow_run or release")


def _status(item: Any, repository: str) -> Iterator[Outcome]:
    status, deployment = item["deployment_status"], member(item, "deployment")
    state = text(status, "state")
    if state not in OUTCOMES:
        yield LeftOut()
        return
    at = needed_time(status, "updated_at", "created_at")
    outcome, environment = OUTCOMES[state], first_text(status, "environment") or text(deployment, "environment")
    actor = first_text(item, "deployment_status.creator.login", "deployment.creator.login", "sender.login")
    data = _deployment_data(deployment, repository, environment) | data_of(
        outcome=outcome, started_at=written(time_in(deployment, "created_at")), address=bare_address(first_text(status, "log_url", "target_url"))
    )
    what = "deployed to" if outcome == "succeeded" else f"deployment {outcome} on"
    summary = f"{repository or 'a repository'} {_version(deployment)} {what} {environment or 'an environment'}"
    ref = reference("github-deployment-status", repository, text(status, "id") or [written(at), state, data])
    yield Delivered(observation("deploy", ref, at, summary + _by(actor), actor, data), places(repository, environment))


def _deployment(item: Any, repository: str) -> Iterator[Outcome]:
    deployment = item["deployment"]
    at, environment, actor = needed_time(deployment, "created_at"), text(deployment, "environment"), text(deployment, "creator", "login")
    data = _deployment_data(deployment, repository, environment) | {"outcome": "requested"}
    summary = f"deployment of {repository or 'a repository'} {_version(deployment)} to {environment or 'an environment'} requested{_by(actor)}"
    ref = reference("github-deployment", repository, text(deployment, "id") or [written(at), data])
    yield Delivered(observation("deploy", ref, at, summary, actor, data), places(repository, environment))


def _run(item: Any, repository: str) -> Iterator[Outcome]:
    run = item["workflow_run"]
    outcome = (OUTCOMES | FAILED_TOO).get(text(run, "conclusion"), "")
    if not outcome:
        yield LeftOut()
        return
    repository = repository or text(run, "repository", "full_name")
    at, actor = needed_time(run, "run_started_at", "created_at"), first_text(run, "triggering_actor.login", "actor.login")
    name, branch = text(run, "name") or "a workflow", text(run, "head_branch")
    data = data_of(
        tool="github",
        repository=repository,
        workflow=name,
        run=text(run, "run_number"),
        attempt=text(run, "run_attempt"),
        event=text(run, "event"),
        branch=branch,
        commit=text(run, "head_sha"),
        outcome=outcome,
        started_at=written(at),
        ended_at=written(time_in(run, "updated_at")),
        address=bare_address(text(run, "html_url")),
    )
    summary = f"{name} #{text(run, 'run_number')} of {repository or 'a repository'} {outcome} on {branch or 'no branch'}{_by(actor)}"
    ref = reference("github-run", repository, text(run, "id") or written(at), text(run, "run_attempt"))
    yield Delivered(observation("pipeline", ref, at, summary, actor, data), places(repository, ""))


def _release(item: Any, repository: str) -> Iterator[Outcome]:
    release = item["release"]
    if text(item, "action") not in ("published", "released", "deleted", "unpublished", ""):
        yield LeftOut()
        return
    done = text(item, "action") if text(item, "action") in ("deleted", "unpublished") else "published"
    at, actor = needed_time(release, "published_at", "created_at"), text(release, "author", "login")
    tag = text(release, "tag_name")
    data = data_of(
        tool="github",
        repository=repository,
        tag=tag,
        name=text(release, "name"),
        branch=text(release, "target_commitish"),
        action=done,
        address=bare_address(text(release, "html_url")),
    )
    ref = reference("github-release", repository, text(release, "id") or tag, done)
    yield Delivered(observation("release", ref, at, f"{repository or 'a repository'} {tag} {done}{_by(actor)}", actor, data), places(repository, ""))


def _deployment_data(deployment: Any, repository: str, environment: str) -> dict[str, Any]:
    return data_of(
        tool="github",
        repository=repository,
        environment=environment,
        commit=text(deployment, "sha"),
        branch=text(deployment, "ref"),
        task=text(deployment, "task"),
        description=text(deployment, "description"),
        deployment=text(deployment, "id"),
    )


def _version(deployment: Any) -> str:
    named, commit = text(deployment, "ref"), text(deployment, "sha")[:7]
    return named if not commit or named.startswith(commit) else f"{named} ({commit})".strip()


def _by(actor: str) -> str:
    return f" by {actor}" if actor else ""


_KINDS: tuple[tuple[str, Callable[[Any, str], Iterator[Outcome]]], ...] = (
    ("deployment_status", _status),  # first: it brings its deployment along, and may bring a workflow_run
    ("deployment", _deployment),
    ("workflow_run", _run),
    ("release", _release),
)
