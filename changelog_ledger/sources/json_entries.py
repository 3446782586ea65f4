"""Files of JSON as tools write them: one document, an array, JSON Lines, documents one after the other; gzipped, with a byte order mark, torn.

JSON Lines are read line by line, so a log of any size fits; a document that is spread over lines is read whole, up to a limit.
"""

from __future__ import annotations

import codecs
import gzip
import io
import json
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO, cast

from changelog_ledger.errors import InvalidInput, NotFound
from changelog_ledger.model.delivery import Entry

LARGEST = 128 * 1024 * 1024
"""Bytes of one document, or one line."""

_PIECE = 64 * 1024
_GZIP = b"\x1f\x8b"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_UTF_8_MARK = b"\xef\xbb\xbf"
_OPENING = (b"{", b"[")
_TOO_LARGE = f"larger than {LARGEST // 1024 // 1024} MiB; write it as JSON Lines, one entry a line"

Progress = Callable[[int], None]
"""Called with how many bytes were read since the last call."""


def read_entries(source: str | BinaryIO, progress: Progress = lambda _done: None) -> Iterator[Entry]:
    """The entries of a file, in their order. What cannot be read is an entry with its problem.

    :param source: the path of a file, or an open stream of bytes.
    :raises NotFound: if there is no such file.
    :raises InvalidInput: if it cannot be opened.
    """
    with ExitStack() as stack:
        opened = stack.enter_context(_opened(source)) if isinstance(source, str) else source
        yield from _entries(_Lines(_unpacked(opened), progress))


def _opened(path: str) -> BinaryIO:
    try:
        return Path(path).open("rb")
    except FileNotFoundError as error:
        raise NotFound(f"there is no file {path}", "name a file of JSON, or - for standard input") from error
    except OSError as error:
        raise InvalidInput(f"cannot read {path}: {error.strerror}", "name a file of JSON, or - for standard input") from error


def _unpacked(stream: BinaryIO) -> BinaryIO:
    """The stream without gzip and byte order mark, in UTF-8 (PowerShell's ``>`` writes UTF-16)."""
    buffered = io.BufferedReader(cast("Any", _Readable(stream)))
    if buffered.peek(2)[:2] == _GZIP:
        buffered = io.BufferedReader(cast("Any", gzip.GzipFile(fileobj=buffered)))
    start = _peeked(buffered)
    if start[:2] in _UTF_16:
        return cast("BinaryIO", io.BufferedReader(_InUtf8(buffered)))
    if start == _UTF_8_MARK:
        buffered.read(len(_UTF_8_MARK))
    return cast("BinaryIO", buffered)


def _peeked(stream: io.BufferedReader) -> bytes:
    try:
        return stream.peek(3)[:3]
    except (EOFError, OSError, zlib.error):
        return b""  # whoever reads on is told


class _Readable(io.RawIOBase):
    """Any object with ``read``: standard input, a file, bytes in memory."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece = self._stream.read1(len(buffer)) if hasattr(self._stream, "read1") else self._stream.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)


class _InUtf8(io.RawIOBase):
    """UTF-16 as UTF-8, piece by piece."""

    def __init__(self, stream: io.BufferedReader) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-16")("replace")
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._rest:
            piece = self._stream.read(_PIECE)
            self._rest = self._decoder.decode(piece, final=not piece).encode("utf-8", "replace")
            if not piece:
                break
        given, self._rest = self._rest[: len(buffer)], self._rest[len(buffer) :]
        buffer[: len(given)] = given
        return len(given)


class _Lines:
    """Numbered lines that hold something. :attr:`problem` says why there are no more, where that is not the file's end."""

    def __init__(self, stream: BinaryIO, progress: Progress) -> None:
        self._stream = stream
        self._progress = progress
        self.number = 0
        self.problem = ""

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        while line := self._line():
            self.number += 1
            if line.strip():
                yield self.number, line

    def rest(self, room: int) -> bytes:
        """All that follows, or as much of it as shows that there is too much."""
        pieces = []
        while room >= 0 and (line := self._line()):
            self.number += 1
            room -= len(line)
            pieces.append(line)
        return b"".join(pieces)

    def _line(self) -> bytes:
        try:
            line = self._stream.readline(LARGEST + 1)
        except (EOFError, OSError, zlib.error) as error:
            self.problem = f"it breaks off after line {self.number:,}: {error}"
            return b""
        self._progress(len(line))
        return line


def _entries(lines: _Lines) -> Iterator[Entry]:
    numbered = iter(lines)
    first, second = next(numbered, None), next(numbered, None)
    if first is not None:
        if _are_lines(first[1], second[1] if second else b""):
            for number, line in chain((first,), (second,) if second else (), numbered):
                yield _parsed(number, line)
        else:
            start = first[1] + (second[1] if second else b"")
            yield from _documents(start + lines.rest(LARGEST - len(start)))
    if lines.problem:
        yield Entry(lines.number + 1, problem=lines.problem)


def _are_lines(first: bytes, second: bytes) -> bool:
    """Whether every line is a document: the first is one, or it is torn and the second is one."""
    if not _parsed(1, first).problem or len(first) > LARGEST:
        return True
    return first.strip() not in _OPENING and second.lstrip().startswith(_OPENING) and not _parsed(2, second).problem


def _parsed(number: int, line: bytes) -> Entry:
    if len(line) > LARGEST:
        return Entry(number, problem=_TOO_LARGE)
    try:
        return Entry(number, json.loads(_text(line)))
    except RecursionError:
        return Entry(number, problem="nested too deeply")
    except ValueError as error:
        return Entry(number, problem=f"not JSON: {error}")


def _documents(content: bytes) -> Iterator[Entry]:
    """Documents one after the other, as ``kubectl get --watch -o json`` writes them. What follows a torn one cannot be told from it."""
    if len(content) > LARGEST:
        yield Entry(1, problem=_TOO_LARGE)
        return
    words = _text(content)
    decoder = json.JSONDecoder()
    place, number = _behind_space(words, 0), 0
    while place < len(words):
        number += 1
        try:
            value, end = decoder.raw_decode(words, place)
        except RecursionError:
            yield Entry(number, problem="nested too deeply")
            return
        except ValueError as error:
            yield Entry(number, problem=f"not JSON: {error}")
            return
        yield Entry(number, value)
        place = _behind_space(words, end)


def _behind_space(words: str, place: int) -> int:
    while place < len(words) and words[place] in " \t\r\n\x1e,":  # RFC 7464 begins each text with a record separator
        place += 1
    return place


def _text(content: bytes) -> str:
    """UTF-8; what is none stays visible."""
    return content.decode("utf-8", "backslashreplace").removeprefix("\ufeff")
