"""A change that is made by Python code: a context manager, an asynchronous one, and a decorator."""

from __future__ import annotations

import asyncio
import functools
import inspect
import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar, cast

from changelog_ledger.errors import InvalidInput, LedgerError

if TYPE_CHECKING:
    from changelog_ledger.model.change import Change
    from changelog_ledger.model.topology import Target
    from changelog_ledger.workflows.making import Manner
    from changelog_ledger.workflows.wanted import Wanted
    from changelog_ledger.workflows.workspace import Workspace

Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Begun:
    """A change under way, and how to end it.

    :ivar end: takes what its work raised, or None.
    :ivar process: whose it is to end it: not a forked child's.
    """

    change: Change
    end: Callable[[BaseException | None], None]
    process: int = field(default_factory=os.getpid)


class Making:
    """A change about to be made: ``with``, ``async with``, or ``@`` in front of a function or coroutine function (then each call is a change).

    Before the body the change is started and a snapshot taken; after it another snapshot, and it is finished. An exception records the failure and
    comes out as it is. In ``async with`` the ledger's work is done in a thread, so the event loop goes on.

    :raises TransitionRefused: if lifecycle or rules do not allow it; nothing has been done then.
    """

    def __init__(self, begin: Callable[[], Begun]) -> None:
        """Use :meth:`Ledger.change`, :meth:`Ledger.make` or :func:`changelog_ledger.change`."""
        self._begin = begin
        self._begun: Begun | None = None
        self._leave: Callable[[], None] = _nothing
        self._taken = False
        self._taking = threading.Lock()

    def __enter__(self) -> Change:
        begun = self.begin()
        self._entered(begun, children=True)
        return begun.change

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._left()(error)

    async def __aenter__(self) -> Change:
        beginning = asyncio.ensure_future(asyncio.to_thread(self.begin))
        try:
            begun = await asyncio.shield(beginning)
        except asyncio.CancelledError as error:  # the thread goes on: what it has started has to be ended
            await asyncio.to_thread((await beginning).end, error)
            self._taken = False
            raise
        self._entered(begun, children=False)
        return begun.change

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await asyncio.shield(asyncio.to_thread(self._left(), error))

    def __call__(self, function: Function) -> Function:
        """The function, each call of which is a change of its own.

        :raises TypeError: if it is a class, or cannot be called at all.
        :raises InvalidInput: if it is a generator.
        """
        if inspect.isclass(function) or not callable(function):
            raise TypeError(f"a change is made by a function, not by {function!r}; decorate a function or method, or use a with")
        if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
            raise InvalidInput("a generator cannot be a change: it is not done when it returns", "use a with inside of it")
        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def awaited(*arguments: Any, **named: Any) -> Any:
                async with Making(self._begin):
                    return await function(*arguments, **named)

            return cast("Function", awaited)

        @functools.wraps(function)
        def called(*arguments: Any, **named: Any) -> Any:
            with Making(self._begin):
                return function(*arguments, **named)

        return cast("Function", called)

    def begin(self) -> Begun:
        """Start it, for who ends it without a ``with``.

        :raises InvalidInput: if it is under way already, or about to be, in another thread or task.
        """
        with self._taking:
            if self._taken:
                raise InvalidInput("this change is under way already", "call ledger.change(...) once more for another one")
            self._taken = True
        try:
            return self._begin()
        except BaseException:
            self._taken = False
            raise

    def _entered(self, begun: Begun, *, children: bool) -> None:
        from changelog_ledger.workflows.within import enter

        self._begun = begun
        self._leave = enter(begun.change.id, children=children)

    def _left(self) -> Callable[[BaseException | None], None]:
        """What is left to do with what the work raised: its end, but where a forked child leaves the ``with`` too."""
        begun = self._begun
        if begun is None:
            raise InvalidInput("this change is not under way", "begin it by a with: with ledger.change(...):")
        self._begun, self._taken = None, False
        self._leave()
        return begun.end if begun.process == os.getpid() else _not_ours


def _nothing() -> None:
    """Nothing has been entered."""


def _not_ours(_error: BaseException | None) -> None:
    """The process that began the change will end it."""


def recorded(workspace: Workspace, wanted: Callable[[], Wanted], manner: Callable[[], Manner]) -> Making:
    """A change whose beginning and end the ledger records. What it is part of is looked at when it begins."""

    def begin() -> Begun:
        from changelog_ledger.workflows import making

        underway = making.begin(workspace, wanted(), manner())
        return Begun(underway.change, lambda error: making.end(underway, error))

    return Making(begin)


def rehearsed(workspace: Workspace, wanted: Callable[[], Wanted], manner: Callable[[], Manner]) -> Making:
    """A change of which nothing is recorded: the body runs if the rules would let it."""

    def begin() -> Begun:
        from changelog_ledger.workflows.making import rehearse_anyway

        rehearsal = rehearse_anyway(workspace, wanted(), manner())
        for remark in rehearsal.remarks:
            workspace.warn(remark.text)
        return Begun(rehearsal.change, lambda _error: None)

    return Making(begin)


def change(title: str, on: Sequence[str | Target], *, home: str | Path | None = None, strict: bool = False, **details: Any) -> Making:
    """The change of a script, whole: opens the ledger, makes the change as :meth:`Ledger.change` does, closes it.

    >>> import changelog_ledger
    >>> with changelog_ledger.change("Deploy shop 2.4.0", on=["service:shop"]):     # doctest: +SKIP
    ...     deploy()

    :param home: as for :meth:`Ledger.open`.
    :param strict: whether a ledger that is missing or away is an error. Otherwise the body runs without it: a warning says so.
    :param details: as for :meth:`Ledger.change`.
    """

    def begin() -> Begun:
        from changelog_ledger.ledger.ledger import Ledger

        try:
            ledger = Ledger.open(home)
        except LedgerError as error:
            if strict:
                raise
            return _without_home(title, error)
        try:
            begun = ledger.change(title, on, strict=strict, **details).begin()
        except BaseException:
            ledger.close()
            raise
        return Begun(begun.change, functools.partial(_end_and_close, begun, ledger.close))

    return Making(begin)


def _end_and_close(begun: Begun, close: Callable[[], None], error: BaseException | None) -> None:
    try:
        begun.end(error)
    finally:
        close()


def _without_home(title: str, why: LedgerError) -> Begun:
    """There is no ledger to record anything in, not even a spool: whose would it be?"""
    from changelog_ledger.model.change import Change, Status
    from changelog_ledger.model.identifiers import change_id
    from changelog_ledger.workflows.surroundings import logged_warning

    logged_warning(f"{why.message}; going on without a ledger, nothing of {title!r} is recorded ({why.hint})")
    return Begun(Change(change_id(os.urandom(8)), title, Status.STARTED, ()), lambda _error: None)
