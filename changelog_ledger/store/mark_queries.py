"""What can be asked of marks: when a target was seen good and when bad.

A check that says "good" every minute makes half a million marks a year, of each target. So each target's marks are looked up by themselves, from
their end: the last one of a target must not get lost among the many of its neighbours.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, TextClause, and_, bindparam, func, literal, select, text
from sqlalchemy.sql.selectable import NamedFromClause

from changelog_ledger.model.retention import Turn
from changelog_ledger.model.topology import Mark, Target
from changelog_ledger.store import rows
from changelog_ledger.store.reading import all_rows, chunks, names_of, names_one_of
from changelog_ledger.store.tables import IS_BAD, Instant, MarkedRow, MarkRow, table_of

_MARK, _MARKED = table_of(MarkRow), table_of(MarkedRow)

_GOOD_MARKS = 10
"""How many good marks of each target are looked at: more than one, for what was corrected since does not count."""

_NEVER, _EVER = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class MarkQuestions:
    """Marks."""

    connection: Connection

    def latest(self, targets: Collection[Target], until: datetime | None = None) -> tuple[Mark, ...]:
        """What tells of each target when it last worked and when its latest trouble began, up to ``until``; the oldest first.

        Of each its newest good marks, as many as one may need, the last good one before its newest bad one, and every bad one since any of these.
        """
        return self._found(_LATEST, targets, until=until or _EVER)

    def newest(self, targets: Collection[Target], after: datetime) -> tuple[Mark, ...]:
        """The newest mark of each target that has one after ``after``, the oldest first; all of one instant."""
        return self._found((_NEWEST,), targets, after=after)

    def between(self, targets: Collection[Target], since: datetime, until: datetime) -> tuple[Mark, ...]:
        """Every mark of ``targets`` after ``since`` and up to ``until``, the oldest first."""
        return self._found((_BETWEEN,), targets, since=since, until=until)

    def first_good(self, targets: Collection[Target], since: datetime) -> tuple[Mark, ...]:
        """The first good mark of each target that has one at ``since`` or after it, the oldest first; all of one instant."""
        return self._found((_FIRST_GOOD,), targets, since=since)

    def bad_after(self, targets: Collection[Target], after: datetime) -> tuple[Mark, ...]:
        """Every bad mark of ``targets`` after ``after``, the oldest first."""
        return self._found((_BAD_AFTER,), targets, after=after)

    def turns(self) -> tuple[Turn, ...]:
        """Every time at which a target went from good to bad, and the newest good mark of each target."""
        statement = select(_MARK.c.target_kind, _MARK.c.target_name, _MARK.c.state, _MARK.c.at)
        good: dict[Target, datetime] = {}
        last: dict[Target, str] = {}
        found: list[Turn] = []
        for row in all_rows(self.connection, statement.order_by(_MARK.c.at, _MARK.c.id)):
            target = rows.target_of(row)
            if row["state"] == "good":
                good[target] = row["at"]
            elif last.get(target) != "bad":
                found.append(Turn(target, good.get(target), row["at"]))
            last[target] = row["state"]
        return (*found, *(Turn(target, at, None) for target, at in good.items() if last[target] == "good"))

    def _found(self, statements: Collection[Select[Any]], targets: Collection[Target], **times: datetime) -> tuple[Mark, ...]:
        found: dict[str, Mark] = {}
        for chunk in chunks(targets):
            for statement in statements:
                found |= {row["id"]: rows.mark_of(row) for row in all_rows(self.connection, statement, {**names_of(chunk), **times})}
        return tuple(sorted(found.values(), key=lambda mark: (mark.at, mark.id)))


# Built once: putting a statement together takes longer than running it. Each looks at one marked target after the other.


def _is_of_it(marks: NamedFromClause) -> ColumnElement[bool]:
    """Whether a mark is one of the target that is looked at."""
    return and_(marks.c.target_kind == _MARKED.c.target_kind, marks.c.target_name == _MARKED.c.target_name)


def _those(*conditions: ColumnElement[bool] | TextClause) -> Select[Any]:
    """The marks of the asked targets for which something holds."""
    return select(_MARK).select_from(_MARKED.join(_MARK, _is_of_it(_MARK))).where(names_one_of(_MARKED), *conditions)


def _moment(statement: Select[Any]) -> ColumnElement[datetime]:
    """The first time that a statement gives about the target that is looked at, :data:`_NEVER` if it gives none."""
    return func.coalesce(statement.limit(1).correlate(_MARKED).scalar_subquery(), literal(_NEVER, Instant), type_=Instant)


def _is_bad(marks: NamedFromClause) -> TextClause:
    """In the words without which no database uses the index of the bad ones."""
    return text(f"{marks.name}.{IS_BAD}")


_UNTIL, _SINCE, _AFTER = (bindparam(name, type_=Instant) for name in ("until", "since", "after"))
_GOOD, _BAD, _ANY = _MARK.alias("good_one"), _MARK.alias("bad_one"), _MARK.alias("any_one")
_GOOD_TIMES = select(_GOOD.c.at).where(_is_of_it(_GOOD), _GOOD.c.state == "good")
_LAST_BAD = _moment(select(_BAD.c.at).where(_is_of_it(_BAD), _is_bad(_BAD), _BAD.c.at <= _UNTIL).order_by(_BAD.c.at.desc()))
_LAST_GOOD_BEFORE_IT = _moment(_GOOD_TIMES.where(_GOOD.c.at < _LAST_BAD).order_by(_GOOD.c.at.desc()))
_OLDEST_GOOD = _moment(_GOOD_TIMES.where(_GOOD.c.at <= _UNTIL).order_by(_GOOD.c.at.desc()).offset(_GOOD_MARKS - 1))
_LATEST = (
    _those(_MARK.c.state == "good", _MARK.c.at <= _UNTIL, _MARK.c.at >= _OLDEST_GOOD),
    _those(_MARK.c.state == "good", _MARK.c.at == _LAST_GOOD_BEFORE_IT),
    _those(_is_bad(_MARK), _MARK.c.at <= _UNTIL, _MARK.c.at >= _OLDEST_GOOD),
    _those(_is_bad(_MARK), _MARK.c.at <= _UNTIL, _MARK.c.at >= _LAST_GOOD_BEFORE_IT),
)
_NEWEST = _those(_MARK.c.at == _moment(select(_ANY.c.at).where(_is_of_it(_ANY), _ANY.c.at > _AFTER).order_by(_ANY.c.at.desc())))
_FIRST_GOOD = _those(_MARK.c.state == "good", _MARK.c.at == _moment(_GOOD_TIMES.where(_GOOD.c.at >= _SINCE).order_by(_GOOD.c.at)))
_BETWEEN = _those(_MARK.c.at > _SINCE, _MARK.c.at <= _UNTIL)
_BAD_AFTER = _those(_is_bad(_MARK), _MARK.c.at > _AFTER)
