"""Facts recorded one after the other in one transaction: each sees those before it, and each is refused alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, InterfaceError, ProgrammingError, StatementError

from changelog_ledger.errors import InvalidFact
from changelog_ledger.model.fact import Fact
from changelog_ledger.store.queries import View

Head = tuple[int, bytes]
"""The number and hash of a chain's last link."""


@dataclass
class Recording:
    """An open transaction that facts go into.

    :param connection: in its transaction, with the chain's head locked.
    :param extend: records facts behind a head; the new one.
    :ivar head: where the chain ends by now.
    """

    connection: Connection
    extend: Callable[[Sequence[Fact], Head], Head]
    head: Head

    @property
    def view(self) -> View:
        """What is recorded, that of this transaction included."""
        return View.of(self.connection)

    def add(self, fact: Fact) -> None:
        """Record a fact."""
        self.head = self.extend([fact], self.head)

    @contextmanager
    def apart(self) -> Iterator[None]:
        """A part of the transaction: whatever goes wrong within the ``with``, it is as if that had not been tried, and the rest goes on.

        :raises InvalidFact: if the database cannot take what it was given.
        """
        head = self.head
        try:
            with self.connection.begin_nested():
                yield
        except IntegrityError as error:
            self.head = head
            raise InvalidFact("its id or its key is taken by another fact") from error
        except StatementError as error:
            if isinstance(error, DBAPIError) and not isinstance(error, DataError | InterfaceError | ProgrammingError):
                raise  # the database's trouble, not the fact's
            self.head = head
            raise InvalidFact("the database does not take such a value") from error
        except BaseException:
            self.head = head
            raise
