"""A restore for a terminal: what it would do or did, what it changes in the files, what is left alone and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby

from changelog_ledger.model.evidence import Delta
from changelog_ledger.model.restore import Action, Aspect, RestorePlan, RestoreResult, RestoreStep, RollBack, Unrestored
from changelog_ledger.reports.deltas import delta_lines
from changelog_ledger.reports.escape import printable, shell_word
from changelog_ledger.reports.layout import Line, Span, flow, line, shortened_middle, written
from changelog_ledger.reports.phrases import count
from changelog_ledger.reports.style import Role, Style
from changelog_ledger.reports.times import ago, clock

_ROLES = {Action.CREATE: Role.AFTER, Action.REPLACE: Role.SUSPECT, Action.METADATA: Role.SUSPECT, Action.REMOVE: Role.BEFORE}
_CELLS = max(len(action) for action in Action)
_MOST_EXAMPLES = 5


def render_restore_plan(plan: RestorePlan, style: Style, now: datetime) -> str:
    """What a restore would do."""
    blocks = (_title(plan, style, now), _steps(plan, style), _left(plan.left, style), _extra(plan, style), _assumed(plan, style))
    return written([*(each for block in blocks for each in block), *_flowed(_intention(plan), style)], style)


def render_restore(result: RestoreResult, style: Style, now: datetime) -> str:
    """How a restore came out."""
    if result.dry_run:
        return render_restore_plan(result.plan, style, now)
    plan = result.plan
    blocks = (
        _title(plan, style, now),
        _paths(plan, style),
        _left(result.unrestored, style),
        _extra(plan, style),
        _assumed(plan, style),
        _outcome(result, style),
    )
    return written([each for block in blocks for each in block], style)


def render_roll_back(done: RollBack, style: Style, now: datetime) -> str:
    """How taking back a change came out: the restore, what is left for people, and last where the change stands."""
    text = render_restore(done.restored, style, now) if done.restored else ""
    lines: list[Line] = []
    for advice in done.advice:
        lines += flow(line(Span(printable(advice), Role.WARNING)), style.columns, hang=2, first=0)
    change = done.change
    if done.recorded:
        lines += _flowed(f"{printable(change.id)} is {change.status.value}: {printable(change.title)}", style)
    elif done.restored is None or done.restored.dry_run:
        lines += _flowed(f"{printable(change.id)} stays {change.status.value}; nothing was altered or recorded.", style)
    elif done.restored.complete:
        lines += _flowed(f"{printable(change.id)} stays {change.status.value} until it is back on its other hosts too.", style)
    else:
        again = f"Mend that and repeat it, or record it as it is: ledger change roll-back {printable(change.id)} --record-only"
        lines += _flowed(f"{printable(change.id)} stays {change.status.value}: not everything could be restored. {again}", style)
    return text + written(lines, style)


def _flowed(text: str, style: Style, role: Role = Role.PLAIN) -> list[Line]:
    return flow(line(Span(text, role)), style.columns, hang=2, first=0)


def _title(plan: RestorePlan, style: Style, now: datetime) -> Iterator[Line]:
    yield from flow(line(Span(f"{printable(plan.host)}  {_examples(plan.paths)}", Role.HEADING)), style.columns, hang=2, first=0)
    snapshot = plan.snapshot
    where = f", written below {printable(plan.root)}" if plan.root != "/" else ""
    partial = ", PARTIAL" if snapshot.partial else ""
    taken = f"as of {clock(snapshot.at, style.zone, now)}, {ago(snapshot.at, now)} (snapshot {printable(snapshot.id)}{partial}){where}"
    yield from flow(line(Span(taken, Role.DIM)), style.columns, hang=4, first=2)


def _steps(plan: RestorePlan, style: Style) -> Iterator[Line]:
    """Every step with what it changes; times alone are counted."""
    deltas = {path: list(group) for path, group in groupby(plan.deltas, key=lambda delta: delta.path)}
    for step in plan.steps:
        if not step.only_time:
            yield from _step(step, style)
            yield from _altered(deltas.get(step.path, ()), style)
    yield from _times(plan)


def _paths(plan: RestorePlan, style: Style) -> Iterator[Line]:
    for step in plan.steps:
        if not step.only_time:
            yield from _step(step, style)
    yield from _times(plan)


def _step(step: RestoreStep, style: Style) -> Iterator[Line]:
    named = ", ".join(aspect for aspect in step.aspects if aspect is not Aspect.TIME)
    path = shortened_middle(printable(step.path), 8 * style.columns)
    said = line(Span(f"{step.action:{_CELLS}}", _ROLES[step.action]), f"  {path}", Span(f"  {named}" if named else "", Role.DIM))
    yield from flow(said, style.columns, hang=4 + _CELLS, first=2)


def _altered(deltas: Sequence[Delta], style: Style) -> Iterator[Line]:
    for delta in deltas:
        yield from delta_lines(delta, style, indent=4 + _CELLS)


def _times(plan: RestorePlan) -> Iterator[Line]:
    number = sum(step.only_time for step in plan.steps)
    if number:
        yield line("  ", Span(f"{Action.METADATA:{_CELLS}}", Role.SUSPECT), f"  {count(number, 'modification time')} and nothing else")


def _left(entries: Iterable[Unrestored], style: Style) -> Iterator[Line]:
    """Paths by reason: a restore without root's rights fails at a thousand files for one reason."""
    ordered = sorted(entries, key=lambda entry: (entry.why, entry.hint, entry.path))
    if ordered:
        yield line(Span("NOT RESTORED", Role.WARNING))
    for (why, hint), group in groupby(ordered, key=lambda entry: (entry.why, entry.hint)):
        found = list(group)
        for entry in found[:_MOST_EXAMPLES]:
            yield from flow(line(f"{printable(entry.path)}"), style.columns, hang=4, first=2)
        if len(found) > _MOST_EXAMPLES:
            yield line(f"  and {count(len(found) - _MOST_EXAMPLES, 'more path')}")
        yield from flow(line(printable(why)), style.columns, hang=6, first=4)
        if hint:
            yield from flow(line(Span(f"hint: {printable(hint)}", Role.DIM)), style.columns, hang=6, first=4)


