"""What ingestions of a host keep for the next one: how far logs and the journal were read, and what was installed.

It is only a cache, of one host below one root, so that an image of a host is not taken for the host itself. Each document bears a stamp: the last
link of the chain of facts when it was kept. A database that was restored from a backup has not that link, nor what was recorded since.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

from changelog_ledger.snapshots.private_files import write_private
from changelog_ledger.workflows.workspace import CACHE_FOLDER, Workspace

_STAMP = "recorded"


@dataclass(frozen=True)
class Kept:
    """A document as it was kept.

    :ivar is_current: whether the database still has what was recorded by then.
    """

    document: dict[str, Any]
    is_current: bool


@dataclass(frozen=True)
class HostCache:
    """The cache of one host below one root; a kind of documents is a folder.

    :ivar root: the directory that stands for the host's ``/``.
    """

    workspace: Workspace
    host: str
    root: str = "/"

    def read(self, kind: str, name: str) -> Kept:
        """What was kept under a name.

        :raises FileNotFoundError: if nothing was.
        :raises OSError: if it cannot be read.
        :raises ValueError: if it is damaged.
        """
        document = json.loads(self.place(kind, name).read_bytes())
        if not isinstance(document, dict):
            raise ValueError("it is no JSON object")
        return Kept(document, self._is_recorded(document.pop(_STAMP, None)))

    def keep(self, kind: str, documents: Mapping[str, Mapping[str, Any]]) -> None:
        """Keep documents by their names. What they say was read has to be durable by now."""
        stamp = self._stamp()
        for name, document in documents.items():
            with suppress(OSError):  # it is only a cache: without it everything is read again
                write_private(self.place(kind, name), json.dumps({**document, _STAMP: stamp}).encode())

    def place(self, kind: str, name: str) -> Path:
        """Where a document lies."""
        return self._folder(kind) / f"{name}.json"

    def _folder(self, kind: str) -> Path:
        folder = self.workspace.home / CACHE_FOLDER / kind / self.host
        return folder / self._below if self._below else folder

    @cached_property
    def _below(self) -> str:
        """What the root is called here; empty for ``/`` itself."""
        real = os.path.realpath(self.root)
        return "" if real == "/" else f"root-{sha256(os.fsencode(real)).hexdigest()[:16]}"

    def _stamp(self) -> list[int | str]:
        with self.workspace.store.reading() as view:
            seq, chained = view.facts.heads().get(self.workspace.settings.stream, (0, b""))
        return [seq, chained.hex()]

    def _is_recorded(self, stamp: object) -> bool:
        """Whether the chain of facts has that link."""
        match stamp:
            case [int(seq), str(chained)] if 0 < seq < 2**62:
                with self.workspace.store.reading() as view:
                    links = view.facts.links(self.workspace.settings.stream, seq - 1, 1)
                return any(link.hash.hex() == chained for link in links)
        return False
