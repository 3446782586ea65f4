"""``ledger.spool``: what was said while the database was away."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from changelog_ledger.errors import LedgerError
from changelog_ledger.model.topology import Health

if TYPE_CHECKING:
    from changelog_ledger.changes.planning import Details
    from changelog_ledger.ledger.ledger import Ledger
    from changelog_ledger.model.fact import Fact
    from changelog_ledger.model.spool import Merged, Waiting
    from changelog_ledger.workflows.workspace import Workspace


class SpoolTopic:
    """What waits for a database that is away: ``ledger.spool.list()``, ``ledger.spool.merge()``, ``ledger.spool.record(...)``."""

    def __init__(
        self, ledger: Ledger, workspace: Workspace, details: Callable[[Mapping[str, Any]], Details], period: Callable[..., dict[str, Any]]
    ) -> None:
        """Use :attr:`Ledger.spool`."""
        self._ledger = ledger
        self._workspace = workspace
        self._asked = _Asked(ledger, workspace, details, period)

    def list(self) -> tuple[Waiting, ...]:
        """What waits, in the order in which it will be merged. Needs no database."""
        from changelog_ledger.workflows.spool import list_spool

        return list_spool(self._workspace)

    def merge(self) -> Merged:
        """Record what waits, each fact once. What cannot be recorded stays, with the reason.

        Opening the database for anything else merges too; this says what came of it.

        :raises Busy: if the database, or another merge, keeps us waiting for too long.
        :raises HomeError: if the database cannot be used.
        """
        from changelog_ledger.workflows.spool import merge_spool

        alone = self._workspace.with_patience(self._workspace.settings.lock_timeout, merges=False)
        try:
            return merge_spool(alone)
        finally:
            alone.close_store()

    def record(self, verb: str, *arguments: Any, **options: Any) -> Any:
        """Call the ledger's method of that name; where the database is away, write the fact to the spool instead.

        Targets and changes are then kept as they were typed, and looked up when they are merged.

        :param verb: ``start``, ``finish``, ``fail``, ``note``, ``log``, ``plan``, ``good``, ``bad`` or ``observe``; another one is only called.
        :raises Spooled: if the fact is in the spool and not in the database.
        """
        try:
            return getattr(self._ledger, verb)(*arguments, **options)
        except (LedgerError, OSError) as error:
            from changelog_ledger.workflows.away import is_away, is_behind, spooled

            behind = verb in _OF_A_CHANGE and is_behind(self._workspace, arguments[0], error)
            if verb not in _FACTS or not (behind or is_away(error)):
                raise
            fact = _FACTS[verb](self._asked, *arguments, **options)
            if fact is None:
                raise
            raise spooled(self._workspace, [fact], error) from error


@dataclass(frozen=True, slots=True)
class _Asked:
    """Who is asked what a TIME or a detail means."""

    ledger: Ledger
    workspace: Workspace
    details: Callable[[Mapping[str, Any]], Details]
    period: Callable[..., dict[str, Any]]


def _step(verb: str) -> Callable[..., Fact]:
    def fact(asked: _Asked, change: str, *, at: Any = None, note: str = "", override: str = "") -> Fact:
        from changelog_ledger.workflows.away import step_of
        from changelog_ledger.workflows.within import current_change

        parent = current_change() if verb == "start" else ""
        return step_of(asked.workspace, change, verb, at=asked.ledger.time(at), note=note, override=override, parent=parent)

    return fact


def _note(asked: _Asked, change: str, text: str) -> Fact:
    from changelog_ledger.workflows.away import note_of

    return note_of(asked.workspace, change, text)


def _plan(asked: _Asked, title: str = "", on: Any = (), *, in_window: str = "", template: str = "", **said: Any) -> Fact | None:
    from changelog_ledger.workflows.away import plan_of

    if in_window:  # only the database knows when that is
        return None
    times = asked.period(*(said.pop(name, None) for name in ("start", "end", "duration")), said.get("zone", ""))
    _, fact = plan_of(asked.workspace, title, on, **times, details=asked.details(said), template=template)
    return fact


def _log(asked: _Asked, title: str, on: Any, *, at: Any, until: Any = None, **details: Any) -> Fact:
    from changelog_ledger.workflows.away import log_of
    from changelog_ledger.workflows.moments import resolve_time

    when = resolve_time(asked.workspace, at)
    _, fact = log_of(asked.workspace, title, on, at=when, until=asked.ledger.time(until), details=asked.details(details))
    return fact


def _mark(state: Health) -> Callable[..., Fact]:
    def fact(asked: _Asked, target: Any, *, at: Any = None, source: str = "", symptom: str = "") -> Fact:
        from changelog_ledger.workflows.away import mark_of

        return mark_of(asked.workspace, target, state, at=asked.ledger.time(at), source=source, symptom=symptom)

    return fact


def _observe(asked: _Asked, text: str, on: Any, *, at: Any = None, kind: str = "note", data: Any = None) -> Fact:
    from changelog_ledger.workflows.away import observation_of

    return observation_of(asked.workspace, text, on, at=asked.ledger.time(at), kind=kind, data=data)


_FACTS: Mapping[str, Callable[..., Fact | None]] = MappingProxyType(
    {
        "start": _step("start"),
        "finish": _step("finish"),
        "fail": _step("fail"),
        "note": _note,
        "plan": _plan,
        "log": _log,
        "good": _mark(Health.GOOD),
        "bad": _mark(Health.BAD),
        "observe": _observe,
    }
)
"""By the ledger's verb: the fact that goes to the spool instead; None where it cannot be told without the database."""

_OF_A_CHANGE = ("start", "finish", "fail", "note")
"""What builds on what was said of the same change before."""