def _extra(plan: RestorePlan, style: Style) -> Iterator[Line]:
    if plan.extra:
        stays = "path did not exist then and stays" if len(plan.extra) == 1 else "paths did not exist then and stay"
        said = f"{len(plan.extra):,} {stays}: {_examples(plan.extra)}  (--delete removes them)"
        yield from flow(line(Span(said, Role.DIM)), style.columns, hang=2, first=0)


def _assumed(plan: RestorePlan, style: Style) -> Iterator[Line]:
    if plan.assumed:
        named = _examples(plan.assumed)
        said = (
            f"Of {count(len(plan.assumed), 'path')} nobody saw all of mode, owner and attributes then: that stays as it is, and what is new is 0600: "
        )
        yield from flow(line(Span(said + named, Role.DIM)), style.columns, hang=2, first=0)


def _examples(paths: Sequence[str]) -> str:
    return ", ".join(printable(path) for path in paths[:_MOST_EXAMPLES]) + (" …" if len(paths) > _MOST_EXAMPLES else "")


def _numbers(plan: RestorePlan) -> str:
    """``2 to create, 1 to remove``; empty for nothing."""
    numbers = ((sum(step.action is action for step in plan.steps), action) for action in Action)
    return ", ".join(f"{number:,} to {'change in metadata' if action is Action.METADATA else action}" for number, action in numbers if number)


def _intention(plan: RestorePlan) -> str:
    if not plan.steps:
        return "Nothing to restore." if plan.left else "Nothing differs from the snapshot."
    return f"Would be done: {_numbers(plan)}. Nothing was altered."


def _outcome(result: RestoreResult, style: Style) -> Iterator[Line]:
    plan = result.plan
    done = f"{count(len(plan.steps), 'step')} taken" if plan.steps else "Nothing to restore"
    whole = "what was there then is as it was; what came since is still there" if result.plan.extra else "all as it was then"
    verdict = whole if result.complete else f"{count(len(result.unrestored), 'path')} NOT as it was then"
    role = Role.EXPLAINED if result.complete else Role.WARNING
    yield from flow(line(f"{done}; {count(result.proven, 'path')} proven equal; ", Span(verdict, role), "."), style.columns, hang=2, first=0)
    if result.unseen:
        said = f"No snapshot could be taken afterwards: {printable(result.unseen)}. Take one, so that it is no drift: ledger snapshot"
        yield from _flowed(said, style, Role.WARNING)
    if result.change:
        yield from _flowed(f"It is recorded with {printable(result.change)}.", style)
    if result.before:
        paths = " ".join(shell_word(path) for path in plan.paths[:_MOST_EXAMPLES])
        below = f" --root {shell_word(plan.root)}" if plan.root != "/" else ""
        undo = f"To take it back: ledger restore {printable(plan.host)} {paths} --from {printable(result.before.id)} --delete{below}"
        yield from _flowed(undo, style, Role.DIM)
