"""One file of a log, compressed or not, in blocks of whole lines."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import zlib
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from io import BufferedReader, FileIO
from types import TracebackType
from typing import Any, NamedTuple, Self

from changelog_ledger.model.ingestion import Gap
from changelog_ledger.model.log_lines import LogLine
from changelog_ledger.sources.log_generations import Generation, digest
from changelog_ledger.sources.rooted import open_file

LONGEST_LINE = 1024 * 1024
"""Bytes of a line that are kept."""

DAMAGE = (OSError, EOFError, zlib.error, lzma.LZMAError, ValueError)
"""What reading and decompressing raise where a file is damaged or ends too early."""

_CHUNK = 1024 * 1024
_TAIL = 4096
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
"""Of UTF-8 and of UTF-16, whose plain characters are what is left without the NUL bytes."""
_MAGIC = {b"\x1f\x8b": "gz", b"\xfd7zXZ\x00": "xz", b"BZh": "bz2", b"\x28\xb5\x2f\xfd": "zst", b"\x5d\x00\x00": "lzma"}


class Unreadable(Exception):
    """The file is there and cannot be read; the text says why."""


class LogBlock(NamedTuple):
    """Whole lines of one file.

    :ivar content: each line with its newline; of a line that is too long, its beginning.
    :ivar place: where it begins, counted over all that one reading gives.
    :ivar length: bytes that it takes in the file.
    """

    content: bytes
    source: str
    place: int
    length: int

    def lines(self) -> Iterator[LogLine]:
        """Its lines, without NUL bytes and the byte order marks that editors put before a file's first line."""
        place, source = self.place, self.source
        lines = self.content.split(b"\n")
        del lines[-1]
        has_nul, has_mark = b"\0" in self.content, any(mark in self.content for mark in _MARKS)
        for text in lines:
            plain = text.replace(b"\0", b"") if has_nul else text
            yield LogLine(_without_mark(plain) if has_mark else plain, source, place)
            place += len(text) + 1


class LogStream:
    """A file that is open; a context manager.

    :ivar signature: its size and modification time (ns) when it was opened.
    :ivar lines_read: newlines that were passed.
    :ivar rest: bytes of the incomplete last line, known at the end.
    :ivar tail: the last bytes that were given.
    """

    def __init__(self, source: str, descriptor: int) -> None:
        """Takes the descriptor over.

        :raises Unreadable: if it is compressed in a way that is not known here.
        """
        self._source = source
        status = os.fstat(descriptor)
        self.signature = (status.st_size, status.st_mtime_ns)
        self.lines_read = 0
        self.rest = 0
        self.tail = b""
        self._raw = BufferedReader(FileIO(descriptor), _CHUNK)
        try:
            self._compression = _compression(self._raw.peek(8))
            self._file = _decompressed(self._raw, self._compression)
        except BaseException:
            self._raw.close()
            raise
        self._end = -1 if self._compression else status.st_size  # what is written from now on is the next reading's

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._file.close()
        self._raw.close()

    def beginning(self, length: int) -> bytes:
        """The first bytes, as far as they can be read. Reading goes on from the beginning then."""
        content = self._read(length)
        self._restart()
        return content

    def go_to(self, known: Generation) -> int:
        """Go where the generation was read to, or to the beginning if the file was rewritten since. The offset."""
        self._file.seek(known.offset - known.tail_length)
        tail = self._read(known.tail_length)
        if self._file.tell() == known.offset and (self._end < 0 or known.offset <= self._end) and (not tail or digest(tail) == known.tail):
            self.tail = tail
            return known.offset
        self._restart()
        return 0

    def _restart(self) -> None:
        """From the beginning, with a decompressor that has met no damage yet: one that has would take it for the end."""
        self._raw.seek(0)
        self._file = _decompressed(self._raw, self._compression)

    def blocks(self, place: int, gaps: list[Gap]) -> Iterator[LogBlock]:
        """Whole lines from here on.

        :param place: of the first byte.
        :param gaps: told of lines that are too long, and of NUL bytes.
        """
        content = b""
        while chunk := self._file.read1(self._limit()):
            content += chunk
            if _first_line(content) > LONGEST_LINE:
                gaps.append(Gap(self._source, f"line {self.lines_read + 1:,} is longer than {LONGEST_LINE:,} bytes; its beginning was read"))
                kept, length, content = self._passed(content)
                if not length:
                    self.rest = 1
                    return
                yield self._block(kept + b"\n", length, place, gaps)
                place += length
            cut = content.rfind(b"\n") + 1
            if cut:
                yield self._block(content[:cut], cut, place, gaps)
                place, content = place + cut, content[cut:]
        self.rest = len(content)

    def _limit(self) -> int:
        return _CHUNK if self._end < 0 else max(0, min(_CHUNK, self._end - self._file.tell()))

    def _passed(self, content: bytes) -> tuple[bytes, int, bytes]:
        """Pass a line that is too long: its beginning, its bytes with the newline (0 if it has no end), and what was read behind it."""
        kept, length, chunk = content[:LONGEST_LINE], 0, content
        while (end := chunk.find(b"\n")) < 0:
            length += len(chunk)
            chunk = self._file.read1(self._limit())
            if not chunk:
                return kept, 0, b""
        return kept, length + end + 1, chunk[end + 1 :]

    def _block(self, content: bytes, length: int, place: int, gaps: list[Gap]) -> LogBlock:
        if b"\0" in content:
            gap = Gap(self._source, "holds NUL bytes (the machine went down while it was written?); they were left out")
            if gap not in gaps:
                gaps.append(gap)
        self.lines_read += content.count(b"\n")
        self.tail = (self.tail + content)[-_TAIL:] if len(content) < _TAIL else content[-_TAIL:]
        return LogBlock(content, self._source, place, length)

    def _read(self, length: int) -> bytes:
        """So many bytes, or what there is of them."""
        content = b""
        try:
            while len(content) < length and (chunk := self._file.read1(length - len(content))):
                content += chunk
        except DAMAGE:  # whoever reads on from here meets it again, and tells
            return content
        return content


def opened_stream(root: str, path: str) -> LogStream:
    """Open a file of a log below a root.

    :raises Unreadable: if it is no file, or compressed in a way that is not known here.
    :raises OSError: if it is not there, or may not be read.
    """
    return LogStream(path, open_file(root, path))


def _first_line(content: bytes) -> int:
    """How long the first line is, as far as it is there."""
    end = content.find(b"\n")
    return end if end >= 0 else len(content)


def _without_mark(text: bytes) -> bytes:
    return next((text[len(mark) :] for mark in _MARKS if text.startswith(mark)), text)


def _compression(beginning: bytes) -> str:
    """By the first bytes, for a name may lie."""
    return next((name for magic, name in _MAGIC.items() if beginning.startswith(magic)), "")


def _decompressed(raw: Any, compression: str) -> Any:
    match compression:
        case "":
            return raw
        case "gz":
            return gzip.GzipFile(fileobj=raw)
        case "bz2":
            return bz2.BZ2File(raw)
        case "xz" | "lzma":
            return lzma.LZMAFile(raw)
    if find_spec("compression") is None:
        raise Unreadable("compressed with zstd, which this Python cannot read (3.14 can): zstd -d, then again")
    return import_module("compression.zstd").ZstdFile(raw)
