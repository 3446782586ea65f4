"""Who waits for whom in a home: its locks, each a file of the folder ``locks``."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from changelog_ledger.errors import Busy
from changelog_ledger.store.locks import held_lock, shared_lock

LOCK_FOLDER = "locks"
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class HomeLocks:
    """The locks of a home. Each is held for the length of a ``with``; each raises :class:`Busy` if somebody else holds it for too long.

    :ivar timeout: how many seconds to wait.
    """

    home: Path
    timeout: float

    def host(self, host: str) -> AbstractContextManager[None]:
        """One snapshot of a host at a time."""
        return self._alone(f"host-{host}", f"take a snapshot of {host}")

    def ingestion(self, kind: str, host: str) -> AbstractContextManager[None]:
        """One ingestion of a kind of records of a host at a time: each goes on from what the one before kept."""
        return self._alone(f"ingest-{kind}-{host}", f"ingest {kind} of {host}")

    def keys(self) -> AbstractContextManager[None]:
        """One rotation of the home's keys at a time."""
        return self._alone("keys", "rotate the key")

    def branches(self) -> AbstractContextManager[None]:
        """The repository's refs, for the few milliseconds in which branches move.

        git's own lock files outlive a killed git and would stop everybody after it; whoever holds this lock may remove them.
        """
        return self._alone("branches", "move a branch")

    def collection(self) -> AbstractContextManager[None]:
        """One ``gc`` at a time."""
        return self._alone("gc", "collect garbage")

    @contextmanager
    def bisection(self, name: str, who: str) -> Iterator[None]:
        """One search of a history at a time, so that whatever scratch root lies about is a dead one's. It may take hours: nobody waits for its end.

        :param who: what others are told of us meanwhile.
        :raises Busy: at once, if somebody else searches; it says who.
        """
        file = self._file(f"bisect-{name}")
        with ExitStack() as held:
            try:
                held.enter_context(held_lock(file, 0, "bisect"))
            except Busy as error:
                holder = file.read_text(errors="replace")[:_LONGEST_NAME] or "another process"
                raise Busy(
                    f"the same history is being searched: {holder}", "wait until that has finished, or end it; ledger bisect status shows it"
                ) from error
            file.write_text(who, errors="replace")
            try:
                yield
            finally:
                os.truncate(file, 0)

    def restore(self) -> AbstractContextManager[None]:
        """One restore at a time, so that whatever half-written file lies about is a dead one's."""
        return self._alone("restore", "restore files")

    def spool(self) -> AbstractContextManager[None]:
        """One merge of the spool at a time."""
        return self._alone("spool", "merge the spool")

    @contextmanager
    def repository_shared(self) -> Iterator[None]:
        """The repository, together with others: while anybody holds it, ``gc`` removes no object.

        Whoever writes needs that: git stores no second time what it finds, and what it finds may be about to go.
        """
        if not os.access(self.home, os.W_OK):  # a copy on read-only media: nobody writes, and no lock can be made
            yield
            return
        purpose = "use the repository"
        with self._alone("turnstile", purpose):  # passed at once, unless somebody waits to be alone
            pass
        with shared_lock(self._file("repository"), self.timeout, purpose):
            yield

    @contextmanager
    def repository_alone(self, patience: float | None = None) -> Iterator[None]:
        """The repository, alone: nobody writes, and every leftover is one of the dead.

        Those who come meanwhile wait at the turnstile, for a kernel lets sharers overtake whoever wants to be alone. Their patience must not run
        out before ours does, hence half of it.

        :param patience: seconds to wait; the timeout if None.
        """
        timeout, purpose = patience or self.timeout, "use the repository alone"
        with held_lock(self._file("turnstile"), timeout, purpose), held_lock(self._file("repository"), timeout / 2, purpose):
            yield

    def _alone(self, name: str, purpose: str) -> AbstractContextManager[None]:
        return held_lock(self._file(name), self.timeout, purpose)

    def _file(self, name: str) -> Path:
        """A lock's file. The folder may be missing in a home that came from a backup."""
        folder = self.home / LOCK_FOLDER
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder / name
